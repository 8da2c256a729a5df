// SPDX-License-Identifier: Apache-2.0
/* Work for the root partition: prints how far the TSC advanced while it was done. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#define CPU_ROUNDS   5000000u
#define MEMORY_SIZE  (64ul << 20)
#define PAGE_SIZE    4096ul
#define MEMORY_READS 1000000u
#define FORKS        100

/* Keeps results alive. */
static volatile uint64_t sink;

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Arithmetic, nothing else. */
static void work_cpu(const char *self)
{
	uint64_t state = 88172645463325252ul;

	(void)self;
	for (unsigned int i = 0; i < CPU_ROUNDS; i++)
		next_random(&state);
	sink = state;
}

/* Fresh pages, then reads all over them, then back with them. */
static void work_memory(const char *self)
{
	uint64_t state = 88172645463325252ul, sum = 0;
	unsigned char *memory = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)self;
	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	for (unsigned long at = 0; at < MEMORY_SIZE; at += PAGE_SIZE)
		memory[at] = (unsigned char)at;
	for (unsigned int i = 0; i < MEMORY_READS; i++)
		sum += memory[next_random(&state) % MEMORY_SIZE];
	sink = sum;
	munmap(memory, MEMORY_SIZE);
}

/* Processes that start this program again and end at once. */
static void work_fork(const char *self)
{
	for (int i = 0; i < FORKS; i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			execl(self, self, "nothing", (char *)NULL);
			_exit(127);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
			fprintf(stderr, "work: a process did not start or end\n");
			exit(1);
		}
	}
}

static const struct {
	const char *name;
	void (*work)(const char *self);
} kinds[] = {
	{"cpu", work_cpu},
	{"memory", work_memory},
	{"fork", work_fork},
};

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "nothing") == 0)
		return 0; /* one of work_fork()'s */
	for (size_t i = 0; argc == 2 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint64_t begin;

		if (strcmp(argv[1], kinds[i].name) != 0)
			continue;
		begin = __rdtsc();
		kinds[i].work(argv[0]);
		printf("%lu\n", (unsigned long)(__rdtsc() - begin));
		return 0;
	}
	fprintf(stderr, "usage: work cpu|memory|fork\n");
	return 2;
}

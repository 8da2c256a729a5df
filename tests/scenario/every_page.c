// SPDX-License-Identifier: Apache-2.0
/* Take BYTES of memory, write a different word into every page, see that all are still there. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE 4096u

int main(int argc, char **argv)
{
	size_t size = argc == 2 ? strtoull(argv[1], NULL, 0) / PAGE * PAGE : 0;
	uint8_t *memory;

	if (size == 0) {
		fputs("usage: every_page BYTES\n", stderr);
		return 2;
	}
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		perror("every_page: mmap");
		return 1;
	}
	madvise(memory, size, MADV_HUGEPAGE);
	for (size_t at = 0; at < size; at += PAGE)
		*(volatile uint64_t *)(memory + at) = ~at;
	for (size_t at = 0; at < size; at += PAGE) {
		uint64_t found = *(volatile uint64_t *)(memory + at);

		if (found != ~at) {
			fprintf(stderr, "every_page: at 0x%zx: 0x%llx\n", at,
				(unsigned long long)found);
			return 1;
		}
	}
	return 0;
}

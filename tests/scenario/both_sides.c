// SPDX-License-Identifier: Apache-2.0
/*
 * Interrupts as Linux and as the hypervisor count them, at one moment: the hypervisor is read
 * between two readings of Linux's counts that find the same. Such a moment takes some tries, as
 * this processor has a clock that ticks. usage: both_sides READINGS; prints one a line, as JSON.
 *
 * "total" is that of /proc/stat: it has the kicks of paravirtual spin locks, too, which have no
 * line in /proc/interrupts.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/mshv.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "abi/hv/bulkhead.h"
#include "abi/hv/hypercall.h"
#include "abi/hv/partition.h"

#define TRIES    20000u
#define PAUSE_US 5000u /* between readings that count */
#define PAGES    16u

struct counters {
	struct bulkhead_counters header;
	struct bulkhead_counter counter[(4096 - sizeof(struct bulkhead_counters)) /
					sizeof(struct bulkhead_counter)];
};

struct root {
	char interrupts[1 << 16];
	char stat[1 << 16];
};

static struct root before, after;
static _Alignas(4096) uint8_t page[PAGES][4096];
static unsigned int pages;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* All of the file `path` into the `room` bytes at `text`, terminated. */
static void read_file(const char *path, char *text, size_t room)
{
	int fd = open(path, O_RDONLY);
	size_t length = 0;
	ssize_t got;

	if (fd < 0)
		die(path);
	while ((got = read(fd, text + length, room - 1 - length)) > 0)
		length += (size_t)got;
	if (got < 0 || length == room - 1)
		die(path);
	text[length] = '\0';
	close(fd);
}

static void read_root(struct root *root)
{
	read_file("/proc/interrupts", root->interrupts, sizeof(root->interrupts));
	read_file("/proc/stat", root->stat, sizeof(root->stat));
}

/* All interrupts since Linux started. */
static unsigned long long total(const struct root *root)
{
	const char *line = strstr(root->stat, "\nintr ");

	if (!line)
		die("both_sides: /proc/stat has no interrupts");
	return strtoull(line + 6, NULL, 10);
}

/* All counters of the hypervisor. */
static void read_counters(int mshv)
{
	uint32_t done = 0;

	pages = 0;
	for (;;) {
		struct counters *counters = (struct counters *)page[pages];
		struct hv_input_get_partition_property_ex in = {
			.partition_id = HV_PARTITION_ID_SELF,
			.property_code = BULKHEAD_PROPERTY_COUNTERS,
			.arg = done,
		};
		struct mshv_root_hvcall call = {
			.code = HVCALL_GET_PARTITION_PROPERTY_EX,
			.in_sz = sizeof(in),
			.out_sz = 4096,
			.in_ptr = (uintptr_t)&in,
			.out_ptr = (uintptr_t)counters,
		};

		if (ioctl(mshv, MSHV_ROOT_HVCALL, &call) < 0)
			die("both_sides: MSHV_ROOT_HVCALL");
		done += counters->header.count;
		if (++pages == PAGES || done >= counters->header.total)
			break;
	}
}

/* The total, and the sum over all processors by the names of the lines. */
static void print_root(struct root *root)
{
	char *line, *lines = root->interrupts;

	strsep(&lines, "\n"); /* names of processors */
	printf("{\"root\":{\"total\":%llu", total(root));
	while ((line = strsep(&lines, "\n")) && *line) {
		char *name = strsep(&line, ":");
		unsigned long long sum = 0;
		char *end;

		while (line) {
			unsigned long long count = strtoull(line, &end, 10);

			if (end == line)
				break;
			sum += count;
			line = end;
		}
		printf(",\"%s\":%llu", name + strspn(name, " "), sum);
	}
}

static void print_counters(void)
{
	const char *separator = "";

	printf("},\"hypervisor\":{");
	for (unsigned int i = 0; i < pages; i++) {
		const struct counters *counters = (const struct counters *)page[i];

		for (uint32_t j = 0; j < counters->header.count; j++) {
			printf("%s\"%s\":%llu", separator, counters->counter[j].name,
			       (unsigned long long)counters->counter[j].value);
			separator = ",";
		}
	}
	puts("}}");
}

int main(int argc, char **argv)
{
	unsigned long readings = argc == 2 ? strtoul(argv[1], NULL, 0) : 0;
	int mshv = open("/dev/mshv", O_RDWR | O_CLOEXEC);
	cpu_set_t first;

	if (readings == 0) {
		fputs("usage: both_sides READINGS\n", stderr);
		return 2;
	}
	if (mshv < 0)
		die("both_sides: /dev/mshv");
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first) < 0)
		die("both_sides: sched_setaffinity");
	for (unsigned int i = 0; i < TRIES && readings > 0; i++) {
		read_root(&before);
		read_counters(mshv);
		read_root(&after);
		if (total(&before) != total(&after) ||
		    strcmp(before.interrupts, after.interrupts) != 0)
			continue;
		print_root(&after);
		print_counters();
		readings--;
		usleep(PAUSE_US);
	}
	if (readings > 0)
		fputs("both_sides: it was never quiet\n", stderr);
	return readings > 0;
}

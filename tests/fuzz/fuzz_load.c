// SPDX-License-Identifier: Apache-2.0
/*
 * The loaders under libFuzzer: an input is a kernel's file. Whatever it is, it is loaded into the
 * machine's memory and nowhere else, or refused with a reason.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/layout.h"
#include "worker/load/entry.h"
#include "worker/load/load.h"

#define RAM_SIZE (24 * MIB) /* room for a kernel at 16 MiB, where Linux prefers to be */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct guest_memory memory;
	static const uint8_t initrd[100];
	struct load_request request = {
		.kernel = {data, size},
		.initrd = {initrd, sizeof(initrd)},
		.command_line = "quiet",
		.rsdp = ACPI_ADDRESS,
	};
	struct load_entry entry;
	const char *problem;

	if (!memory.count) {
		memory_arrange(&memory, RAM_SIZE);
		memory.regions[0].host = malloc(RAM_SIZE);
		if (!memory.regions[0].host)
			abort();
	}
	problem = load_kernel(&memory, &request, &entry);
	if (problem && !*problem) {
		fputs("broken: refused without a reason\n", stderr);
		abort();
	}
	if (!problem)
		entry_write_tables(&memory, &entry);
	return 0;
}

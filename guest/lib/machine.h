// SPDX-License-Identifier: Apache-2.0
/* The machine around a guest: what the loader said, pages of memory, the way out. */
#ifndef GUEST_MACHINE_H
#define GUEST_MACHINE_H

#include "core/types.h"

/* The rest of the command line behind `option`, or NULL; values contain spaces. */
const char *machine_option(const char *option);

/* The command line, and ACPI's root pointer (0: not told). */
const char *machine_command_line(void);
uint64_t machine_rsdp(void);

/* A range of the memory map, type 1 is RAM. Returns false beyond the last one. */
struct machine_range {
	uint64_t start;
	uint64_t end;
	uint32_t type;
};
#define MACHINE_RAM 1u
bool machine_range(unsigned int index, struct machine_range *range);

/* The range that `address` lies in. Returns false if there is none. */
bool machine_range_of(uint64_t address, struct machine_range *range);

/* Pages of ordinary memory for a test's use, MACHINE_PAGES in all; each keeps what was in it. */
#define MACHINE_PAGES 768u
uint64_t machine_page(unsigned int index);

/* Silence the interrupt controllers of the PC, which firmware may have left ticking. */
void machine_quiet(void);

/* End an emulated machine: QEMU exits with 1 for success and 3 for failure (isa-debug-exit). */
void machine_exit(bool success) __noreturn;

#endif

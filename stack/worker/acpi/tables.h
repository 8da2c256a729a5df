// SPDX-License-Identifier: Apache-2.0
/*
 * The ACPI tables of a machine. The DSDT is compiled at build time; what depends on the machine
 * (its processors, the end of its RAM) is written here. Source: ACPI 6.5, chapter 5.
 */
#ifndef WORKER_ACPI_TABLES_H
#define WORKER_ACPI_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include "worker/layout.h"

extern const uint8_t acpi_dsdt[];
extern const size_t acpi_dsdt_size;

struct acpi_machine {
	unsigned int cpus;   /* 1..VP_MAX; APIC ids are 0..cpus - 1 */
	uint64_t memory_end; /* the first address behind all RAM */
	const uint8_t *dsdt;
	size_t dsdt_size;
};

/* Where the high window of the VMBus device begins. */
uint64_t acpi_high_window(uint64_t memory_end);

/*
 * Write the tables for the address ACPI_ADDRESS into `area`, which is cleared first. Returns the
 * address of the root pointer (RSDP), or 0 if the tables are larger than the area.
 */
uint64_t acpi_build(const struct acpi_machine *machine, uint8_t area[ACPI_SIZE]);

#endif

// SPDX-License-Identifier: Apache-2.0
/* ACPI tables as firmware left them (ACPI 6.5, chapter 5): finding, checking, and the few fields we
 * read. */
#ifndef X86_ACPI_H
#define X86_ACPI_H

#include "core/types.h"

struct __packed acpi_rsdp {
	char signature[8]; /* "RSD PTR " */
	uint8_t checksum;  /* of the first 20 bytes */
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length; /* from here on: revision 2 and up */
	uint64_t xsdt;
	uint8_t extended_checksum;
	uint8_t reserved[3];
};
_Static_assert(sizeof(struct acpi_rsdp) == 36, "ACPI 5.2.5.3");

struct __packed acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem_id[6];
	char oem_table_id[8];
	uint32_t oem_revision;
	uint32_t creator_id;
	uint32_t creator_revision;
};
_Static_assert(sizeof(struct acpi_header) == 36, "ACPI 5.2.6");

/* The fixed description table, as far as we read it (ACPI 5.2.9). */
struct __packed acpi_fadt {
	struct acpi_header header;
	uint32_t facs, dsdt;
	uint8_t reserved0, profile;
	uint16_t sci;
	uint32_t smi_command;
	uint8_t acpi_enable, acpi_disable, s4bios, pstate;
	uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control, pm_timer;
	uint8_t pad0[132 - 80];
	uint64_t x_facs, x_dsdt;
};
_Static_assert(offsetof(struct acpi_fadt, pm1a_control) == 64, "ACPI 5.2.9");
_Static_assert(offsetof(struct acpi_fadt, pm_timer) == 76, "ACPI 5.2.9");
_Static_assert(offsetof(struct acpi_fadt, x_dsdt) == 140, "ACPI 5.2.9");

/* Longest table we look at; a longer one is taken for damaged. */
#define ACPI_TABLE_MAX  (16u << 20)
/* Most tables an RSDT or XSDT may list. */
#define ACPI_TABLES_MAX 128u

/* Sum of `size` bytes modulo 256: 0 over an intact table. */
uint8_t acpi_sum(const void *data, size_t size);

/* True if `table` has a sane length, lies within what is mapped, and sums up. */
bool acpi_table_intact(const struct acpi_header *table);

/* Search the BIOS areas for the root pointer (ACPI 5.2.5.1). Returns its address, 0 if there is
 * none. */
spa_t acpi_find_rsdp(void);

/*
 * Read the list of tables that the root pointer at `rsdp` leads to. Returns how many addresses (up
 * to `max`) were written to `tables`; damaged entries are left out.
 */
uint32_t acpi_list_tables(spa_t rsdp, spa_t *tables, uint32_t max);

/* The first table among `tables` with this signature (4 characters), or NULL. */
void *acpi_table(const spa_t *tables, uint32_t count, const char *signature);

#endif

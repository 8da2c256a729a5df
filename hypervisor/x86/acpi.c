// SPDX-License-Identifier: Apache-2.0
#include "x86/acpi.h"

#include "core/machine.h"
#include "core/string.h"

#define EBDA_SEGMENT 0x40eu
#define BIOS_START   0xe0000u
#define BIOS_END     0x100000u

uint8_t acpi_sum(const void *data, size_t size)
{
	const uint8_t *p = data;
	uint8_t sum = 0;

	while (size-- > 0)
		sum = (uint8_t)(sum + *p++);
	return sum;
}

bool acpi_table_intact(const struct acpi_header *table)
{
	return table->length >= sizeof(*table) && table->length <= ACPI_TABLE_MAX &&
	       acpi_sum(table, table->length) == 0;
}

static bool is_rsdp(const struct acpi_rsdp *rsdp)
{
	return memcmp(rsdp->signature, "RSD PTR ", 8) == 0 && acpi_sum(rsdp, 20) == 0;
}

static spa_t search(spa_t start, spa_t end)
{
	for (spa_t at = start; at + sizeof(struct acpi_rsdp) <= end; at += 16)
		if (is_rsdp(spa_to_virt(at)))
			return at;
	return 0;
}

spa_t acpi_find_rsdp(void)
{
	uint16_t segment;
	spa_t ebda, found = 0;

	memcpy(&segment, spa_to_virt(EBDA_SEGMENT), sizeof(segment));
	ebda = (spa_t)segment << 4;
	if (ebda >= 0x400 && ebda < 0xa0000)
		found = search(ebda, ebda + 1024);
	return found ? found : search(BIOS_START, BIOS_END);
}

uint32_t acpi_list_tables(spa_t rsdp_spa, spa_t *tables, uint32_t max)
{
	const struct acpi_rsdp *rsdp;
	const struct acpi_header *list;
	const uint8_t *entry;
	uint32_t width, entries, count = 0;

	if (rsdp_spa == 0)
		return 0;
	rsdp = spa_to_virt(rsdp_spa);
	if (rsdp->revision >= 2 && rsdp->xsdt != 0) {
		list = spa_to_virt(rsdp->xsdt);
		width = 8;
	} else {
		list = spa_to_virt(rsdp->rsdt);
		width = 4;
	}
	if (!acpi_table_intact(list))
		return 0;
	entry = (const uint8_t *)(list + 1);
	entries = (uint32_t)((list->length - sizeof(*list)) / width);
	for (uint32_t i = 0; i < entries && count < max; i++, entry += width) {
		uint64_t at = 0;

		memcpy(&at, entry, width);
		if (at != 0 && acpi_table_intact(spa_to_virt(at)))
			tables[count++] = at;
	}
	return count;
}

void *acpi_table(const spa_t *tables, uint32_t count, const char *signature)
{
	for (uint32_t i = 0; i < count; i++) {
		struct acpi_header *table = spa_to_virt(tables[i]);

		if (memcmp(table->signature, signature, 4) == 0)
			return table;
	}
	return NULL;
}

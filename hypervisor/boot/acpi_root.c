// SPDX-License-Identifier: Apache-2.0
#include "boot/acpi_root.h"

#include "core/machine.h"
#include "core/string.h"
#include "x86/acpi.h"

/* AML (ACPI 6.5, 20.2): a named object, whose path may start at the root. */
#define AML_NAME_OP 0x08u
#define AML_ROOT    '\\'

/* IVRS (AMD IOMMU specification 5.2.2) and its blocks; DMAR (Intel VT-d specification 8.1) and its
 * structures. */
#define TABLE_BLOCKS       48u
#define IVHD_BASE          8u
#define DRHD_BASE          8u
#define AMD_CONTROL        0x18u
#define AMD_CONTROL_ENABLE BIT(0)
#define VTD_STATUS         0x1cu
#define VTD_STATUS_TES     BIT(31)
#define VTD_STATUS_IRES    BIT(25)

static bool hidden(const struct acpi_header *table)
{
	static const char signatures[][5] = {"DMAR", "IVRS", "VIOT", "APIC"};

	for (size_t i = 0; i < ARRAY_SIZE(signatures); i++)
		if (memcmp(table->signature, signatures[i], 4) == 0)
			return true;
	return false;
}

static void seal(struct acpi_header *table)
{
	table->checksum = 0;
	table->checksum = (uint8_t)-acpi_sum(table, table->length);
}

uint32_t acpi_hide_sleep(uint8_t *table)
{
	struct acpi_header *header = (struct acpi_header *)table;
	uint32_t found = 0;

	for (uint32_t i = sizeof(*header); i + 5 <= header->length; i++) {
		uint32_t name = i + 1;

		if (table[i] != AML_NAME_OP)
			continue;
		if (table[name] == AML_ROOT)
			name++;
		if (name + 4 > header->length || memcmp(&table[name], "_S", 2) != 0 ||
		    table[name + 2] < '1' || table[name + 2] > '3' || table[name + 3] != '_')
			continue;
		table[name] = 'X';
		found++;
	}
	if (found > 0)
		seal(header);
	return found;
}

static void hide_sleep_states(const spa_t *tables, uint32_t count)
{
	const struct acpi_fadt *fadt = acpi_table(tables, count, "FACP");

	if (fadt) {
		spa_t dsdt = fadt->dsdt;

		if (fadt->header.length >= offsetof(struct acpi_fadt, x_dsdt) + 8 &&
		    fadt->x_dsdt != 0)
			dsdt = fadt->x_dsdt;
		if (dsdt != 0 && acpi_table_intact(spa_to_virt(dsdt)))
			acpi_hide_sleep(spa_to_virt(dsdt));
	}
	for (uint32_t i = 0; i < count; i++) {
		struct acpi_header *table = spa_to_virt(tables[i]);

		if (memcmp(table->signature, "SSDT", 4) == 0)
			acpi_hide_sleep((uint8_t *)table);
	}
}

spa_t acpi_root_build(void *buffer, spa_t buffer_spa, const spa_t *tables, uint32_t count,
		      const struct processors *keep)
{
	const struct acpi_header *madt = acpi_table(tables, count, "APIC");
	uint32_t xsdt_at = ALIGN_UP((uint32_t)sizeof(struct acpi_rsdp), 16u);
	uint32_t madt_at = ALIGN_UP(
		xsdt_at + (uint32_t)sizeof(struct acpi_header) + (count + 1) * 8, 16u);
	struct acpi_rsdp *rsdp = buffer;
	struct acpi_header *xsdt = (struct acpi_header *)((uint8_t *)buffer + xsdt_at);
	uint8_t *entry = (uint8_t *)(xsdt + 1);
	uint64_t address;

	if (madt_at + (madt ? madt->length : 0) > ACPI_ROOT_SIZE)
		return 0;
	hide_sleep_states(tables, count);

	memset(buffer, 0, ACPI_ROOT_SIZE);
	memcpy(xsdt, "XSDT", 4);
	xsdt->revision = 1;
	memcpy(xsdt->oem_id, "BULKHD", 6);
	memcpy(xsdt->oem_table_id, "BULKHEAD", 8);
	memcpy(&xsdt->creator_id, "BULK", 4);
	for (uint32_t i = 0; i < count; i++) {
		if (hidden(spa_to_virt(tables[i])))
			continue;
		memcpy(entry, &tables[i], 8);
		entry += 8;
	}
	if (madt) {
		memcpy((uint8_t *)buffer + madt_at, madt, madt->length);
		processors_keep((uint8_t *)buffer + madt_at, keep);
		seal((struct acpi_header *)((uint8_t *)buffer + madt_at));
		address = buffer_spa + madt_at;
		memcpy(entry, &address, 8);
		entry += 8;
	}
	xsdt->length = (uint32_t)(entry - (uint8_t *)xsdt);
	seal(xsdt);

	memcpy(rsdp->signature, "RSD PTR ", 8);
	memcpy(rsdp->oem_id, "BULKHD", 6);
	rsdp->revision = 2;
	rsdp->length = sizeof(*rsdp);
	rsdp->xsdt = buffer_spa + xsdt_at;
	rsdp->checksum = (uint8_t)-acpi_sum(rsdp, 20);
	rsdp->extended_checksum = (uint8_t)-acpi_sum(rsdp, sizeof(*rsdp));
	return buffer_spa;
}

static bool ivhd_type(uint8_t type)
{
	return type == 0x10 || type == 0x11 || type == 0x40;
}

spa_t acpi_find_translating_iommu(const spa_t *tables, uint32_t count,
				  uint64_t (*read)(spa_t address, unsigned int size))
{
	const struct acpi_header *ivrs = acpi_table(tables, count, "IVRS");
	const struct acpi_header *dmar = acpi_table(tables, count, "DMAR");
	uint64_t base;

	for (uint32_t at = TABLE_BLOCKS; ivrs && at + 24 <= ivrs->length;) {
		const uint8_t *block = (const uint8_t *)ivrs + at;
		uint32_t length = block[2] | (uint32_t)block[3] << 8;

		memcpy(&base, block + IVHD_BASE, 8);
		if (ivhd_type(block[0]) && base != 0 &&
		    (read(base + AMD_CONTROL, 8) & AMD_CONTROL_ENABLE))
			return base;
		if (length < 4)
			break;
		at += length;
	}
	for (uint32_t at = TABLE_BLOCKS; dmar && at + 16 <= dmar->length;) {
		const uint8_t *block = (const uint8_t *)dmar + at;
		uint32_t type = block[0] | (uint32_t)block[1] << 8;
		uint32_t length = block[2] | (uint32_t)block[3] << 8;

		memcpy(&base, block + DRHD_BASE, 8);
		if (type == 0 && base != 0 &&
		    (read(base + VTD_STATUS, 4) & (VTD_STATUS_TES | VTD_STATUS_IRES)))
			return base;
		if (length < 4)
			break;
		at += length;
	}
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
/* ACPI tables made by hand in the fake's memory; what the root gets to see of them. */
#include "test.h"

#include "boot/acpi_root.h"
#include "core/machine.h"
#include "fake.h"
#include "x86/acpi.h"

#define RSDP 0xe0010u
#define RSDT 0x20000u
#define XSDT 0x21000u
#define FADT 0x22000u
#define DSDT 0x23000u
#define MADT 0x24000u
#define IVRS 0x25000u
#define DMAR 0x26000u
#define VIOT 0x27000u
#define SSDT 0x28000u
#define ROOT 0x40000u

static const struct processors only_5 = {.count = 1, .apic_id = {5}};

static uint64_t iommu_control;
static spa_t register_read;

static void seal(void *table)
{
	struct acpi_header *header = table;

	header->checksum = 0;
	header->checksum = (uint8_t)-acpi_sum(table, header->length);
}

static void *table(spa_t at, const char *signature, const void *body, uint32_t size)
{
	struct acpi_header *header = spa_to_virt(at);

	memcpy(header->signature, signature, 4);
	header->length = (uint32_t)sizeof(*header) + size;
	if (body)
		memcpy(header + 1, body, size);
	seal(header);
	return header;
}

static int setup(void **state)
{
	static const uint8_t aml[] = {0x08, '_', 'S',  '1',  '_',  0x12, 0x08, '\\', '_',  'S',
				      '3',  '_', 0x12, 0x08, '_',  'S',  '4',  '_',  0x12, 0x08,
				      '_',  'S', '5',  '_',  0x12, '_',  'S',  '2',  '_'};
	static const uint8_t ssdt[] = {0x08, '_', 'S', '2', '_'};
	static const uint8_t madt[] = {0, 0, 0xe0, 0xfe, 1, 0, 0, 0,
				       /* local APICs 0 and 5, an I/O APIC, x2APIC 0x105 */
				       0, 8, 0, 0, 1, 0, 0, 0, 0, 8, 1, 5, 3, 0, 0, 0, 1, 12, 0, 0,
				       0, 0, 0xc0, 0xfe, 0, 0, 0, 0, 9, 16, 0, 0, 5, 1, 0, 0, 1, 0,
				       0, 0, 2, 0, 0, 0};
	const uint64_t list[] = {FADT, MADT, IVRS, DMAR, VIOT, SSDT};
	struct acpi_fadt fadt = {.dsdt = DSDT, .pm_timer = 0x608};
	struct acpi_rsdp *rsdp = spa_to_virt(RSDP);
	uint32_t list32[6];
	uint8_t ivrs[12 + 24] = {0}, dmar[12 + 16] = {0};

	(void)state;
	fake_reset();
	ivrs[12] = 0x10;
	ivrs[12 + 2] = 24;
	ivrs[12 + 10] = 0xd8; /* base 0xfed80000, read in two parts */
	ivrs[12 + 11] = 0xfe;
	dmar[12 + 2] = 16;
	dmar[12 + 10] = 0xd9;
	dmar[12 + 11] = 0xfe;

	table(DSDT, "DSDT", aml, sizeof(aml));
	table(SSDT, "SSDT", ssdt, sizeof(ssdt));
	table(MADT, "APIC", madt, sizeof(madt));
	table(IVRS, "IVRS", ivrs, sizeof(ivrs));
	table(DMAR, "DMAR", dmar, sizeof(dmar));
	table(VIOT, "VIOT", NULL, 12);
	table(FADT, "FACP", (uint8_t *)&fadt + sizeof(struct acpi_header),
	      sizeof(fadt) - sizeof(struct acpi_header));
	table(XSDT, "XSDT", list, sizeof(list));
	for (size_t i = 0; i < 6; i++)
		list32[i] = (uint32_t)list[i];
	table(RSDT, "RSDT", list32, sizeof(list32));

	memcpy(rsdp->signature, "RSD PTR ", 8);
	rsdp->revision = 2;
	rsdp->rsdt = RSDT;
	rsdp->length = sizeof(*rsdp);
	rsdp->xsdt = XSDT;
	rsdp->checksum = (uint8_t)-acpi_sum(rsdp, 20);
	rsdp->extended_checksum = (uint8_t)-acpi_sum(rsdp, sizeof(*rsdp));
	iommu_control = 0;
	register_read = 0;
	return 0;
}

static uint64_t read_register(spa_t address, unsigned int size)
{
	(void)size;
	register_read = address;
	return iommu_control;
}

static uint32_t list(spa_t *tables)
{
	return acpi_list_tables(acpi_find_rsdp(), tables, ACPI_TABLES_MAX);
}

static void test_find(void **state)
{
	spa_t tables[ACPI_TABLES_MAX];
	struct acpi_rsdp *rsdp = spa_to_virt(RSDP);

	(void)state;
	assert_int_equal(acpi_find_rsdp(), RSDP);
	assert_int_equal(list(tables), 6);
	assert_ptr_equal(acpi_table(tables, 6, "FACP"), spa_to_virt(FADT));
	assert_null(acpi_table(tables, 6, "HPET"));
	/* Revision 0 has only the 32-bit list. */
	rsdp->revision = 0;
	rsdp->checksum = 0;
	rsdp->checksum = (uint8_t)-acpi_sum(rsdp, 20);
	memset(spa_to_virt(XSDT), 0xff, 64);
	assert_int_equal(list(tables), 6);
	rsdp->checksum++;
	assert_int_equal(acpi_find_rsdp(), 0);
	assert_int_equal(list(tables), 0);
}

static void test_damaged_tables_are_left_out(void **state)
{
	spa_t tables[ACPI_TABLES_MAX];
	struct acpi_header *madt = spa_to_virt(MADT);
	struct acpi_header *viot = spa_to_virt(VIOT);

	(void)state;
	madt->checksum++;
	viot->length = 7;
	assert_int_equal(list(tables), 4);
	assert_null(acpi_table(tables, 4, "APIC"));
	((struct acpi_header *)spa_to_virt(XSDT))->length = UINT32_MAX;
	assert_int_equal(list(tables), 0);
}

static void test_root_view(void **state)
{
	static const char *const hidden[] = {"IVRS", "DMAR", "VIOT"};
	spa_t tables[ACPI_TABLES_MAX], seen[ACPI_TABLES_MAX];
	uint32_t count;
	const uint8_t *madt;

	(void)state;
	count = list(tables);
	assert_int_equal(acpi_root_build(spa_to_virt(ROOT), ROOT, tables, count, &only_5), ROOT);
	assert_int_equal(acpi_sum(spa_to_virt(ROOT), sizeof(struct acpi_rsdp)), 0);
	count = acpi_list_tables(ROOT, seen, ACPI_TABLES_MAX);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++)
		assert_null(acpi_table(seen, count, hidden[i]));
	assert_ptr_equal(acpi_table(seen, count, "FACP"), spa_to_virt(FADT));
	madt = acpi_table(seen, count, "APIC");
	assert_non_null(madt);
	assert_ptr_not_equal(madt, spa_to_virt(MADT));
	/* Only APIC id 5 is left enabled; the x2APIC id 0x105 is another. */
	assert_int_equal(madt[44 + 4] & 3, 0);
	assert_int_equal(madt[52 + 4] & 3, 3);
	assert_int_equal(madt[72 + 8] & 3, 0);
	/* Firmware's own stays. */
	assert_int_equal(((uint8_t *)spa_to_virt(MADT))[44 + 4], 1);
}

static void test_processors(void **state)
{
	struct processors found;
	uint8_t *madt = spa_to_virt(MADT);

	(void)state;
	processors_list(&found, madt, 5);
	assert_int_equal(found.count, 3);
	assert_int_equal(found.apic_id[0], 5);
	assert_int_equal(found.apic_id[1], 0);
	assert_int_equal(found.apic_id[2], 0x105);
	/* Not enabled, or only capable of it: absent. */
	madt[44 + 4] = 2;
	processors_list(&found, madt, 5);
	assert_int_equal(found.count, 2);
	/* The one we run on counts whatever the table says; without a table it is the only one. */
	processors_list(&found, madt, 7);
	assert_int_equal(found.count, 3);
	assert_int_equal(found.apic_id[0], 7);
	processors_list(&found, NULL, 7);
	assert_int_equal(found.count, 1);
	/* An entry longer than the table ends the list, and one of no length. */
	madt[72 + 1] = 255;
	processors_list(&found, madt, 5);
	assert_int_equal(found.count, 1);
	madt[44 + 1] = 0;
	madt[44 + 4] = 1;
	processors_list(&found, madt, 5);
	assert_int_equal(found.count, 1);
}

static void test_sleep_states(void **state)
{
	spa_t tables[ACPI_TABLES_MAX];
	const uint8_t *dsdt = spa_to_virt(DSDT);
	const uint8_t *aml = dsdt + sizeof(struct acpi_header);

	(void)state;
	assert_int_equal(acpi_root_build(spa_to_virt(ROOT), ROOT, tables, list(tables), &only_5),
			 ROOT);
	assert_memory_equal(aml + 1, "XS1_", 4);
	assert_memory_equal(aml + 8, "XS3_", 4);
	assert_memory_equal(aml + 14, "_S4_", 4);
	assert_memory_equal(aml + 20, "_S5_", 4);
	/* A use of the name is no definition. */
	assert_memory_equal(aml + 25, "_S2_", 4);
	assert_true(acpi_table_intact((const struct acpi_header *)dsdt));
	assert_memory_equal((uint8_t *)spa_to_virt(SSDT) + 37, "XS2_", 4);
	assert_true(acpi_table_intact(spa_to_virt(SSDT)));
	assert_int_equal(acpi_hide_sleep(spa_to_virt(DSDT)), 0);
}

static void test_iommu(void **state)
{
	spa_t tables[ACPI_TABLES_MAX];
	uint32_t count;

	(void)state;
	count = list(tables);
	assert_int_equal(acpi_find_translating_iommu(tables, count, read_register), 0);
	assert_int_equal(register_read, 0xfed9001c);
	iommu_control = 1;
	assert_int_equal(acpi_find_translating_iommu(tables, count, read_register), 0xfed80000);
	assert_int_equal(register_read, 0xfed80018);
	/* VT-d tells in its status register: translation or interrupt remapping. */
	iommu_control = 1u << 31;
	assert_int_equal(acpi_find_translating_iommu(tables, count, read_register), 0xfed90000);
	iommu_control = 1u << 25;
	assert_int_equal(acpi_find_translating_iommu(tables, count, read_register), 0xfed90000);
	/* A block that claims length 0 ends the search. */
	((uint8_t *)spa_to_virt(IVRS))[50] = 0;
	iommu_control = 0;
	assert_int_equal(acpi_find_translating_iommu(tables, count, read_register), 0);
}

static void test_too_large(void **state)
{
	spa_t tables[ACPI_TABLES_MAX];
	struct acpi_header *madt = spa_to_virt(MADT);
	uint32_t count;

	(void)state;
	madt->length = ACPI_ROOT_SIZE;
	seal(madt);
	count = list(tables);
	assert_int_equal(acpi_root_build(spa_to_virt(ROOT), ROOT, tables, count, &only_5), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_find, setup),
		cmocka_unit_test_setup(test_damaged_tables_are_left_out, setup),
		cmocka_unit_test_setup(test_root_view, setup),
		cmocka_unit_test_setup(test_processors, setup),
		cmocka_unit_test_setup(test_sleep_states, setup),
		cmocka_unit_test_setup(test_iommu, setup),
		cmocka_unit_test_setup(test_too_large, setup),
	};

	return cmocka_run_group_tests_name("ACPI of the root", tests, NULL, NULL);
}

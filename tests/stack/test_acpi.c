// SPDX-License-Identifier: Apache-2.0
/* The ACPI tables, read back as a kernel reads them: from the root pointer on. */
#include "test.h"

#include "worker/acpi/tables.h"

static uint8_t area[ACPI_SIZE];
static uint8_t dsdt[100] = "DSDT";
static struct acpi_machine machine = {
	.cpus = 3, .memory_end = 0x40000000, .dsdt = dsdt, .dsdt_size = sizeof(dsdt)};

static uint64_t field(const uint8_t *at, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, at, size);
	return value;
}

static const uint8_t *at(uint64_t address)
{
	assert_in_range(address, ACPI_ADDRESS, ACPI_ADDRESS + ACPI_SIZE - 1);
	return area + (address - ACPI_ADDRESS);
}

static void check_sum(const uint8_t *table, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + table[i]);
	assert_int_equal(sum, 0);
}

/* The table of that signature that the root pointer leads to. */
static const uint8_t *find(const char *signature)
{
	uint64_t rsdp = acpi_build(&machine, area);
	const uint8_t *xsdt;
	size_t count;

	assert_int_not_equal(rsdp, 0);
	assert_memory_equal(at(rsdp), "RSD PTR ", 8);
	check_sum(at(rsdp), 20);
	check_sum(at(rsdp), 36);
	xsdt = at(field(at(rsdp) + 24, 8));
	check_sum(xsdt, field(xsdt + 4, 4));
	count = (field(xsdt + 4, 4) - 36) / 8;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *table = at(field(xsdt + 36 + 8 * i, 8));

		check_sum(table, field(table + 4, 4));
		if (memcmp(table, signature, 4) == 0)
			return table;
	}
	return NULL;
}

static void the_fadt_names_the_power_registers(void **state)
{
	const uint8_t *fadt = find("FACP");

	(void)state;
	assert_non_null(fadt);
	assert_int_equal(field(fadt + 4, 4), 276);
	assert_int_equal(field(fadt + 46, 2), PIN_SCI);
	assert_int_equal(field(fadt + 56, 4), PORT_POWER);
	assert_int_equal(field(fadt + 64, 4), PORT_POWER + 4);
	assert_int_equal(field(fadt + 76, 4), PORT_POWER + 8);
	assert_int_equal(field(fadt + 116, 1), 1);               /* reset by I/O, ... */
	assert_int_equal(field(fadt + 120, 8), PORT_POWER + 12); /* ... there */
	assert_memory_equal(at(field(fadt + 140, 8)), dsdt, sizeof(dsdt));
	assert_memory_equal(at(field(fadt + 36, 4)), "FACS", 4);
	assert_int_equal(field(fadt + 36, 4) % 64, 0);
}

static void the_madt_lists_all_processors(void **state)
{
	const uint8_t *madt = find("APIC"), *entry, *end;
	unsigned int lapics = 0, ioapics = 0, overrides = 0;

	(void)state;
	assert_non_null(madt);
	assert_int_equal(field(madt + 36, 4), LAPIC_BASE);
	end = madt + field(madt + 4, 4);
	for (entry = madt + 44; entry < end; entry += entry[1]) {
		assert_true(entry[1] >= 2);
		if (entry[0] == 0) {
			assert_int_equal(entry[1], 8);
			assert_int_equal(entry[3], lapics);
			assert_int_equal(entry[4] & 1, 1);
			lapics++;
		} else if (entry[0] == 1) {
			assert_int_equal(entry[1], 12);
			assert_int_equal(field(entry + 4, 4), IOAPIC_BASE);
			ioapics++;
		} else if (entry[0] == 2) {
			assert_int_equal(entry[1], 10);
			overrides++;
		}
	}
	assert_ptr_equal(entry, end);
	assert_int_equal(lapics, 3);
	assert_int_equal(ioapics, 1);
	assert_int_equal(overrides, 2);
}

static void the_windows_are_outside_ram(void **state)
{
	const uint8_t *ssdt = find("SSDT");

	(void)state;
	assert_non_null(ssdt);
	assert_int_equal(field(ssdt + 4, 4), 36 + 4 * 14);
	assert_memory_equal(ssdt + 36, "\x08WLOB\x0e", 6);
	assert_true(field(ssdt + 42, 8) >= LOW_RAM_END);
	assert_memory_equal(ssdt + 36 + 28, "\x08WHIB\x0e", 6);
	assert_true(field(ssdt + 36 + 28 + 6, 8) == HIGH_RAM_START);
	assert_true(acpi_high_window(HIGH_RAM_START + 1) > HIGH_RAM_START);
}

static void as_many_processors_as_there_can_be_fit(void **state)
{
	(void)state;
	machine.cpus = VP_MAX;
	assert_int_not_equal(acpi_build(&machine, area), 0);
	machine.cpus = 3;
	machine.dsdt_size = ACPI_SIZE;
	assert_int_equal(acpi_build(&machine, area), 0);
	machine.dsdt_size = sizeof(dsdt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fadt_names_the_power_registers),
		cmocka_unit_test(the_madt_lists_all_processors),
		cmocka_unit_test(the_windows_are_outside_ram),
		cmocka_unit_test(as_many_processors_as_there_can_be_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

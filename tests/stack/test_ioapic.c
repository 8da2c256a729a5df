// SPDX-License-Identifier: Apache-2.0
/* The IO-APIC: registers, edges, levels and their EOIs. */
#include "test.h"

#include "worker/device/ioapic.h"

static struct ioapic ioapic;
static struct ioapic_interrupt got;

static int reset(void **state)
{
	(void)state;
	ioapic_reset(&ioapic);
	return 0;
}

static uint32_t get(uint32_t reg)
{
	ioapic_write(&ioapic, 0x00, reg);
	return ioapic_read(&ioapic, 0x10);
}

static void put(uint32_t reg, uint32_t value)
{
	ioapic_write(&ioapic, 0x00, reg);
	ioapic_write(&ioapic, 0x10, value);
}

/* Program a pin. */
static void route(unsigned int pin, uint32_t low, uint8_t destination)
{
	put(0x11 + 2 * pin, (uint32_t)destination << 24);
	put(0x10 + 2 * pin, low);
}

static void registers_read_as_they_should(void **state)
{
	(void)state;
	assert_int_equal(get(0x01), 0x00170020);
	put(0x00, 0xffffffff);
	assert_int_equal(get(0x00), 0x0f000000);
	assert_int_equal(get(0x10), 0x10000);
	put(0x10 + 2 * 23, 0xffffffff);
	assert_int_equal(get(0x10 + 2 * 23), 0x1afff); /* the status bits are not the guest's */
	put(0x11 + 2 * 23, 0xffffffff);
	assert_int_equal(get(0x11 + 2 * 23), 0xff000000);
	assert_int_equal(get(0x40), 0);
	put(0x40, 1); /* behind the last pin */
	assert_int_equal(ioapic_read(&ioapic, 0x20), 0);
}

static void an_edge_is_delivered_once(void **state)
{
	(void)state;
	route(4, 0x31, 7);
	ioapic_set_line(&ioapic, 4, true);
	assert_true(ioapic_take(&ioapic, &got));
	assert_int_equal(got.vector, 0x31);
	assert_int_equal(got.destination, 7);
	assert_int_equal(got.delivery_mode, 0);
	assert_false(got.level);
	assert_false(got.logical);
	assert_false(ioapic_take(&ioapic, &got));
	ioapic_set_line(&ioapic, 4, true);
	assert_false(ioapic_take(&ioapic, &got));
	ioapic_set_line(&ioapic, 4, false);
	ioapic_set_line(&ioapic, 4, true);
	assert_true(ioapic_take(&ioapic, &got));
}

static void an_edge_waits_for_the_mask(void **state)
{
	(void)state;
	route(2, 0x10030, 0);
	ioapic_set_line(&ioapic, 2, true);
	ioapic_set_line(&ioapic, 2, false);
	assert_false(ioapic_take(&ioapic, &got));
	route(2, 0x30, 0);
	assert_true(ioapic_take(&ioapic, &got));
	assert_false(ioapic_take(&ioapic, &got));
}

static void a_level_is_delivered_until_it_falls(void **state)
{
	(void)state;
	route(9, 0x8931, 3); /* level, logical, lowest priority */
	ioapic_set_line(&ioapic, 9, true);
	assert_true(ioapic_take(&ioapic, &got));
	assert_true(got.level);
	assert_true(got.logical);
	assert_int_equal(got.delivery_mode, 1);
	assert_int_equal(get(0x10 + 18) & 0x4000, 0x4000);
	assert_false(ioapic_take(&ioapic, &got));
	ioapic_eoi(&ioapic, 0x32); /* another vector */
	assert_false(ioapic_take(&ioapic, &got));
	ioapic_eoi(&ioapic, 0x31);
	assert_true(ioapic_take(&ioapic, &got));
	ioapic_set_line(&ioapic, 9, false);
	ioapic_write(&ioapic, 0x40, 0x31);
	assert_int_equal(get(0x10 + 18) & 0x4000, 0);
	assert_false(ioapic_take(&ioapic, &got));
}

static void making_a_pin_edge_triggered_forgets_the_pending_eoi(void **state)
{
	(void)state;
	route(9, 0x8031, 0);
	ioapic_set_line(&ioapic, 9, true);
	assert_true(ioapic_take(&ioapic, &got));
	route(9, 0x10031, 0);
	route(9, 0x8031, 0);
	assert_true(ioapic_take(&ioapic, &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(registers_read_as_they_should, reset),
		cmocka_unit_test_setup(an_edge_is_delivered_once, reset),
		cmocka_unit_test_setup(an_edge_waits_for_the_mask, reset),
		cmocka_unit_test_setup(a_level_is_delivered_until_it_falls, reset),
		cmocka_unit_test_setup(making_a_pin_edge_triggered_forgets_the_pending_eoi, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

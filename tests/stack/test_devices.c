// SPDX-License-Identifier: Apache-2.0
/* All devices behind their ports, and what they ask their owner for. */
#include "test.h"

#include "worker/devices.h"
#include "worker/layout.h"

#define SECOND UINT64_C(1000000000)

static struct devices devices;

static int reset(void **state)
{
	(void)state;
	devices_reset(&devices);
	return 0;
}

static uint8_t inb(uint16_t port)
{
	return (uint8_t)devices_port_read(&devices, port, 1);
}

static void outb(uint16_t port, uint8_t value)
{
	devices_port_write(&devices, port, 1, value);
}

static void ports_without_a_device_read_as_ones(void **state)
{
	(void)state;
	assert_int_equal(devices_port_read(&devices, 0x1234, 4), UINT32_MAX);
	assert_int_equal(devices_port_read(&devices, 0x1234, 2), 0xffff);
	assert_int_equal(devices_port_read(&devices, 0xffff, 4), UINT32_MAX);
	devices_port_write(&devices, 0xffff, 4, 0);
	assert_int_equal(devices.request, DEVICES_NOTHING);
	assert_int_equal(devices_memory_read(&devices, 0xd0000000, 8) == UINT64_MAX, 1);
	assert_int_equal(devices_memory_read(&devices, 0xd0000000, 2), 0xffff);
}

static void what_is_written_to_the_port_is_output(void **state)
{
	(void)state;
	outb(PORT_SERIAL, 'h');
	outb(PORT_SERIAL, 'i');
	assert_int_equal(devices.output_count, 2);
	assert_memory_equal(devices.output, "hi", 2);
	devices_output_done(&devices, 1);
	assert_int_equal(devices.output_count, 1);
	assert_int_equal(devices.output[0], 'i');
}

static void output_is_bounded(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < DEVICES_OUTPUT + 100; i++)
		outb(PORT_SERIAL, (uint8_t)i);
	assert_int_equal(devices.output_count, DEVICES_OUTPUT);
	assert_int_equal(inb(PORT_SERIAL + 5) & 0x60, 0);
	devices_output_done(&devices, 1);
	assert_int_equal(inb(PORT_SERIAL + 5) & 0x60, 0x60);
}

static void power_off_is_sleep_type_five(void **state)
{
	(void)state;
	devices_port_write(&devices, PORT_POWER + 4, 2, 5 << 10 | 1);
	assert_int_equal(devices.request, DEVICES_NOTHING);
	devices_port_write(&devices, PORT_POWER + 4, 2, 3 << 10 | 1 << 13);
	assert_int_equal(devices.request, DEVICES_NOTHING);
	devices_port_write(&devices, PORT_POWER + 4, 2, 5 << 10 | 1 << 13);
	assert_int_equal(devices.request, DEVICES_POWER_OFF);
	outb(PORT_COMMAND, 0xfe);
	assert_int_equal(devices.request, DEVICES_POWER_OFF); /* the first one stays */
}

static void every_way_to_reset_is_one(void **state)
{
	static const struct {
		uint16_t port;
		uint8_t value;
	} ways[] = {
		{PORT_COMMAND, 0xfe}, {PORT_FAST_A20, 1}, {PORT_RESET, 6}, {PORT_POWER + 12, 1}};

	(void)state;
	for (unsigned int i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		devices_reset(&devices);
		outb(ways[i].port, 0);
		assert_int_equal(devices.request, DEVICES_NOTHING);
		outb(ways[i].port, ways[i].value);
		assert_int_equal(devices.request, DEVICES_RESET);
	}
}

static void the_exit_port_has_a_code(void **state)
{
	(void)state;
	devices_port_write(&devices, PORT_DEBUG_EXIT, 4, 0x1234);
	devices_port_write(&devices, PORT_DEBUG_EXIT, 4, 0);
	assert_int_equal(devices.request, DEVICES_EXIT);
	assert_int_equal(devices.exit_code, 0x1234);
}

static void the_power_button_interrupts_where_it_is_enabled(void **state)
{
	struct ioapic_interrupt interrupt;

	(void)state;
	devices_memory_write(&devices, IOAPIC_BASE, 4, 0x10 + 2 * PIN_SCI);
	devices_memory_write(&devices, IOAPIC_BASE + 0x10, 4, 0x8041);
	devices_press_power_button(&devices);
	assert_false(devices_take_interrupt(&devices, &interrupt));
	assert_int_equal(devices_port_read(&devices, PORT_POWER, 2), 0x100);
	devices_port_write(&devices, PORT_POWER + 2, 2, 0x100);
	assert_true(devices_take_interrupt(&devices, &interrupt));
	assert_int_equal(interrupt.vector, 0x41);
	devices_port_write(&devices, PORT_POWER, 2, 0x100);
	assert_int_equal(devices_port_read(&devices, PORT_POWER, 2), 0);
	ioapic_eoi(&devices.ioapic, 0x41);
	assert_false(devices_take_interrupt(&devices, &interrupt));
}

static void typing_interrupts(void **state)
{
	struct ioapic_interrupt interrupt;

	(void)state;
	devices_memory_write(&devices, IOAPIC_BASE, 4, 0x10 + 2 * PIN_SERIAL);
	devices_memory_write(&devices, IOAPIC_BASE + 0x10, 4, 0x34);
	outb(PORT_SERIAL + 4, 0x08);
	outb(PORT_SERIAL + 1, 0x01);
	assert_int_equal(devices_receive(&devices, (const uint8_t *)"ab", 2), 1);
	assert_true(devices_take_interrupt(&devices, &interrupt));
	assert_int_equal(inb(PORT_SERIAL), 'a');
}

static void the_pm_timer_counts_at_its_rate(void **state)
{
	(void)state;
	assert_int_equal(devices_port_read(&devices, PORT_POWER + 8, 4), 0);
	devices.now_ns = SECOND;
	assert_int_equal(devices_port_read(&devices, PORT_POWER + 8, 4), 3579545);
	devices.now_ns = 100 * SECOND;
	assert_int_equal(devices_port_read(&devices, PORT_POWER + 8, 4), 357954500 & 0xffffff);
}

static uint8_t cmos(uint8_t index)
{
	outb(PORT_CMOS, index);
	return inb(PORT_CMOS + 1);
}

static void the_clock_shows_the_time(void **state)
{
	(void)state;
	devices.wall_s = 1000000000; /* 2001-09-09 01:46:40 UTC, a Sunday */
	assert_int_equal(cmos(0x00), 0x40);
	assert_int_equal(cmos(0x02), 0x46);
	assert_int_equal(cmos(0x04), 0x01);
	assert_int_equal(cmos(0x06), 0x01);
	assert_int_equal(cmos(0x07), 0x09);
	assert_int_equal(cmos(0x08), 0x09);
	assert_int_equal(cmos(0x09), 0x01);
	assert_int_equal(cmos(0x32), 0x20);
	assert_int_equal(cmos(0x0a) & 0x80, 0);
	assert_int_equal(cmos(0x0d), 0x80);
	/* binary, twelve hours */
	outb(PORT_CMOS, 0x0b);
	outb(PORT_CMOS + 1, 0x04);
	devices.wall_s = 1000000000 + 12 * 3600;
	assert_int_equal(cmos(0x00), 40);
	assert_int_equal(cmos(0x04), 0x80 | 1);
	outb(PORT_CMOS, 0x0b);
	outb(PORT_CMOS + 1, 0x02);
	devices.wall_s = 951782400; /* 2000-02-29 */
	assert_int_equal(cmos(0x07), 0x29);
	assert_int_equal(cmos(0x08), 0x02);
	devices.wall_s = 253402300799; /* 9999-12-31 23:59:59 */
	assert_int_equal(cmos(0x04), 0x23);
	assert_int_equal(cmos(0x07), 0x31);
	assert_int_equal(cmos(0x08), 0x12);
	assert_int_equal(cmos(0x09), 0x99);
	assert_int_equal(cmos(0x32), 0x99);
	devices.wall_s = 4107542400; /* 2100-03-01 */
	assert_int_equal(cmos(0x07), 0x01);
	assert_int_equal(cmos(0x08), 0x03);
	devices.wall_s = INT64_MAX;
	assert_int_equal(cmos(0x00), 0);
}

static void the_interval_timer_counts_down(void **state)
{
	uint8_t low;

	(void)state;
	assert_true(pit_next_tick(&devices.pit, 0) == PIT_NEVER);
	outb(PORT_PIT + 3, 0x34); /* channel 0, both bytes, rate generator */
	outb(PORT_PIT, 0xa9);
	outb(PORT_PIT, 0x04); /* 1193: about a kilohertz */
	assert_in_range(pit_next_tick(&devices.pit, 0), 999800, 1000000);
	assert_in_range(pit_next_tick(&devices.pit, SECOND), SECOND + 1, SECOND + 1000000);
	devices.now_ns = 500000;
	outb(PORT_PIT + 3, 0x00); /* latch */
	devices.now_ns = 900000;
	low = inb(PORT_PIT);
	assert_int_equal(low | inb(PORT_PIT) << 8, 1193 - 596);
	/* one shot: once, then never again */
	outb(PORT_PIT + 3, 0x30);
	outb(PORT_PIT, 0xa9);
	outb(PORT_PIT, 0x04);
	assert_in_range(pit_next_tick(&devices.pit, 900000), 1899800, 1900000);
	assert_true(pit_next_tick(&devices.pit, 1900000) == PIT_NEVER);
}

static void channel_two_shows_its_output(void **state)
{
	(void)state;
	outb(PORT_SYSTEM, 0x01);
	outb(PORT_PIT + 3, 0xb0); /* channel 2, both bytes, one shot */
	outb(PORT_PIT + 2, 0x00);
	outb(PORT_PIT + 2, 0x10);
	assert_int_equal(inb(PORT_SYSTEM) & 0x20, 0);
	devices.now_ns = 4096 * SECOND / PIT_HZ + 1000;
	assert_int_equal(inb(PORT_SYSTEM) & 0x20, 0x20);
}

/* Linux writes a mask and looks whether it stays. */
static void a_pair_of_pics_is_found(void **state)
{
	(void)state;
	outb(PORT_PIC2 + 1, 0xff);
	outb(PORT_PIC1 + 1, 0xfb);
	assert_int_equal(inb(PORT_PIC1 + 1), 0xfb);
	outb(PORT_PIC1, 0x11);
	outb(PORT_PIC1 + 1, 0x30);
	outb(PORT_PIC1 + 1, 0x04);
	outb(PORT_PIC1 + 1, 0x01);
	assert_int_equal(inb(PORT_PIC1 + 1), 0x00);
	outb(PORT_PIC1 + 1, 0xff);
	assert_int_equal(inb(PORT_PIC1 + 1), 0xff);
}

static uint32_t pci(uint32_t address)
{
	devices_port_write(&devices, PORT_PCI_ADDRESS, 4, address);
	return devices_port_read(&devices, PORT_PCI_ADDRESS + 4, 4);
}

static void configuration_space_has_a_host_bridge_alone(void **state)
{
	(void)state;
	assert_int_equal(pci(0x80000000), 0x00011414);
	assert_int_equal(pci(0x80000008) >> 16, 0x0600);
	assert_int_equal(pci(0x80000010), 0);
	assert_int_equal(pci(0x80000100), UINT32_MAX); /* function 1 */
	assert_int_equal(pci(0x80000800), UINT32_MAX); /* device 1 */
	assert_int_equal(pci(0x00000000), UINT32_MAX); /* not enabled */
	assert_int_equal(devices_port_read(&devices, PORT_PCI_ADDRESS, 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ports_without_a_device_read_as_ones, reset),
		cmocka_unit_test_setup(what_is_written_to_the_port_is_output, reset),
		cmocka_unit_test_setup(output_is_bounded, reset),
		cmocka_unit_test_setup(power_off_is_sleep_type_five, reset),
		cmocka_unit_test_setup(every_way_to_reset_is_one, reset),
		cmocka_unit_test_setup(the_exit_port_has_a_code, reset),
		cmocka_unit_test_setup(the_power_button_interrupts_where_it_is_enabled, reset),
		cmocka_unit_test_setup(typing_interrupts, reset),
		cmocka_unit_test_setup(the_pm_timer_counts_at_its_rate, reset),
		cmocka_unit_test_setup(the_clock_shows_the_time, reset),
		cmocka_unit_test_setup(the_interval_timer_counts_down, reset),
		cmocka_unit_test_setup(channel_two_shows_its_output, reset),
		cmocka_unit_test_setup(a_pair_of_pics_is_found, reset),
		cmocka_unit_test_setup(configuration_space_has_a_host_bridge_alone, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

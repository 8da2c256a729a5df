// SPDX-License-Identifier: Apache-2.0
/* The UART as a driver sees it. */
#include "test.h"

#include "worker/device/serial.h"

static struct serial serial;
static uint8_t out;

static int reset(void **state)
{
	(void)state;
	serial_reset(&serial);
	return 0;
}

static bool put(unsigned int reg, uint8_t value)
{
	return serial_write(&serial, reg, value, &out);
}

static void a_byte_written_leaves(void **state)
{
	(void)state;
	assert_true(put(0, 'x'));
	assert_int_equal(out, 'x');
	assert_int_equal(serial_read(&serial, 5) & 0x60, 0x60);
}

static void the_divisor_is_behind_dlab(void **state)
{
	(void)state;
	put(3, 0x83);
	assert_false(put(0, 0x34));
	put(1, 0x12);
	assert_int_equal(serial_read(&serial, 0), 0x34);
	assert_int_equal(serial_read(&serial, 1), 0x12);
	put(3, 0x03);
	assert_int_equal(serial_read(&serial, 1), 0);
	assert_true(put(0, 'y'));
}

static void received_bytes_come_in_order_and_interrupt(void **state)
{
	(void)state;
	put(2, 0x01);
	put(4, 0x0b);
	put(1, 0x01);
	assert_false(serial_line(&serial));
	serial_receive(&serial, (const uint8_t *)"abc", 3);
	assert_true(serial_line(&serial));
	assert_int_equal(serial_read(&serial, 2) & 0x0f, 0x04);
	assert_int_equal(serial_read(&serial, 0), 'a');
	assert_int_equal(serial_read(&serial, 0), 'b');
	assert_true(serial_line(&serial));
	assert_int_equal(serial_read(&serial, 0), 'c');
	assert_false(serial_line(&serial));
	assert_int_equal(serial_read(&serial, 5) & 0x01, 0);
}

static void nothing_interrupts_without_out2(void **state)
{
	(void)state;
	put(1, 0x0f);
	put(4, 0x03);
	assert_false(serial_line(&serial));
	put(4, 0x0b);
	assert_true(serial_line(&serial));
}

static void an_empty_transmitter_interrupts_once(void **state)
{
	(void)state;
	put(4, 0x08);
	put(1, 0x02);
	assert_true(serial_line(&serial));
	assert_int_equal(serial_read(&serial, 2) & 0x0f, 0x02);
	assert_false(serial_line(&serial));
	assert_int_equal(serial_read(&serial, 2) & 0x0f, 0x01);
	put(0, 'z');
	assert_true(serial_line(&serial));
}

static void the_guest_waits_while_the_other_side_takes_nothing(void **state)
{
	(void)state;
	put(4, 0x08);
	put(1, 0x02);
	(void)serial_read(&serial, 2);
	serial_set_ready(&serial, false);
	assert_int_equal(serial_read(&serial, 5) & 0x60, 0);
	assert_false(serial_line(&serial));
	serial_set_ready(&serial, true);
	assert_int_equal(serial_read(&serial, 5) & 0x60, 0x60);
	assert_true(serial_line(&serial));
}

static void the_fifo_holds_sixteen(void **state)
{
	uint8_t bytes[20];

	(void)state;
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	assert_int_equal(serial_room(&serial), 1);
	put(2, 0x01);
	assert_int_equal(serial_room(&serial), 16);
	serial_receive(&serial, bytes, sizeof(bytes));
	assert_int_equal(serial_room(&serial), 0);
	/* an overrun is told once */
	assert_int_equal(serial_read(&serial, 5) & 0x02, 0x02);
	assert_int_equal(serial_read(&serial, 5) & 0x02, 0);
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(serial_read(&serial, 0), i);
	assert_int_equal(serial_read(&serial, 0), 0);
	serial_receive(&serial, bytes, 2);
	put(2, 0x03);
	assert_int_equal(serial_room(&serial), 16);
}

/* What drivers look for: a 16550A with a FIFO, a scratch register and loopback. */
static void a_driver_finds_a_16550a(void **state)
{
	(void)state;
	put(7, 0xa5);
	assert_int_equal(serial_read(&serial, 7), 0xa5);
	put(2, 0x01);
	assert_int_equal(serial_read(&serial, 2) & 0xc0, 0xc0);
	put(4, 0x10 | 0x0a);
	assert_int_equal(serial_read(&serial, 6) & 0xf0, 0x90);
	assert_false(put(0, 'l'));
	assert_int_equal(serial_read(&serial, 0), 'l');
	put(4, 0);
	assert_int_equal(serial_read(&serial, 6) & 0xf0, 0xb0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_byte_written_leaves, reset),
		cmocka_unit_test_setup(the_divisor_is_behind_dlab, reset),
		cmocka_unit_test_setup(received_bytes_come_in_order_and_interrupt, reset),
		cmocka_unit_test_setup(nothing_interrupts_without_out2, reset),
		cmocka_unit_test_setup(an_empty_transmitter_interrupts_once, reset),
		cmocka_unit_test_setup(the_guest_waits_while_the_other_side_takes_nothing, reset),
		cmocka_unit_test_setup(the_fifo_holds_sixteen, reset),
		cmocka_unit_test_setup(a_driver_finds_a_16550a, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* All of an APIC at once: what is read can be written back, and what cannot be is dropped. */
#include "test.h"

#include "abi/hv/vp_state.h"
#include "apic_fake.h"

#define VP    (&fake.vp[1])
#define OTHER (&fake.vp[2])

static int setup_xapic(void **state)
{
	(void)state;
	apic_fake_reset(false, NULL);
	return 0;
}

static int setup_x2apic(void **state)
{
	static const uint32_t ids[FAKE_VPS] = {0, 0x123, 2, 3};

	(void)state;
	apic_fake_reset(true, ids);
	return 0;
}

/* Leave nothing of `vp` at its reset value; the timer has counted 300 of 1000. */
static void disturb(struct vp *vp)
{
	apic_fake_write(vp, LAPIC_LVT_LINT0, 0x700);
	apic_fake_write(vp, LAPIC_LVT_ERROR, 0x41);
	apic_fake_write(vp, LAPIC_LVT_TIMER, 0x200e0);
	apic_fake_write(vp, LAPIC_DIVIDE, 0xb);
	apic_fake_write(vp, LAPIC_INITIAL_COUNT, 1000);
	fake.time += 300 / APIC_TICKS_PER_UNIT;
	apic_raise_level(vp, 0x90);
	apic_raise(vp, 0x51);
	assert_int_equal(apic_next(vp, true).vector, 0x90);
}

static void test_round_trip(void **unused)
{
	struct hv_local_interrupt_controller_state state, again;

	(void)unused;
	disturb(VP);
	apic_get_state(VP, &state);
	assert_int_equal(state.apic_id, apic_fake_read(VP, LAPIC_ID));
	assert_int_equal(state.version, 0x50014);
	assert_int_equal(state.ldr, apic_fake_read(VP, LAPIC_LDR));
	assert_int_equal(state.spurious, 0x1ff);
	assert_int_equal(state.lvt_lint0, 0x700);
	assert_int_equal(state.lvt_error, 0x41);
	assert_int_equal(state.lvt_timer, 0x200e0);
	assert_int_equal(state.lvt_cmci, LAPIC_LVT_MASKED);
	assert_int_equal(state.isr[4], 1u << 16);
	assert_int_equal(state.tmr[4], 1u << 16);
	assert_int_equal(state.irr[2], 1u << 17);
	assert_int_equal(state.initial_count, 1000);
	assert_int_equal(state.counter_value, 700);
	assert_int_equal(state.divide_configuration, 0xb);

	apic_init(VP);
	fake.time += 12345;
	apic_fake_requests(VP);
	fake.timer_changes = 0;
	apic_set_state(VP, &state);
	apic_get_state(VP, &again);
	assert_memory_equal(&state, &again, sizeof(state));
	/* It looks at what it has now, and its timer goes on from where it was. */
	assert_true(apic_fake_requests(VP) & VP_REQUEST_INTERRUPT);
	assert_int_equal(fake.timer_changes, 1);
	assert_int_equal(apic_timer_next(VP), fake.time + 700 / APIC_TICKS_PER_UNIT);
}

static void test_pins_of_an_apic_that_is_off(void **unused)
{
	struct hv_local_interrupt_controller_state state;

	(void)unused;
	apic_fake_write(VP, LAPIC_SVR, 0xff);
	apic_get_state(VP, &state);
	assert_int_equal(state.lvt_lint0, LAPIC_LVT_MASKED);
	state.lvt_lint0 = 0x700;
	state.lvt_lint1 = 0x400;
	apic_set_state(VP, &state);
	assert_int_equal(VP->apic.lvt[APIC_LVT_LINT0], 0x700);
	assert_int_equal(VP->apic.lvt[APIC_LVT_LINT1], 0x400);
}

static void test_what_cannot_be(void **unused)
{
	struct hv_local_interrupt_controller_state state;

	(void)unused;
	memset(&state, 0xff, sizeof(state));
	apic_set_state(VP, &state);
	assert_int_equal(apic_fake_read(VP, LAPIC_SVR), APIC_SVR_DEFINED);
	assert_int_equal(apic_fake_read(VP, LAPIC_DIVIDE), APIC_DIVIDE_BITS);
	assert_int_equal(apic_fake_read(VP, LAPIC_LVT_TIMER), 0x300ff);
	/* No exception is requested or in service. */
	assert_int_equal(VP->apic.irr.word[0], 0xffff0000);
	assert_int_equal(VP->apic.isr.word[0], 0xffff0000);
	assert_true(apic_timer_count(VP) <= VP->apic.initial_count);

	memset(&state, 0, sizeof(state));
	state.initial_count = 10;
	state.counter_value = 20;
	apic_set_state(VP, &state);
	assert_int_equal(apic_timer_count(VP), 10);
	/* One that has run down stays so. */
	state.counter_value = 0;
	apic_set_state(VP, &state);
	assert_true(apic_timer_next(VP) == APIC_NEVER);
}

static void test_ids_of_x2apic_stay(void **unused)
{
	struct hv_local_interrupt_controller_state state;

	(void)unused;
	apic_get_state(VP, &state);
	assert_int_equal(state.apic_id, 0x123);
	assert_int_equal(state.ldr, 0x12u << 16 | 1u << 3);
	state.apic_id = 7;
	apic_set_state(VP, &state);
	assert_int_equal(apic_fake_read(VP, LAPIC_ID), 0x123);
}

static void test_a_grant_ends_first(void **unused)
{
	struct hv_local_interrupt_controller_state state;

	(void)unused;
	apic_raise(OTHER, 0x60);
	assert_int_equal(apic_next(OTHER, true).vector, 0x60);
	assert_true(apic_fake_take_grant(OTHER));
	/* It was used: the interrupt is over, and the state says so. */
	apic_get_state(OTHER, &state);
	assert_int_equal(state.isr[3], 0);
	assert_int_equal(fake.ended[0x60], 1);

	apic_raise(OTHER, 0x61);
	assert_int_equal(apic_next(OTHER, true).vector, 0x61);
	assert_true(apic_fake_granted(OTHER));
	apic_set_state(OTHER, &state);
	assert_false(apic_fake_granted(OTHER));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_round_trip, setup_xapic),
		{"test_round_trip_x2apic", test_round_trip, setup_x2apic, NULL, NULL},
		cmocka_unit_test_setup(test_pins_of_an_apic_that_is_off, setup_xapic),
		cmocka_unit_test_setup(test_what_cannot_be, setup_xapic),
		cmocka_unit_test_setup(test_ids_of_x2apic_stay, setup_x2apic),
		cmocka_unit_test_setup(test_a_grant_ends_first, setup_xapic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

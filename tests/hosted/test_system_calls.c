// SPDX-License-Identifier: Apache-2.0
/* Calls about the machine: system properties, sleep, run times, events. */
#include "test.h"

#include "fake.h"

#include "abi/hv/hypercall.h"
#include "abi/hv/system.h"

static int setup(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static uint64_t get(uint32_t property)
{
	const struct hv_input_get_system_property input = {.property_id = property};

	return fake_call(HVCALL_GET_SYSTEM_PROPERTY, &input, sizeof(input));
}

static uint64_t set_sleep(uint32_t state, uint8_t a, uint8_t b)
{
	const struct hv_input_set_system_property input = {
		.property_id = HV_SYSTEM_PROPERTY_SLEEP_STATE,
		.set_sleep_state_info = {.sleep_state = state,
					 .pm1a_slp_typ = a,
					 .pm1b_slp_typ = b},
	};

	return fake_call(HVCALL_SET_SYSTEM_PROPERTY, &input, sizeof(input));
}

static uint64_t enter(uint32_t sleep_state)
{
	/* Linux leaves the upper half as it was. */
	const struct hv_input_enter_sleep_state input = {.sleep_state = sleep_state,
							 .padding = 0xDEADBEEF};

	return fake_call(HVCALL_ENTER_SLEEP_STATE, &input, sizeof(input));
}

static void test_scheduler_type(void **state)
{
	const struct hv_output_get_system_property *output = fake_output();

	(void)state;
	assert_int_equal(get(HV_SYSTEM_PROPERTY_SCHEDULER_TYPE), 0);
	assert_int_equal(output->value, HV_SCHEDULER_TYPE_ROOT);
}

static void test_unknown_system_property(void **state)
{
	struct hv_input_set_system_property input = {
		.property_id = HV_SYSTEM_PROPERTY_SCHEDULER_TYPE};

	(void)state;
	assert_int_equal(get(HV_SYSTEM_PROPERTY_CRASHDUMPAREA), HV_STATUS_UNKNOWN_PROPERTY);
	assert_int_equal(get(HV_DYNAMIC_PROCESSOR_FEATURE_PROPERTY), HV_STATUS_UNKNOWN_PROPERTY);
	assert_int_equal(get(0), HV_STATUS_UNKNOWN_PROPERTY);
	assert_int_equal(fake_call(HVCALL_SET_SYSTEM_PROPERTY, &input, sizeof(input)),
			 HV_STATUS_UNKNOWN_PROPERTY);
}

static void test_sleep_states(void **state)
{
	(void)state;
	assert_int_equal(set_sleep(5, 1, 7), 0);
	assert_int_equal(fake.slp_typa, 1);
	assert_int_equal(fake.slp_typb, 7);
	/* Sleep types of three bits, states that are served; the known one stays as it is. */
	assert_int_equal(set_sleep(5, 8, 0), HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE);
	assert_int_equal(set_sleep(5, 0, 8), HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE);
	assert_int_equal(set_sleep(3, 0, 0), HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE);
	assert_int_equal(set_sleep(0, 0, 0), HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE);
	assert_int_equal(set_sleep(6, 0, 0), HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE);
	assert_int_equal(set_sleep(UINT32_MAX, 0, 0), HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE);
	assert_int_equal(fake.slp_typa, 1);
	assert_int_equal(fake.slp_typb, 7);
	assert_int_equal(fake.sleep_states, 1u << 5);
}

static void test_power_off(void **state)
{
	(void)state;
	assert_int_equal(set_sleep(5, 1, 7), 0);
	if (setjmp(fake.power_off) == 0) {
		enter(5);
		fail_msg("the machine is still on");
	}
	assert_int_equal(fake.slept, 5);
	assert_string_equal(fake.log, "root partition enters sleep state S5");
}

static void test_sleep_that_was_not_described(void **state)
{
	(void)state;
	if (setjmp(fake.power_off) != 0)
		fail_msg("the machine went off");
	assert_int_equal(enter(5), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(set_sleep(5, 1, 7), 0);
	assert_int_equal(enter(4), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(enter(0), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(enter(UINT32_MAX), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(fake.slept, 0);
}

static uint64_t run_time(uint32_t lp)
{
	const struct hv_input_get_logical_processor_run_time input = {.lp_index = lp,
								      .padding = 0xDEADBEEF};

	return fake_call(HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME, &input, sizeof(input));
}

/* Linux takes every status but these two for fatal. */
static void test_run_time(void **state)
{
	const struct hv_output_get_logical_processor_run_time *output = fake_output();

	(void)state;
	fake.reference_time = 1234567;
	assert_int_equal(run_time(0), 0);
	assert_int_equal(output->global_time, 1234567);
	assert_int_equal(output->local_run_time, 1234567);
	assert_int_equal(output->reserved, 0);
	assert_int_equal(output->hypervisor_time, 0);
	assert_int_equal(run_time(1), HV_STATUS_INVALID_LP_INDEX);
	assert_int_equal(run_time(UINT32_MAX), HV_STATUS_INVALID_LP_INDEX);
}

static void test_partition_event(void **state)
{
	struct hv_input_notify_partition_event input = {
		.event = HV_PARTITION_ALL_LOGICAL_PROCESSORS_STARTED};

	(void)state;
	assert_int_equal(fake_call(HVCALL_NOTIFY_PARTITION_EVENT, &input, sizeof(input)), 0);
	input.event = HV_PARTITION_EVENT_ROOT_CRASHDUMP;
	assert_int_equal(fake_call(HVCALL_NOTIFY_PARTITION_EVENT, &input, sizeof(input)),
			 HV_STATUS_INVALID_PARAMETER);
	input.event = 0;
	assert_int_equal(fake_call(HVCALL_NOTIFY_PARTITION_EVENT, &input, sizeof(input)),
			 HV_STATUS_INVALID_PARAMETER);
}

static void test_long_spin_wait(void **state)
{
	(void)state;
	fake.root.privileges = 0;
	assert_int_equal(fake_hypercall(HVCALL_NOTIFY_LONG_SPIN_WAIT | HV_HYPERCALL_FAST_BIT, 9, 0),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_scheduler_type, setup),
		cmocka_unit_test_setup(test_unknown_system_property, setup),
		cmocka_unit_test_setup(test_sleep_states, setup),
		cmocka_unit_test_setup(test_power_off, setup),
		cmocka_unit_test_setup(test_sleep_that_was_not_described, setup),
		cmocka_unit_test_setup(test_run_time, setup),
		cmocka_unit_test_setup(test_partition_event, setup),
		cmocka_unit_test_setup(test_long_spin_wait, setup),
	};

	return cmocka_run_group_tests_name("system_calls", tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* Calls about the machine as a whole, and its end. Source: Linux's root partition code. */
#include "abi/hv/system.h"

#include "abi/hv/msr.h"
#include "abi/hv/status.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "x86/cpu.h"

static uint64_t get(uint32_t property, uint64_t *value)
{
	struct hv_input_get_system_property *in = hypercall_prepare();
	uint64_t result;

	in->property_id = property;
	result = hypercall(CONTROL(HVCALL_GET_SYSTEM_PROPERTY));
	memcpy(value, hypercall_out, sizeof(*value));
	return result;
}

static uint64_t set_sleep_state(uint32_t state, uint8_t slp_typ_a, uint8_t slp_typ_b)
{
	struct hv_input_set_system_property *in = hypercall_prepare();

	in->property_id = HV_SYSTEM_PROPERTY_SLEEP_STATE;
	in->set_sleep_state_info.sleep_state = state;
	in->set_sleep_state_info.pm1a_slp_typ = slp_typ_a;
	in->set_sleep_state_info.pm1b_slp_typ = slp_typ_b;
	return hypercall(CONTROL(HVCALL_SET_SYSTEM_PROPERTY));
}

static uint64_t enter_sleep_state(uint32_t state)
{
	struct hv_input_enter_sleep_state *in = hypercall_prepare();

	in->sleep_state = state;
	return hypercall(CONTROL(HVCALL_ENTER_SLEEP_STATE));
}

TEST(scheduler, "system: the scheduler is the root's")
{
	uint64_t value;

	EXPECT_EQ(get(HV_SYSTEM_PROPERTY_SCHEDULER_TYPE, &value), HV_STATUS_SUCCESS);
	EXPECT_EQ(value, HV_SCHEDULER_TYPE_ROOT);
}

TEST(unknown, "system: properties that do not exist")
{
	static const uint32_t list[] = {0, HV_DYNAMIC_PROCESSOR_FEATURE_PROPERTY,
					HV_SYSTEM_PROPERTY_CRASHDUMPAREA, 0xffffffff};
	struct hv_input_set_system_property *in;
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		test_about("property %u", list[i]);
		EXPECT_EQ(get(list[i], &value), HV_STATUS_UNKNOWN_PROPERTY);
		EXPECT_EQ(value, 0xeeeeeeeeeeeeeeee);
		in = hypercall_prepare();
		in->property_id = list[i];
		EXPECT_EQ(hypercall(CONTROL(HVCALL_SET_SYSTEM_PROPERTY)),
			  HV_STATUS_UNKNOWN_PROPERTY);
	}
	in = hypercall_prepare();
	in->property_id = HV_SYSTEM_PROPERTY_SCHEDULER_TYPE;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_SET_SYSTEM_PROPERTY)), HV_STATUS_UNKNOWN_PROPERTY);
}

TEST(sleep_refused, "system: sleep states that are not there, or were never described")
{
	for (uint32_t state = 0; state <= HV_SLEEP_STATE_LOCK; state++) {
		test_about("S%u", state);
		EXPECT_EQ(enter_sleep_state(state), HV_STATUS_INVALID_PARAMETER);
		if (state != HV_SLEEP_STATE_S5)
			EXPECT_EQ(set_sleep_state(state, 0, 0),
				  HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE);
	}
	EXPECT_EQ(set_sleep_state(HV_SLEEP_STATE_S5, HV_SLP_TYP_MAX + 1, 0),
		  HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE);
	EXPECT_EQ(set_sleep_state(HV_SLEEP_STATE_S5, 0, HV_SLP_TYP_MAX + 1),
		  HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE);
	EXPECT_EQ(enter_sleep_state(HV_SLEEP_STATE_S5), HV_STATUS_INVALID_PARAMETER);
}

TEST(event, "system: of the partition's events the start of all processors is taken note of")
{
	struct hv_input_notify_partition_event *in = hypercall_prepare();

	in->event = HV_PARTITION_ALL_LOGICAL_PROCESSORS_STARTED;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_NOTIFY_PARTITION_EVENT)), HV_STATUS_SUCCESS);
	in->event = HV_PARTITION_EVENT_ROOT_CRASHDUMP;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_NOTIFY_PARTITION_EVENT)), HV_STATUS_INVALID_PARAMETER);
	in->event = 0;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_NOTIFY_PARTITION_EVENT)), HV_STATUS_INVALID_PARAMETER);
}

TEST(lp_run_time, "system: logical processor 0 has a run time that grows, others do not exist")
{
	struct hv_input_get_logical_processor_run_time *in;
	struct hv_output_get_logical_processor_run_time out[2];

	for (unsigned int i = 0; i < 2; i++) {
		hypercall_prepare();
		EXPECT_EQ(hypercall(CONTROL(HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME)),
			  HV_STATUS_SUCCESS);
		memcpy(&out[i], hypercall_out, sizeof(out[i]));
		EXPECT(out[i].global_time <= rdmsr(HV_X64_MSR_TIME_REF_COUNT));
		EXPECT(out[i].local_run_time <= out[i].global_time);
		EXPECT(out[i].hypervisor_time <= out[i].global_time);
	}
	EXPECT(out[1].global_time >= out[0].global_time);
	EXPECT(out[1].local_run_time >= out[0].local_run_time);
	in = hypercall_prepare();
	in->lp_index = 1;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME)),
		  HV_STATUS_INVALID_LP_INDEX);
	in->lp_index = UINT32_MAX;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME)),
		  HV_STATUS_INVALID_LP_INDEX);
}

/* None of these returns; if one does, the check behind it says so. */

TEST_ENDING(TEST_POWEROFF, poweroff, "system: entering S5 powers the machine off")
{
	/* What the sleep types of S5 are stands in the DSDT; they are 0 on the emulated machine. */
	EXPECT_EQ(set_sleep_state(HV_SLEEP_STATE_S5, 0, 0), HV_STATUS_SUCCESS);
	EXPECT_EQ(enter_sleep_state(HV_SLEEP_STATE_S5), UINT64_MAX);
}

TEST_ENDING(TEST_POWEROFF, poweroff_fast,
	    "system: entering S5 by a fast call powers the machine off")
{
	EXPECT_EQ(set_sleep_state(HV_SLEEP_STATE_S5, 0, 0), HV_STATUS_SUCCESS);
	EXPECT_EQ(hypercall_fast(CONTROL(HVCALL_ENTER_SLEEP_STATE), HV_SLEEP_STATE_S5, 0),
		  UINT64_MAX);
}

TEST_ENDING(TEST_RESET, reset_msr, "system: writing 1 to RESET resets the machine")
{
	wrmsr(HV_X64_MSR_RESET, HV_X64_MSR_RESET_RESET);
	EXPECT(false);
}

TEST_ENDING(TEST_RESET, reset_port, "system: the chipset's reset control register is the root's")
{
	outb(0xcf9, 0x02);
	outb(0xcf9, 0x06);
	for (unsigned int i = 0; i < 1000000; i++)
		cpu_relax();
	EXPECT(false);
}

TEST_ENDING(TEST_RESET, triple_fault, "system: a triple fault of the root resets the machine")
{
	struct __packed {
		uint16_t limit;
		uint64_t base;
	} none = {0, 0};

	__asm__ volatile("lidt %0; ud2" : : "m"(none));
	EXPECT(false);
}

// SPDX-License-Identifier: Apache-2.0
/* Calls about processors: the root names its logical processors and creates its VPs on them. */
#include "test.h"

#include "fake.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/hypercall.h"
#include "abi/hv/partition.h"
#include "abi/hv/system.h"
#include "abi/hv/vp.h"

static int setup(void **state)
{
	(void)state;
	fake_reset();
	fake.processors = 3;
	fake.apic_id[1] = 4;
	fake.apic_id[2] = 6;
	fake.create_vp = HV_STATUS_SUCCESS;
	fake.created_vp = fake.created_on = UINT32_MAX;
	return 0;
}

static uint64_t add(uint32_t index, uint32_t apic_id)
{
	const struct hv_input_add_logical_processor input = {.lp_index = index, .apic_id = apic_id};

	return fake_call(HVCALL_ADD_LOGICAL_PROCESSOR, &input, sizeof(input));
}

static bool exists(uint32_t index)
{
	const struct hv_input_get_logical_processor_run_time input = {.lp_index = index};
	uint64_t status = fake_call(HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME, &input, sizeof(input));

	if (status != HV_STATUS_SUCCESS)
		assert_int_equal(status, HV_STATUS_INVALID_LP_INDEX);
	return status == HV_STATUS_SUCCESS;
}

/* A processor exists from the moment the root added it: that is how a kernel knows it was here
 * before. */
static void test_add(void **state)
{
	(void)state;
	assert_true(exists(0));
	assert_false(exists(1));
	assert_int_equal(add(1, 4), HV_STATUS_SUCCESS);
	assert_true(exists(1));
	assert_int_equal(add(1, 4), HV_STATUS_INVALID_LP_INDEX);
	assert_int_equal(add(2, 4), HV_STATUS_INVALID_LP_INDEX);
	assert_int_equal(add(2, 77), HV_STATUS_INVALID_LP_INDEX);
	assert_false(exists(2));
	fake.root.privileges &= ~HV_PRIVILEGE_EBX(HV_CPU_MANAGEMENT);
	assert_int_equal(add(2, 6), HV_STATUS_ACCESS_DENIED);
}

static uint64_t create(uint64_t partition, uint32_t vp, uint64_t lp)
{
	/* Linux leaves the padding and the subnode as they were. */
	const struct hv_input_create_vp input = {.partition_id = partition,
						 .vp_index = vp,
						 .padding = {1, 2, 3},
						 .subnode_id = 0xDEADBEEF,
						 .flags = lp};

	return fake_call(HVCALL_CREATE_VP, &input, sizeof(input));
}

static void test_create(void **state)
{
	(void)state;
	assert_int_equal(create(PARTITION_ID_ROOT, 2, 1), HV_STATUS_SUCCESS);
	assert_int_equal(fake.created_vp, 2);
	assert_int_equal(fake.created_on, 1);
	assert_int_equal(create(HV_PARTITION_ID_SELF, 3, 2), HV_STATUS_SUCCESS);
	assert_int_equal(fake.created_vp, 3);
	fake.create_vp = HV_STATUS_INVALID_VP_INDEX;
	assert_int_equal(create(PARTITION_ID_ROOT, 3, 2), HV_STATUS_INVALID_VP_INDEX);
}

static void test_create_refused(void **state)
{
	(void)state;
	assert_int_equal(create(PARTITION_ID_ROOT + 1, 1, 1), HV_STATUS_INVALID_PARTITION_ID);
	assert_int_equal(create(PARTITION_ID_ROOT, 1, 1ull << 32), HV_STATUS_INVALID_LP_INDEX);
	fake.root.privileges &= ~HV_PRIVILEGE_EBX(HV_CREATE_PARTITIONS);
	assert_int_equal(create(PARTITION_ID_ROOT, 1, 1), HV_STATUS_ACCESS_DENIED);
	assert_int_equal(fake.created_vp, UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_add, setup),
		cmocka_unit_test_setup(test_create, setup),
		cmocka_unit_test_setup(test_create_refused, setup),
	};

	return cmocka_run_group_tests_name("processor calls", tests, NULL, NULL);
}

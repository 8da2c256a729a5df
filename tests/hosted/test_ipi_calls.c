// SPDX-License-Identifier: Apache-2.0
/* SEND_IPI and SEND_IPI_EX. */
#include "test.h"

#include "fake.h"

#include "abi/hv/hypercall.h"
#include "abi/hv/interrupt.h"

#define VECTOR 0x41u
#define FAST   HV_HYPERCALL_FAST_BIT

/* VPs 0 to 2, 63, 64, 130 and the last that can be. */
static const uint32_t present[] = {0, 1, 2, 63, 64, 130, PARTITION_MAX_VPS - 1};
static struct vp vps[ARRAY_SIZE(present)];

/* The input with its variable header. */
struct ipi_ex {
	struct hv_input_send_ipi_ex fixed;
	uint64_t bank[HV_MAX_SPARSE_VCPU_BANKS];
};

static int setup(void **state)
{
	(void)state;
	fake_reset();
	for (size_t i = 0; i < ARRAY_SIZE(present); i++) {
		vps[i] = (struct vp){.index = present[i], .partition = &fake.root};
		fake.root.vps[present[i]] = &vps[i];
	}
	fake.root.vp_limit = PARTITION_MAX_VPS;
	return 0;
}

/* Exactly the VPs of `banks` (from bank 0 on) were interrupted, once each, with VECTOR. */
static void assert_interrupted(uint64_t bank0, uint64_t bank1, uint64_t bank2, uint64_t bank3)
{
	unsigned int count = 0;

	assert_true(fake.interrupted_vps[0] == bank0);
	assert_true(fake.interrupted_vps[1] == bank1);
	assert_true(fake.interrupted_vps[2] == bank2);
	assert_true(fake.interrupted_vps[3] == bank3);
	for (unsigned int i = 0; i < 4; i++)
		count += (unsigned int)__builtin_popcountl(fake.interrupted_vps[i]);
	for (unsigned int vector = 0; vector < 256; vector++)
		assert_int_equal(fake.interrupts[vector], vector == VECTOR ? count : 0);
	memset(fake.interrupted_vps, 0, sizeof(fake.interrupted_vps));
	memset(fake.interrupts, 0, sizeof(fake.interrupts));
}

static void assert_none(void)
{
	assert_interrupted(0, 0, 0, 0);
}

static uint64_t send(uint32_t vector, uint8_t vtl, uint64_t mask)
{
	const struct hv_input_send_ipi input = {
		.vector = vector, .target_vtl = vtl, .vp_mask = mask};

	return fake_call(HVCALL_SEND_IPI, &input, sizeof(input));
}

static uint64_t send_ex(const struct ipi_ex *input, uint32_t banks)
{
	return fake_call(HVCALL_SEND_IPI_EX | (uint64_t)banks << 17, input, sizeof(*input));
}

static void test_mask(void **state)
{
	(void)state;
	assert_int_equal(send(VECTOR, 0, BIT(0)), HV_STATUS_SUCCESS);
	assert_interrupted(BIT(0), 0, 0, 0);
	assert_int_equal(send(VECTOR, 0, BIT(1) | BIT(63)), HV_STATUS_SUCCESS);
	assert_interrupted(BIT(1) | BIT(63), 0, 0, 0);
	/* VPs that there are not are no error. */
	assert_int_equal(send(VECTOR, 0, UINT64_MAX), HV_STATUS_SUCCESS);
	assert_interrupted(BIT(0) | BIT(1) | BIT(2) | BIT(63), 0, 0, 0);
	assert_int_equal(send(VECTOR, 0, BIT(17)), HV_STATUS_SUCCESS);
	assert_int_equal(send(VECTOR, 0, 0), HV_STATUS_SUCCESS);
	assert_none();
	/* Beyond the limit nobody looks. */
	fake.root.vp_limit = 2;
	assert_int_equal(send(VECTOR, 0, UINT64_MAX), HV_STATUS_SUCCESS);
	assert_interrupted(BIT(0) | BIT(1), 0, 0, 0);
}

/* As Linux calls it: all in registers. */
static void test_fast(void **state)
{
	(void)state;
	assert_int_equal(fake_hypercall(HVCALL_SEND_IPI | FAST, VECTOR, BIT(2)), HV_STATUS_SUCCESS);
	assert_interrupted(BIT(2), 0, 0, 0);
}

static void test_vectors(void **state)
{
	static const uint32_t refused[] = {0, 1, 15, 0x100, 0x141, UINT32_MAX};
	struct ipi_ex input = {.fixed = {.format = HV_GENERIC_SET_ALL}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		assert_int_equal(send(refused[i], 0, 1), HV_STATUS_INVALID_PARAMETER);
		input.fixed.vector = refused[i];
		assert_int_equal(send_ex(&input, 0), HV_STATUS_INVALID_PARAMETER);
	}
	assert_none();
	assert_int_equal(send(16, 0, 1), HV_STATUS_SUCCESS);
	assert_int_equal(send(255, 0, 1), HV_STATUS_SUCCESS);
	assert_int_equal(fake.interrupts[16], 1);
	assert_int_equal(fake.interrupts[255], 1);
}

static void test_vtl(void **state)
{
	struct ipi_ex input = {.fixed = {.vector = VECTOR, .format = HV_GENERIC_SET_ALL}};

	(void)state;
	for (unsigned int vtl = 1; vtl < 256; vtl++) {
		assert_int_equal(send(VECTOR, (uint8_t)vtl, 1), HV_STATUS_INVALID_PARAMETER);
		input.fixed.target_vtl = (uint8_t)vtl;
		assert_int_equal(send_ex(&input, 0), HV_STATUS_INVALID_PARAMETER);
	}
	assert_none();
}

static void test_sets(void **state)
{
	struct ipi_ex input = {.fixed = {.vector = VECTOR, .format = HV_GENERIC_SET_SPARSE_4K}};

	(void)state;
	/* An empty one. */
	assert_int_equal(send_ex(&input, 0), HV_STATUS_SUCCESS);
	assert_none();
	input.fixed.valid_bank_mask = BIT(1);
	input.bank[0] = BIT(0);
	assert_int_equal(send_ex(&input, 1), HV_STATUS_SUCCESS);
	assert_interrupted(0, BIT(0), 0, 0);
	/* Banks that are missing in the mask are missing in the list. */
	input.fixed.valid_bank_mask = BIT(0) | BIT(2) | BIT(3);
	input.bank[0] = BIT(1) | BIT(5);
	input.bank[1] = BIT(2);
	input.bank[2] = UINT64_MAX;
	assert_int_equal(send_ex(&input, 3), HV_STATUS_SUCCESS);
	assert_interrupted(BIT(1), 0, BIT(2), BIT(63));
	/* All there is, of banks up to the last. */
	input.fixed.valid_bank_mask = UINT64_MAX;
	memset(input.bank, 0xff, sizeof(input.bank));
	assert_int_equal(send_ex(&input, 64), HV_STATUS_SUCCESS);
	assert_interrupted(BIT(0) | BIT(1) | BIT(2) | BIT(63), BIT(0), BIT(2), BIT(63));
	/* Banks of VPs that cannot be. */
	input.fixed.valid_bank_mask = BIT(4) | BIT(63);
	assert_int_equal(send_ex(&input, 2), HV_STATUS_SUCCESS);
	assert_none();
}

static void test_all(void **state)
{
	struct ipi_ex input = {.fixed = {.vector = VECTOR, .format = HV_GENERIC_SET_ALL}};

	(void)state;
	assert_int_equal(send_ex(&input, 0), HV_STATUS_SUCCESS);
	assert_interrupted(BIT(0) | BIT(1) | BIT(2) | BIT(63), BIT(0), BIT(2), BIT(63));
	/* The mask says nothing then. */
	fake.root.vp_limit = 65;
	input.fixed.valid_bank_mask = 3;
	assert_int_equal(send_ex(&input, 0), HV_STATUS_SUCCESS);
	assert_interrupted(BIT(0) | BIT(1) | BIT(2) | BIT(63), BIT(0), 0, 0);
}

static void test_bad_sets(void **state)
{
	struct ipi_ex input = {.fixed = {.vector = VECTOR,
					 .format = HV_GENERIC_SET_SPARSE_4K,
					 .valid_bank_mask = BIT(0) | BIT(1)}};

	(void)state;
	memset(input.bank, 0xff, sizeof(input.bank));
	assert_int_equal(send_ex(&input, 0), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(send_ex(&input, 1), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(send_ex(&input, 3), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(send_ex(&input, 65), HV_STATUS_INVALID_HYPERCALL_INPUT);
	input.fixed.format = 2;
	assert_int_equal(send_ex(&input, 2), HV_STATUS_INVALID_PARAMETER);
	input.fixed.format = UINT64_MAX;
	assert_int_equal(send_ex(&input, 2), HV_STATUS_INVALID_PARAMETER);
	assert_none();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_mask, setup),
		cmocka_unit_test_setup(test_fast, setup),
		cmocka_unit_test_setup(test_vectors, setup),
		cmocka_unit_test_setup(test_vtl, setup),
		cmocka_unit_test_setup(test_sets, setup),
		cmocka_unit_test_setup(test_all, setup),
		cmocka_unit_test_setup(test_bad_sets, setup),
	};

	return cmocka_run_group_tests_name("IPI calls", tests, NULL, NULL);
}

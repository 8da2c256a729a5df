// SPDX-License-Identifier: Apache-2.0
/* MAP_DEVICE_INTERRUPT and UNMAP_DEVICE_INTERRUPT. */
#include "test.h"

#include "fake.h"

#include "abi/hv/hypercall.h"
#include "abi/hv/interrupt.h"

#define PCI_DEVICE 0x4000000000000018ull /* 00:03.0 */
#define IOAPIC     0x8000000000000000ull

/* The input with its variable header: a mask of banks, and the banks. */
struct map {
	struct hv_input_map_device_interrupt fixed;
	uint64_t variable[1 + HV_MAX_SPARSE_VCPU_BANKS];
};

static int setup(void **state)
{
	(void)state;
	fake_reset();
	fake.processors = 80;
	for (uint32_t i = 0; i < fake.processors; i++)
		fake.apic_id[i] = 0x20 + i;
	return 0;
}

/* As Linux asks: one VP, in a sparse set. */
static struct map ask(uint64_t device, uint32_t vector, uint32_t vp)
{
	struct map input = {
		.fixed =
			{
				.partition_id = PARTITION_ID_ROOT,
				.device_id = device,
				.vector_count = 1,
				.target_vector = vector,
				.target_flags = HV_DEVICE_INTERRUPT_TARGET_PROCESSOR_SET,
				.target = HV_GENERIC_SET_SPARSE_4K,
			},
	};

	input.variable[0] = BIT(vp / 64);
	input.variable[1] = BIT(vp % 64);
	return input;
}

static uint64_t map(const struct map *input, uint32_t variable)
{
	return fake_call(HVCALL_MAP_DEVICE_INTERRUPT | (uint64_t)variable << 17, input,
			 sizeof(*input));
}

static const struct hv_interrupt_entry *mapped(const struct map *input, uint32_t variable)
{
	static const uint64_t zeros[5];
	const struct hv_output_map_device_interrupt *output = fake_output();

	assert_int_equal(map(input, variable), HV_STATUS_SUCCESS);
	assert_int_equal(output->interrupt_entry.reserved, 0);
	assert_memory_equal(output->ext_status_deprecated, zeros, sizeof(zeros));
	return &output->interrupt_entry;
}

static void test_ioapic(void **state)
{
	const struct hv_interrupt_entry *entry;
	struct map input = ask(IOAPIC, 0x31, 0);

	(void)state;
	entry = mapped(&input, 2);
	assert_int_equal(entry->source, HV_INTERRUPT_SOURCE_IOAPIC);
	assert_int_equal(entry->data, 0x2000000000000031);

	input.fixed.trigger_mode = HV_INTERRUPT_TRIGGER_MODE_LEVEL;
	entry = mapped(&input, 2);
	assert_int_equal(entry->data, 0x2000000000008031);

	input = ask(IOAPIC | 2, 0xEF, 3);
	input.fixed.interrupt_type = HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY;
	entry = mapped(&input, 2);
	assert_int_equal(entry->data, 0x23000000000001EF);
}

static void test_msi(void **state)
{
	const struct hv_interrupt_entry *entry;
	struct map input = ask(PCI_DEVICE, 0x41, 1);

	(void)state;
	entry = mapped(&input, 2);
	assert_int_equal(entry->source, HV_INTERRUPT_SOURCE_MSI);
	assert_int_equal(entry->data, 0x00000041FEE21000);

	input.fixed.trigger_mode = HV_INTERRUPT_TRIGGER_MODE_LEVEL;
	entry = mapped(&input, 2);
	assert_int_equal(entry->data, 0x0000C041FEE21000);
}

static void test_partition_may_be_self(void **state)
{
	struct map input = ask(PCI_DEVICE, 0x41, 0);

	(void)state;
	input.fixed.partition_id = HV_PARTITION_ID_SELF;
	mapped(&input, 2);
}

static void test_targets(void **state)
{
	struct map input = ask(IOAPIC, 0x31, 0);

	(void)state;
	/* The second bank. */
	input = ask(IOAPIC, 0x31, 70);
	assert_int_equal(mapped(&input, 2)->data >> 56, 0x20 + 70);

	/* The lowest of several that exists. */
	input.variable[0] = BIT(0) | BIT(1) | BIT(63);
	input.variable[1] = 0;
	input.variable[2] = BIT(5) | BIT(9);
	input.variable[3] = 1;
	assert_int_equal(mapped(&input, 4)->data >> 56, 0x20 + 64 + 5);

	/* All. */
	input.fixed.target = HV_GENERIC_SET_ALL;
	assert_int_equal(mapped(&input, 0)->data >> 56, 0x20);

	/* A plain mask, without a variable header. */
	input.fixed.target_flags = 0;
	input.fixed.target = BIT(7) | BIT(12);
	assert_int_equal(mapped(&input, 0)->data >> 56, 0x27);
}

static void test_target_refusals(void **state)
{
	struct map input = ask(IOAPIC, 0x31, 0);

	(void)state;
	/* Mask and banks disagree. */
	assert_int_equal(map(&input, 0), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(map(&input, 1), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(map(&input, 3), HV_STATUS_INVALID_PARAMETER);
	input.variable[0] = UINT64_MAX;
	assert_int_equal(map(&input, 2), HV_STATUS_INVALID_PARAMETER);
	/* An empty set, and VPs that there are not. */
	input.variable[0] = 0;
	assert_int_equal(map(&input, 1), HV_STATUS_INVALID_VP_INDEX);
	input = ask(IOAPIC, 0x31, 80);
	assert_int_equal(map(&input, 2), HV_STATUS_INVALID_VP_INDEX);
	input = ask(IOAPIC, 0x31, 4095);
	assert_int_equal(map(&input, 2), HV_STATUS_INVALID_VP_INDEX);
	/* Unknown kinds of set. */
	input = ask(IOAPIC, 0x31, 0);
	input.fixed.target = 2;
	assert_int_equal(map(&input, 2), HV_STATUS_INVALID_PARAMETER);
	input.fixed.target_flags = 0;
	assert_int_equal(map(&input, 2), HV_STATUS_INVALID_PARAMETER);
	input.fixed.target = 0;
	assert_int_equal(map(&input, 0), HV_STATUS_INVALID_VP_INDEX);
	/* Beyond what an 8-bit destination reaches. */
	fake.apic_id[0] = 0x100;
	input = ask(IOAPIC, 0x31, 0);
	assert_int_equal(map(&input, 2), HV_STATUS_OPERATION_FAILED);
}

static void test_full_set(void **state)
{
	struct map input = ask(IOAPIC, 0x31, 0);

	(void)state;
	memset(input.variable, 0xFF, sizeof(input.variable));
	assert_int_equal(mapped(&input, 65)->data >> 56, 0x20);
}

static void test_map_refusals(void **state)
{
	struct map good = ask(PCI_DEVICE, 0x41, 0);
	struct map input;

	(void)state;
	input = good;
	input.fixed.partition_id = 2;
	input.fixed.device_id = 0;
	assert_int_equal(map(&input, 2), HV_STATUS_INVALID_PARTITION_ID);
	input = good;
	input.fixed.device_id &= ~(3ull << 62);
	input.fixed.target_vector = 0;
	assert_int_equal(map(&input, 2), HV_STATUS_INVALID_DEVICE_ID);
	input.fixed.device_id |= 3ull << 62;
	assert_int_equal(map(&input, 2), HV_STATUS_INVALID_DEVICE_ID);

	input = good;
	input.fixed.target_vector = 0x0F;
	assert_int_equal(map(&input, 2), HV_STATUS_INVALID_PARAMETER);
	input.fixed.target_vector = 0x100;
	assert_int_equal(map(&input, 2), HV_STATUS_INVALID_PARAMETER);
	input.fixed.target_vector = 0x10;
	mapped(&input, 2);
	input.fixed.target_vector = 0xFF;
	mapped(&input, 2);

	input = good;
	input.fixed.vector_count = 2;
	assert_int_equal(map(&input, 2), HV_STATUS_INVALID_PARAMETER);
	input.fixed.vector_count = 0;
	assert_int_equal(map(&input, 2), HV_STATUS_INVALID_PARAMETER);
	input = good;
	input.fixed.interrupt_type = HV_X64_INTERRUPT_TYPE_NMI;
	assert_int_equal(map(&input, 2), HV_STATUS_INVALID_PARAMETER);
	input = good;
	input.fixed.trigger_mode = 2;
	assert_int_equal(map(&input, 2), HV_STATUS_INVALID_PARAMETER);
}

static uint64_t unmap(uint64_t partition_id, uint64_t device_id, uint32_t source, uint64_t data)
{
	const struct hv_input_unmap_device_interrupt input = {
		.partition_id = partition_id,
		.device_id = device_id,
		.interrupt_entry = {.source = source, .data = data},
	};

	return fake_call(HVCALL_UNMAP_DEVICE_INTERRUPT, &input, sizeof(input));
}

/* What MAP gave can be given back, also twice: the pins of an affinity change come in any order. */
static void test_unmap(void **state)
{
	const uint64_t devices[] = {IOAPIC, PCI_DEVICE};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(devices); i++) {
		struct map input = ask(devices[i], 0x41, 1);
		struct hv_interrupt_entry entry = *mapped(&input, 2);

		assert_int_equal(unmap(1, devices[i], entry.source, entry.data), 0);
		assert_int_equal(unmap(HV_PARTITION_ID_SELF, devices[i], entry.source, entry.data),
				 0);
	}
}

static void test_unmap_refusals(void **state)
{
	(void)state;
	assert_int_equal(unmap(2, 0, 0, 0), HV_STATUS_INVALID_PARTITION_ID);
	assert_int_equal(unmap(1, 0, 1, 0x41ull << 32), HV_STATUS_INVALID_DEVICE_ID);
	assert_int_equal(unmap(1, IOAPIC, HV_INTERRUPT_SOURCE_MSI, 0x4100000041),
			 HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(unmap(1, PCI_DEVICE, HV_INTERRUPT_SOURCE_IOAPIC, 0x4100000041),
			 HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(unmap(1, IOAPIC, HV_INTERRUPT_SOURCE_IOAPIC, 0x410000000F),
			 HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(unmap(1, PCI_DEVICE, HV_INTERRUPT_SOURCE_MSI, 0x0F00000041),
			 HV_STATUS_INVALID_PARAMETER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_ioapic, setup),
		cmocka_unit_test_setup(test_msi, setup),
		cmocka_unit_test_setup(test_partition_may_be_self, setup),
		cmocka_unit_test_setup(test_targets, setup),
		cmocka_unit_test_setup(test_target_refusals, setup),
		cmocka_unit_test_setup(test_full_set, setup),
		cmocka_unit_test_setup(test_map_refusals, setup),
		cmocka_unit_test_setup(test_unmap, setup),
		cmocka_unit_test_setup(test_unmap_refusals, setup),
	};

	return cmocka_run_group_tests_name("interrupts", tests, NULL, NULL);
}

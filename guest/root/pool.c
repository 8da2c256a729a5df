// SPDX-License-Identifier: Apache-2.0
/* The partition's memory pool. Source: TLFS, HvCallDepositMemory and its relatives. */
#include "abi/hv/memory.h"
#include "abi/hv/msr.h"
#include "abi/hv/stats.h"
#include "abi/hv/status.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

#define PATTERN 0x5a5a1234abcd9876UL

static uint64_t deposit_list(uint64_t partition, const uint64_t *numbers, uint32_t count)
{
	struct hv_input_deposit_memory *in = hypercall_prepare();

	in->partition_id = partition;
	memcpy(in->gpa_page_list, numbers, count * sizeof(*numbers));
	return hypercall(CONTROL_REP(HVCALL_DEPOSIT_MEMORY, count));
}

static uint64_t withdrawn(unsigned int index)
{
	uint64_t number;

	memcpy(&number, hypercall_out + (size_t)index * 8, 8);
	return number << PAGE_SHIFT;
}

/* The index of the page at `address` among ours, MACHINE_PAGES if it is none of them. */
static unsigned int page_index(uint64_t address)
{
	uint64_t index = (address - machine_page(0)) / PAGE_SIZE;

	return index < MACHINE_PAGES && machine_page((unsigned int)index) == address
		       ? (unsigned int)index
		       : MACHINE_PAGES;
}

TEST(one, "pool: a deposited page is gone, a withdrawn one is back and wiped")
{
	volatile uint64_t *page = (volatile uint64_t *)machine_page(5);
	uint64_t value;

	for (size_t i = 0; i < 512; i++)
		page[i] = PATTERN;
	EXPECT_EQ(root_deposit(5, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(root_balance(NULL), 1);
	EXPECT_FAULT(fault_read(machine_page(5), &value), VECTOR_GP);
	EXPECT_FAULT(fault_read(machine_page(5) + 0xff8, &value), VECTOR_GP);
	EXPECT_FAULT(fault_write(machine_page(5), 0), VECTOR_GP);
	EXPECT_FINE(fault_read(machine_page(4) + 0xff8, &value));
	EXPECT_FINE(fault_read(machine_page(6), &value));
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(withdrawn(0), machine_page(5));
	for (size_t i = 0; i < 512; i++)
		if (!EXPECT_EQ(page[i], 0))
			break;
	page[3] = PATTERN;
	EXPECT_EQ(page[3], PATTERN);
}

TEST(many, "pool: a full list of 511 pages goes in and comes out, each once")
{
	static bool back[MACHINE_PAGES];
	uint64_t value;
	unsigned int count = 0;

	memset(back, 0, sizeof(back));
	for (unsigned int i = 0; i < HV_DEPOSIT_MAX; i++)
		*(volatile uint64_t *)machine_page(i) = PATTERN + i;
	EXPECT_EQ(root_deposit(0, HV_DEPOSIT_MAX), RESULT(HV_STATUS_SUCCESS, HV_DEPOSIT_MAX));
	EXPECT_EQ(root_balance(NULL), HV_DEPOSIT_MAX);
	EXPECT_FAULT(fault_read(machine_page(0), &value), VECTOR_GP);
	EXPECT_FAULT(fault_read(machine_page(HV_DEPOSIT_MAX - 1), &value), VECTOR_GP);
	EXPECT_EQ(root_withdraw(HV_DEPOSIT_MAX), RESULT(HV_STATUS_SUCCESS, HV_DEPOSIT_MAX));
	for (unsigned int i = 0; i < HV_DEPOSIT_MAX; i++) {
		unsigned int index = page_index(withdrawn(i));

		test_about("element %u", i);
		if (!EXPECT(index < HV_DEPOSIT_MAX && !back[index]))
			break;
		back[index] = true;
		EXPECT_FINE(fault_read(machine_page(index), &value));
		EXPECT_EQ(value, 0);
		count++;
	}
	EXPECT_EQ(count, HV_DEPOSIT_MAX);
}

TEST(empty, "pool: withdrawing more than there is gives what there is, and says so")
{
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_NO_RESOURCES, 0));
	EXPECT_EQ(root_deposit(10, 100), RESULT(HV_STATUS_SUCCESS, 100));
	EXPECT_EQ(root_withdraw(HV_WITHDRAW_MAX), RESULT(HV_STATUS_NO_RESOURCES, 100));
	for (unsigned int i = 0; i < 100; i++) {
		unsigned int index = page_index(withdrawn(i));

		test_about("element %u", i);
		EXPECT(index >= 10 && index < 110);
	}
	test_about("behind the list");
	EXPECT_EQ(withdrawn(100), 0xeeeeeeeeeeeeeeee << PAGE_SHIFT);
}

TEST(rep_start, "pool: withdrawing from a start index writes behind it and counts from zero")
{
	struct hv_input_withdraw_memory *in;

	EXPECT_EQ(root_deposit(0, 3), RESULT(HV_STATUS_SUCCESS, 3));
	in = hypercall_prepare();
	in->partition_id = HV_PARTITION_ID_SELF;
	EXPECT_EQ(hypercall(CONTROL_REP(HVCALL_WITHDRAW_MEMORY, 7) | CONTROL_REP_START(4)),
		  RESULT(HV_STATUS_SUCCESS, 7));
	EXPECT_EQ(withdrawn(3), 0xeeeeeeeeeeeeeeee << PAGE_SHIFT);
	for (unsigned int i = 4; i < 7; i++)
		EXPECT(page_index(withdrawn(i)) < 3);
}

TEST(id, "pool: it is named by the partition's number or by SELF, not otherwise")
{
	static const uint64_t wrong[] = {0, 2, 0x1234, 0x100000001, HV_PARTITION_ID_SELF - 1};
	uint64_t number = machine_page(0) >> PAGE_SHIFT;
	struct hv_input_withdraw_memory *in;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		test_about("partition 0x%lx", wrong[i]);
		EXPECT_EQ(deposit_list(wrong[i], &number, 1), HV_STATUS_INVALID_PARTITION_ID);
		in = hypercall_prepare();
		in->partition_id = wrong[i];
		EXPECT_EQ(hypercall(CONTROL_REP(HVCALL_WITHDRAW_MEMORY, 1)),
			  HV_STATUS_INVALID_PARTITION_ID);
		in = hypercall_prepare();
		in->partition_id = wrong[i];
		EXPECT_EQ(hypercall(CONTROL(HVCALL_GET_MEMORY_BALANCE)),
			  HV_STATUS_INVALID_PARTITION_ID);
	}
	test_about(NULL);
	EXPECT_EQ(deposit_list(1, &number, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_SUCCESS, 1));
}

TEST(not_ours, "pool: what is not the root's ordinary memory cannot be deposited")
{
	uint64_t piece = rdmsr(HV_X64_MSR_HYPERCALL) & HV_X64_MSR_PAGE_ADDRESS_MASK;
	struct machine_range range;

	EXPECT(machine_range_of(piece, &range));
	const uint64_t list[] = {
		piece >> PAGE_SHIFT,
		rdmsr(HV_X64_MSR_SIMP) >> PAGE_SHIFT,
		machine_rsdp() >> PAGE_SHIFT,
		range.start >> PAGE_SHIFT,
		(range.end - 1) >> PAGE_SHIFT,
		0xfee00,
		0xfec00,
		0xa0,
		0x8000000,
		BIT(52) - 1,
		BIT(52),
		BIT(52) | machine_page(0) >> PAGE_SHIFT,
		UINT64_MAX,
	};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		test_about("page number 0x%lx", list[i]);
		EXPECT_EQ(deposit_list(HV_PARTITION_ID_SELF, &list[i], 1),
			  HV_STATUS_INVALID_PARAMETER);
	}
	EXPECT_EQ(root_balance(NULL), 0);
}

TEST(atomic, "pool: a deposit with one bad page in its list takes none")
{
	uint64_t numbers[100], value;

	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++)
		numbers[i] = machine_page(i) >> PAGE_SHIFT;
	*(volatile uint64_t *)machine_page(0) = PATTERN;
	numbers[99] = 0xfee00;
	EXPECT_EQ(deposit_list(HV_PARTITION_ID_SELF, numbers, 100), HV_STATUS_INVALID_PARAMETER);
	numbers[99] = numbers[0]; /* twice the same */
	EXPECT_EQ(deposit_list(HV_PARTITION_ID_SELF, numbers, 100), HV_STATUS_INVALID_PARAMETER);
	numbers[99] = machine_page(99) >> PAGE_SHIFT;
	numbers[50] = UINT64_MAX;
	EXPECT_EQ(deposit_list(HV_PARTITION_ID_SELF, numbers, 100), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(root_balance(NULL), 0);
	for (unsigned int i = 0; i < 100; i++) {
		test_about("page %u", i);
		EXPECT_FINE(fault_read(machine_page(i), &value));
	}
	EXPECT_EQ(*(volatile uint64_t *)machine_page(0), PATTERN);
}

TEST(twice, "pool: a deposited page cannot be deposited again")
{
	EXPECT_EQ(root_deposit(7, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(root_deposit(7, 1), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(root_balance(NULL), 1);
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(root_deposit(7, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_SUCCESS, 1));
}

TEST(as_parameter, "pool: a deposited page can be no input or output of a call")
{
	EXPECT_EQ(root_deposit(0, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(hypercall_at(CONTROL(HVCALL_GET_PARTITION_ID), 0, machine_page(0)),
		  HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(hypercall_at(CONTROL(HVCALL_NOTIFY_PARTITION_EVENT), machine_page(0), 0),
		  HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(hypercall_at(CONTROL(HVCALL_GET_PARTITION_ID), 0, machine_page(0)),
		  HV_STATUS_SUCCESS);
}

TEST(left_behind, "pool: a system that leaves without withdrawing gets its pages back, wiped")
{
	struct hv_input_stats_page *in;
	uint64_t value, in_use;

	*(volatile uint64_t *)machine_page(1) = PATTERN;
	EXPECT_EQ(root_deposit(0, 20), RESULT(HV_STATUS_SUCCESS, 20));
	in = hypercall_prepare();
	in->type = HV_STATS_OBJECT_HYPERVISOR;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_MAP_STATS_PAGE)), HV_STATUS_SUCCESS);
	wrmsr(HV_X64_MSR_GUEST_OS_ID, 0);
	for (unsigned int i = 0; i < 20; i++) {
		test_about("page %u", i);
		EXPECT_FINE(fault_read(machine_page(i), &value));
		EXPECT_EQ(value, 0);
		EXPECT_FINE(fault_write(machine_page(i), PATTERN));
	}
	test_about(NULL);
	root_identify();
	EXPECT_EQ(root_balance(&in_use), 0);
	EXPECT_EQ(in_use, 0);
}

TEST(whole_large_page, "pool: depositing parts of large pages leaves the rest in place")
{
	uint64_t numbers[64], value;
	unsigned int step = 11;

	for (unsigned int i = 0; i < MACHINE_PAGES; i++)
		*(volatile uint64_t *)machine_page(i) = PATTERN + i;
	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++)
		numbers[i] = machine_page(i * step) >> PAGE_SHIFT;
	EXPECT_EQ(deposit_list(HV_PARTITION_ID_SELF, numbers, ARRAY_SIZE(numbers)),
		  RESULT(HV_STATUS_SUCCESS, ARRAY_SIZE(numbers)));
	for (unsigned int i = 0; i < ARRAY_SIZE(numbers) * step; i++) {
		test_about("page %u", i);
		EXPECT_EQ(fault_read(machine_page(i), &value), i % step ? FAULT_NONE : VECTOR_GP);
		if (i % step)
			EXPECT_EQ(value, PATTERN + i);
	}
	test_about(NULL);
	EXPECT_EQ(root_withdraw(ARRAY_SIZE(numbers)),
		  RESULT(HV_STATUS_SUCCESS, ARRAY_SIZE(numbers)));
}

// SPDX-License-Identifier: Apache-2.0
/* Statistics pages. Source: TLFS, HV_STATS_OBJECT_TYPE; what Linux's mshv driver maps and reads. */
#include "abi/hv/stats.h"

#include "abi/hv/hypercall.h"
#include "abi/hv/status.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/root.h"

static const union hv_stats_object_identity hypervisor;

static uint64_t call(uint64_t code, uint32_t type, union hv_stats_object_identity identity)
{
	struct hv_input_stats_page *in = hypercall_prepare();

	in->type = type;
	in->identity = identity;
	return hypercall(CONTROL(code));
}

static uint64_t map(uint32_t type, union hv_stats_object_identity identity)
{
	return call(HVCALL_MAP_STATS_PAGE, type, identity);
}

static uint64_t unmap(uint32_t type, union hv_stats_object_identity identity)
{
	return call(HVCALL_UNMAP_STATS_PAGE, type, identity);
}

static union hv_stats_object_identity lp_identity(uint32_t index)
{
	return (union hv_stats_object_identity){.lp = {.lp_index = index}};
}

static union hv_stats_object_identity partition_identity(uint64_t id)
{
	return (union hv_stats_object_identity){.partition = {.partition_id = id}};
}

static union hv_stats_object_identity vp_identity(uint64_t id, uint32_t index)
{
	return (union hv_stats_object_identity){.vp = {.partition_id = id, .vp_index = index}};
}

/* The page that the last call of map() gave. */
static volatile uint64_t *mapped(void)
{
	struct hv_output_map_stats_page out;

	memcpy(&out, hypercall_out, sizeof(out));
	return (volatile uint64_t *)(out.map_location << PAGE_SHIFT);
}

/*
 * Map the page of an object: needs exactly one deposited page and is it. Then nobody can write it,
 * mapping it again gives the same one, and unmapping closes it. `check` looks at the counters.
 */
static void expect_page(const char *name, uint32_t type, union hv_stats_object_identity identity,
			void (*check)(const volatile uint64_t *page))
{
	volatile uint64_t *page;
	uint64_t value, in_use;

	test_about("%s", name);
	EXPECT_EQ(map(type, identity), HV_STATUS_INSUFFICIENT_MEMORY);
	*(volatile uint64_t *)machine_page(3) = 0x1234;
	EXPECT_EQ(root_deposit(3, 1), RESULT(HV_STATUS_SUCCESS, 1));
	if (!EXPECT_EQ(map(type, identity), HV_STATUS_SUCCESS))
		return;
	page = mapped();
	EXPECT_EQ((uintptr_t)page, machine_page(3));
	EXPECT_EQ(root_balance(&in_use), 0);
	EXPECT_EQ(in_use, 1);
	EXPECT_FINE(fault_read((uintptr_t)page, &value));
	EXPECT_EQ(page[511], 0);
	EXPECT_FAULT(fault_write((uintptr_t)page, 1), VECTOR_GP);
	if (check)
		check(page);
	EXPECT_EQ(map(type, identity), HV_STATUS_SUCCESS);
	EXPECT_EQ((uintptr_t)mapped(), (uintptr_t)page);
	EXPECT_EQ(root_deposit(3, 1), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_NO_RESOURCES, 0));
	EXPECT_EQ(unmap(type, identity), HV_STATUS_SUCCESS);
	EXPECT_FAULT(fault_read((uintptr_t)page, &value), VECTOR_GP);
	EXPECT_EQ(unmap(type, identity), HV_STATUS_NOT_FOUND);
	EXPECT_EQ(root_balance(&in_use), 1);
	EXPECT_EQ(in_use, 0);
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(*(volatile uint64_t *)machine_page(3), 0);
	test_about(NULL);
}

static void check_hypervisor(const volatile uint64_t *page)
{
	EXPECT_EQ(page[HV_COUNTER_HV_LOGICAL_PROCESSORS], 1);
	EXPECT_EQ(page[HV_COUNTER_HV_PARTITIONS], 1);
	EXPECT_EQ(page[HV_COUNTER_HV_VIRTUAL_PROCESSORS], 1);
}

static void check_partition(const volatile uint64_t *page)
{
	EXPECT_EQ(page[HV_COUNTER_PT_VIRTUAL_PROCESSORS], 1);
	EXPECT_EQ(page[HV_COUNTER_PT_PARTITION_ID], 1);
}

TEST(hypervisor_page, "stats: the hypervisor's page counts one processor")
{
	expect_page("hypervisor", HV_STATS_OBJECT_HYPERVISOR, hypervisor, check_hypervisor);
}

TEST(lp_page, "stats: the page of logical processor 0")
{
	expect_page("lp 0", HV_STATS_OBJECT_LOGICAL_PROCESSOR, lp_identity(0), NULL);
}

TEST(partition_page, "stats: the page of the root partition, by number and by SELF")
{
	expect_page("partition 1", HV_STATS_OBJECT_PARTITION, partition_identity(1),
		    check_partition);
	expect_page("partition SELF", HV_STATS_OBJECT_PARTITION,
		    partition_identity(HV_PARTITION_ID_SELF), check_partition);
}

TEST(vp_page, "stats: the page of the root's virtual processor")
{
	expect_page("vp 0", HV_STATS_OBJECT_VP, vp_identity(1, 0), NULL);
}

TEST(deposited, "stats: the partition's page follows what is deposited")
{
	volatile uint64_t *page;

	EXPECT_EQ(root_deposit(0, 1), RESULT(HV_STATUS_SUCCESS, 1));
	if (!EXPECT_EQ(map(HV_STATS_OBJECT_PARTITION, partition_identity(1)), HV_STATUS_SUCCESS))
		return;
	page = mapped();
	EXPECT_EQ(page[HV_COUNTER_PT_DEPOSITED_PAGES], 1);
	EXPECT_EQ(root_deposit(1, 20), RESULT(HV_STATUS_SUCCESS, 20));
	EXPECT_EQ(page[HV_COUNTER_PT_DEPOSITED_PAGES], 21);
	EXPECT_EQ(root_withdraw(20), RESULT(HV_STATUS_SUCCESS, 20));
	EXPECT_EQ(page[HV_COUNTER_PT_DEPOSITED_PAGES], 1);
	EXPECT_EQ(unmap(HV_STATS_OBJECT_PARTITION, partition_identity(1)), HV_STATUS_SUCCESS);
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_SUCCESS, 1));
}

TEST(refused, "stats: objects that do not exist, and the parent's area")
{
	union hv_stats_object_identity parent = vp_identity(1, 0);
	uint64_t codes[] = {HVCALL_MAP_STATS_PAGE, HVCALL_UNMAP_STATS_PAGE};

	parent.vp.stats_area_type = HV_STATS_AREA_PARENT;
	EXPECT_EQ(root_deposit(0, 1), RESULT(HV_STATUS_SUCCESS, 1));
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		test_about("call 0x%lx", codes[i]);
		EXPECT_EQ(call(codes[i], HV_STATS_OBJECT_VP, parent), HV_STATUS_INVALID_PARAMETER);
		EXPECT_EQ(call(codes[i], 0, hypervisor), HV_STATUS_INVALID_PARAMETER);
		EXPECT_EQ(call(codes[i], 0x10003, hypervisor), HV_STATUS_INVALID_PARAMETER);
		EXPECT_EQ(call(codes[i], HV_STATS_OBJECT_LOGICAL_PROCESSOR, lp_identity(1)),
			  HV_STATUS_INVALID_LP_INDEX);
		EXPECT_EQ(
			call(codes[i], HV_STATS_OBJECT_LOGICAL_PROCESSOR, lp_identity(UINT32_MAX)),
			HV_STATUS_INVALID_LP_INDEX);
		EXPECT_EQ(call(codes[i], HV_STATS_OBJECT_PARTITION, partition_identity(2)),
			  HV_STATUS_INVALID_PARTITION_ID);
		EXPECT_EQ(call(codes[i], HV_STATS_OBJECT_VP, vp_identity(0, 0)),
			  HV_STATUS_INVALID_PARTITION_ID);
		EXPECT_EQ(call(codes[i], HV_STATS_OBJECT_VP, vp_identity(1, 1)),
			  HV_STATUS_INVALID_VP_INDEX);
		EXPECT_EQ(call(codes[i], HV_STATS_OBJECT_VP, vp_identity(1, UINT32_MAX)),
			  HV_STATUS_INVALID_VP_INDEX);
	}
	test_about(NULL);
	EXPECT_EQ(root_balance(NULL), 1);
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_SUCCESS, 1));
}

// SPDX-License-Identifier: Apache-2.0
/* Child partitions as their parent sees them: life, memory, properties. Source: TLFS, "Partition
 * Management" and "Virtual MMU". */
#include "abi/hv/memory.h"
#include "abi/hv/msr.h"
#include "abi/hv/partition.h"
#include "abi/hv/stats.h"
#include "abi/hv/status.h"
#include "abi/hv/vp.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

/* What Linux asks for. */
#define FLAGS                                                                                  \
	(HV_PARTITION_CREATION_FLAG_EXO_PARTITION | HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED | \
	 HV_PARTITION_CREATION_FLAG_INTERCEPT_MESSAGE_PAGE_ENABLED)
#define RW        (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)
#define RAM       (RW | HV_MAP_GPA_EXECUTABLE | HV_MAP_GPA_ADJUSTABLE)
#define NO_ACCESS HV_MAP_GPA_NO_ACCESS
#define BIG       HV_MAP_GPA_LARGE_PAGE

/* Our pages by their index: the description of a child, its pool, its memory. */
#define SELF_PAGE  0u
#define POOL       1u
#define POOL_PAGES 208u
#define MEMORY     256u
#define MAP_MAX    509u

/* Pages that an initialized child takes: its topmost table and those of its registers. */
#define INITIALIZED 3u

static uint64_t number_of(unsigned int index)
{
	return machine_page(index) >> PAGE_SHIFT;
}

static uint64_t create(uint64_t flags, uint64_t *id)
{
	struct hv_input_create_partition *in = hypercall_prepare();
	uint64_t result;

	in->flags = flags;
	in->compatibility_version = 0x609;
	result = hypercall(CONTROL(HVCALL_CREATE_PARTITION));
	memcpy(id, hypercall_out, sizeof(*id));
	return result;
}

static uint64_t of(uint16_t code, uint64_t id)
{
	return hypercall_fast(CONTROL_FAST(code), id, 0);
}

static uint64_t deposit(uint64_t id, unsigned int first, uint32_t count)
{
	struct hv_input_deposit_memory *in = hypercall_prepare();

	in->partition_id = id;
	for (uint32_t i = 0; i < count; i++)
		in->gpa_page_list[i] = number_of(first + i);
	return hypercall(CONTROL_REP(HVCALL_DEPOSIT_MEMORY, count));
}

/* All that is free in the child's pool, as Linux takes it; returns how many pages came. */
static uint32_t withdraw_all(uint64_t id)
{
	struct hv_input_withdraw_memory *in;
	uint32_t count = 0;
	uint64_t result;

	do {
		in = hypercall_prepare();
		in->partition_id = id;
		result = hypercall(CONTROL_REP(HVCALL_WITHDRAW_MEMORY, 200));
		count += RESULT_REPS(result);
	} while ((result & HV_HYPERCALL_RESULT_MASK) == HV_STATUS_SUCCESS);
	EXPECT_EQ(result & HV_HYPERCALL_RESULT_MASK, HV_STATUS_NO_RESOURCES);
	return count;
}

static uint64_t in_use(uint64_t id)
{
	struct hv_input_get_memory_balance *in = hypercall_prepare();
	const struct hv_output_get_memory_balance *out = (const void *)hypercall_out;

	in->partition_id = id;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_GET_MEMORY_BALANCE)), HV_STATUS_SUCCESS);
	return out->pages_in_use;
}

/* Map `count` places from `base` on to contiguous pages from number `page` on. */
static uint64_t map(uint64_t id, uint64_t base, uint32_t flags, uint64_t page, uint32_t count)
{
	struct hv_input_map_gpa_pages *in = hypercall_prepare();

	in->target_partition_id = id;
	in->target_gpa_base = base;
	in->map_flags = flags;
	in->padding = 0xa5a5a5a5;
	for (uint32_t i = 0; i < count; i++)
		in->source_gpa_page_list[i] = flags & NO_ACCESS ? 0 : page + i;
	return hypercall(CONTROL_REP(HVCALL_MAP_GPA_PAGES, count));
}

static uint64_t unmap(uint64_t id, uint64_t base, uint32_t flags, uint32_t count)
{
	struct hv_input_unmap_gpa_pages *in = hypercall_prepare();

	in->target_partition_id = id;
	in->target_gpa_base = base;
	in->unmap_flags = flags;
	return hypercall(CONTROL_REP(HVCALL_UNMAP_GPA_PAGES, count));
}

static uint64_t get(uint64_t id, uint32_t code, uint64_t *value)
{
	struct hv_input_get_partition_property *in = hypercall_prepare();
	uint64_t result;

	in->partition_id = id;
	in->property_code = code;
	result = hypercall(CONTROL(HVCALL_GET_PARTITION_PROPERTY));
	memcpy(value, hypercall_out, sizeof(*value));
	return result;
}

static uint64_t set(uint64_t id, uint32_t code, uint64_t value)
{
	struct hv_input_set_partition_property *in = hypercall_prepare();

	in->partition_id = id;
	in->property_code = code;
	in->property_value = value;
	return hypercall(CONTROL(HVCALL_SET_PARTITION_PROPERTY));
}

/* A child in the state created, or initialized with its pool filled. */
static uint64_t new_child(void)
{
	uint64_t id = 0;

	EXPECT_EQ(root_deposit(SELF_PAGE, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(create(FLAGS, &id), HV_STATUS_SUCCESS);
	EXPECT(id > 1);
	return id;
}

static uint64_t new_initialized(void)
{
	uint64_t id = new_child();

	EXPECT_EQ(deposit(id, POOL, POOL_PAGES), RESULT(HV_STATUS_SUCCESS, POOL_PAGES));
	EXPECT_EQ(of(HVCALL_INITIALIZE_PARTITION, id), HV_STATUS_SUCCESS);
	return id;
}

/* The end of a child into which `pages` were deposited. */
static void end(uint64_t id, uint32_t pages)
{
	EXPECT_EQ(of(HVCALL_FINALIZE_PARTITION, id), HV_STATUS_SUCCESS);
	EXPECT_EQ(in_use(id), 0);
	EXPECT_EQ(withdraw_all(id), pages);
	EXPECT_EQ(of(HVCALL_DELETE_PARTITION, id), HV_STATUS_SUCCESS);
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_SUCCESS, 1));
}

/* The number of the first page of a large page of memory that nobody here uses. */
static uint64_t large_page(void)
{
	struct machine_range range;
	uint64_t at = 0;

	for (unsigned int i = 0; machine_range(i, &range); i++) {
		uint64_t start = ALIGN_DOWN(range.end, SIZE_2M) - SIZE_2M;

		if (range.type == MACHINE_RAM && range.end > 4 * SIZE_2M && start >= range.start)
			at = start;
	}
	EXPECT(at != 0);
	return at >> PAGE_SHIFT;
}

TEST(cycles, "children: life after life, every page comes back, wiped")
{
	volatile uint64_t *mark = (volatile uint64_t *)machine_page(POOL + 100);
	uint64_t id, last = 0;

	for (unsigned int i = 0; i < 50; i++) {
		test_about("life %u", i);
		*mark = 0x5a5a;
		id = new_initialized();
		EXPECT(id > last);
		last = id;
		EXPECT_EQ(map(id, 0, NO_ACCESS, 0, MAP_MAX), RESULT(HV_STATUS_SUCCESS, MAP_MAX));
		EXPECT_EQ(map(id, 3, RAM, number_of(MEMORY), 300), RESULT(HV_STATUS_SUCCESS, 300));
		EXPECT_EQ(map(id, 0x100000, RAM | BIG, large_page(), 1),
			  RESULT(HV_STATUS_SUCCESS, 1));
		end(id, POOL_PAGES);
		EXPECT_EQ(*mark, 0);
	}
}

TEST(poor, "children: each step says when it needs memory, and goes on with the one page more")
{
	uint64_t id, value;

	EXPECT_EQ(create(FLAGS, &id), HV_STATUS_INSUFFICIENT_MEMORY);
	id = new_child();
	for (unsigned int i = 0; i < INITIALIZED; i++) {
		test_about("page %u", i);
		EXPECT_EQ(of(HVCALL_INITIALIZE_PARTITION, id), HV_STATUS_INSUFFICIENT_MEMORY);
		EXPECT_EQ(deposit(id, POOL + i, 1), RESULT(HV_STATUS_SUCCESS, 1));
		EXPECT_FAULT(fault_read(machine_page(POOL + i), &value), VECTOR_GP);
	}
	EXPECT_EQ(of(HVCALL_INITIALIZE_PARTITION, id), HV_STATUS_SUCCESS);
	/* Three tables are wanting. */
	for (unsigned int i = 0; i < 3; i++) {
		test_about("table %u", i);
		EXPECT_EQ(map(id, 0, RAM, number_of(MEMORY), 100), HV_STATUS_INSUFFICIENT_MEMORY);
		EXPECT_EQ(deposit(id, POOL + INITIALIZED + i, 1), RESULT(HV_STATUS_SUCCESS, 1));
	}
	test_about(NULL);
	EXPECT_EQ(map(id, 0, RAM, number_of(MEMORY), 100), RESULT(HV_STATUS_SUCCESS, 100));
	EXPECT_EQ(in_use(id), INITIALIZED + 3);
	/* The next table in the middle of a list: exact to the page. */
	EXPECT_EQ(map(id, 500, RAM, number_of(MEMORY), 100),
		  RESULT(HV_STATUS_INSUFFICIENT_MEMORY, 12));
	end(id, INITIALIZED + 3);
}

TEST(states, "children: what can be done in which state")
{
	uint64_t id = new_child();

	EXPECT_EQ(map(id, 0, NO_ACCESS, 0, 1), HV_STATUS_INVALID_PARTITION_STATE);
	EXPECT_EQ(deposit(id, POOL, 8), RESULT(HV_STATUS_SUCCESS, 8));
	EXPECT_EQ(of(HVCALL_DELETE_PARTITION, id), HV_STATUS_OBJECT_IN_USE);
	EXPECT_EQ(of(HVCALL_INITIALIZE_PARTITION, id), HV_STATUS_SUCCESS);
	EXPECT_EQ(of(HVCALL_INITIALIZE_PARTITION, id), HV_STATUS_INVALID_PARTITION_STATE);
	EXPECT_EQ(of(HVCALL_DELETE_PARTITION, id), HV_STATUS_INVALID_PARTITION_STATE);
	EXPECT_EQ(map(id, 0, RAM, number_of(MEMORY), 10), RESULT(HV_STATUS_SUCCESS, 10));
	EXPECT_EQ(of(HVCALL_FINALIZE_PARTITION, id), HV_STATUS_SUCCESS);
	EXPECT_EQ(of(HVCALL_FINALIZE_PARTITION, id), HV_STATUS_SUCCESS);
	EXPECT_EQ(of(HVCALL_INITIALIZE_PARTITION, id), HV_STATUS_INVALID_PARTITION_STATE);
	EXPECT_EQ(map(id, 0, NO_ACCESS, 0, 1), HV_STATUS_INVALID_PARTITION_STATE);
	EXPECT_EQ(deposit(id, POOL + 8, 1), HV_STATUS_INVALID_PARTITION_STATE);
	EXPECT_EQ(set(id, HV_PARTITION_PROPERTY_TIME_FREEZE, 1), HV_STATUS_INVALID_PARTITION_STATE);
	/* Linux unmaps after it has finalized. */
	EXPECT_EQ(unmap(id, 0, 0, 10), RESULT(HV_STATUS_SUCCESS, 10));
	EXPECT_EQ(withdraw_all(id), 8);
	EXPECT_EQ(of(HVCALL_DELETE_PARTITION, id), HV_STATUS_SUCCESS);
	EXPECT_EQ(of(HVCALL_DELETE_PARTITION, id), HV_STATUS_INVALID_PARTITION_ID);
	EXPECT_EQ(of(HVCALL_FINALIZE_PARTITION, id), HV_STATUS_INVALID_PARTITION_ID);
	EXPECT_EQ(deposit(id, POOL, 1), HV_STATUS_INVALID_PARTITION_ID);

	/* Deleted without ever having been initialized. */
	EXPECT_EQ(create(FLAGS, &id), HV_STATUS_SUCCESS);
	EXPECT_EQ(of(HVCALL_DELETE_PARTITION, id), HV_STATUS_SUCCESS);
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_SUCCESS, 1));
}

TEST(creation, "children: what cannot be created; the root itself is no child")
{
	static const uint16_t codes[] = {HVCALL_INITIALIZE_PARTITION, HVCALL_FINALIZE_PARTITION,
					 HVCALL_DELETE_PARTITION};
	struct hv_input_create_partition *in;
	uint64_t id;

	EXPECT_EQ(root_deposit(SELF_PAGE, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(create(0, &id), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(create(FLAGS | BIT(2), &id), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(create(FLAGS | BIT(63), &id), HV_STATUS_INVALID_PARAMETER);
	in = hypercall_prepare();
	in->flags = FLAGS;
	in->isolation_properties = 1;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_CREATE_PARTITION)), HV_STATUS_INVALID_PARAMETER);
	for (unsigned int i = 0; i < ARRAY_SIZE(codes); i++) {
		test_about("call 0x%x", codes[i]);
		EXPECT_EQ(of(codes[i], HV_PARTITION_ID_SELF), HV_STATUS_INVALID_PARTITION_ID);
		EXPECT_EQ(of(codes[i], 1), HV_STATUS_INVALID_PARTITION_ID);
		EXPECT_EQ(of(codes[i], 0), HV_STATUS_INVALID_PARTITION_ID);
	}
	EXPECT_EQ(map(1, 0, NO_ACCESS, 0, 1), HV_STATUS_INVALID_PARTITION_ID);
	EXPECT_EQ(root_withdraw(2), RESULT(HV_STATUS_NO_RESOURCES, 1));
}

TEST(siblings, "children: sixteen at once, listed in order of their numbers")
{
	struct hv_input_get_next_child_partition *in;
	uint64_t ids[16], next = 0;

	EXPECT_EQ(root_deposit(0, 16), RESULT(HV_STATUS_SUCCESS, 16));
	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++) {
		EXPECT_EQ(create(FLAGS, &ids[i]), HV_STATUS_SUCCESS);
		EXPECT_EQ(deposit(ids[i], 16 + 6 * i, 6), RESULT(HV_STATUS_SUCCESS, 6));
		EXPECT_EQ(of(HVCALL_INITIALIZE_PARTITION, ids[i]), HV_STATUS_SUCCESS);
		/* The same page in each of them. */
		EXPECT_EQ(map(ids[i], i, RAM, number_of(MEMORY), 1), RESULT(HV_STATUS_SUCCESS, 1));
	}
	EXPECT_EQ(deposit(ids[0], MEMORY, 1), HV_STATUS_INVALID_PARAMETER);
	for (unsigned int i = 0; i <= ARRAY_SIZE(ids); i++) {
		test_about("child %u", i);
		in = hypercall_prepare();
		in->parent_id = HV_PARTITION_ID_SELF;
		in->previous_child_id = next;
		EXPECT_EQ(hypercall(CONTROL(HVCALL_GET_NEXT_CHILD_PARTITION)), HV_STATUS_SUCCESS);
		memcpy(&next, hypercall_out, sizeof(next));
		EXPECT_EQ(next, i < ARRAY_SIZE(ids) ? ids[i] : 0);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++) {
		test_about("child %u", i);
		EXPECT_EQ(of(HVCALL_FINALIZE_PARTITION, ids[i]), HV_STATUS_SUCCESS);
		EXPECT_EQ(withdraw_all(ids[i]), 6);
		EXPECT_EQ(of(HVCALL_DELETE_PARTITION, ids[i]), HV_STATUS_SUCCESS);
	}
	test_about(NULL);
	EXPECT_EQ(root_withdraw(16), RESULT(HV_STATUS_SUCCESS, 16));
}

TEST(map_refusals, "children: what cannot be mapped")
{
	const uint64_t hidden = root_hidden_page() >> PAGE_SHIFT;
	uint64_t id = new_initialized();
	const struct {
		uint64_t base;
		uint32_t flags;
		uint64_t page;
	} bad[] = {
		{0, HV_MAP_GPA_WRITABLE, number_of(MEMORY)},
		{0, HV_MAP_GPA_EXECUTABLE, number_of(MEMORY)},
		{0, HV_MAP_GPA_READABLE | HV_MAP_GPA_USER_EXECUTABLE, number_of(MEMORY)},
		{0, RAM | NO_ACCESS, number_of(MEMORY)},
		{0, RAM | 0x20000, number_of(MEMORY)},
		{0, RAM | 0x100000, number_of(MEMORY)},
		{BIT(52), RAM, number_of(MEMORY)},
		{UINT64_MAX, RAM, number_of(MEMORY)},
		{1, RAM | BIG, large_page()},
		{0, RAM | BIG, large_page() + 1},
		/* The hypervisor's, its pool's, its overlays; registers as memory; the APIC. */
		{0, RAM, hidden},
		{0, RW | HV_MAP_GPA_NOT_CACHED, hidden},
		{0, RAM, number_of(POOL)},
		{0, RW | HV_MAP_GPA_NOT_CACHED, number_of(POOL)},
		{0, RAM, number_of(SELF_PAGE)},
		{0, HV_MAP_GPA_READABLE, rdmsr(HV_X64_MSR_HYPERCALL) >> PAGE_SHIFT},
		{0, RW | HV_MAP_GPA_NOT_CACHED, rdmsr(HV_X64_MSR_SIMP) >> PAGE_SHIFT},
		{0, RW, 0xa0},
		{0, RW | HV_MAP_GPA_NOT_CACHED, 0xfee00},
		{0, RAM, BIT(52) | number_of(MEMORY)},
		{0, RAM, UINT64_MAX},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		test_about("case %u", i);
		EXPECT_EQ(map(id, bad[i].base, bad[i].flags, bad[i].page, 1),
			  HV_STATUS_INVALID_PARAMETER);
	}
	test_about(NULL);
	EXPECT_EQ(unmap(id, 0, 1, 1), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(unmap(id, 1, HV_UNMAP_GPA_LARGE_PAGE, 1), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(in_use(id), INITIALIZED);
	/* Registers of a device, as for a device that is handed on. */
	EXPECT_EQ(map(id, 0, RW | HV_MAP_GPA_NOT_CACHED, 0xa0, 1), RESULT(HV_STATUS_SUCCESS, 1));
	end(id, POOL_PAGES);
}

TEST(ownership, "children: a page is a child's memory or in a pool, not both")
{
	uint64_t id = new_initialized();

	EXPECT_EQ(map(id, 0, RAM, number_of(MEMORY), 2), RESULT(HV_STATUS_SUCCESS, 2));
	EXPECT_EQ(map(id, 100, RAM, number_of(MEMORY), 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(deposit(id, MEMORY, 1), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(root_deposit(MEMORY, 1), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(deposit(id, MEMORY - 4, 5), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(map(id, 0, NO_ACCESS, 0, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(deposit(id, MEMORY, 1), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(unmap(id, 100, 0, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(deposit(id, MEMORY, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(map(id, 0, RAM, number_of(MEMORY), 1), HV_STATUS_INVALID_PARAMETER);
	/* What a child maps is still its parent's to use. */
	*(volatile uint64_t *)machine_page(MEMORY + 1) = 1;
	EXPECT_EQ(*(volatile uint64_t *)machine_page(MEMORY + 1), 1);
	end(id, POOL_PAGES + 1);
	/* With the child the mapping is gone. */
	EXPECT_EQ(root_deposit(MEMORY + 1, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_SUCCESS, 1));
}

TEST(compact, "children: 64 GiB without access cost no tables before they are touched")
{
	const uint64_t pages = 64 * SIZE_1G >> PAGE_SHIFT;
	uint64_t id = new_initialized();
	uint32_t count;

	/* The first GiB as Linux does it, the rest in large pages. */
	for (uint64_t at = 0; at < SIZE_1G >> PAGE_SHIFT; at += count) {
		count = (uint32_t)MIN((SIZE_1G >> PAGE_SHIFT) - at, MAP_MAX);
		if (!EXPECT_EQ(map(id, at, NO_ACCESS, 0, count), RESULT(HV_STATUS_SUCCESS, count)))
			break;
	}
	EXPECT(in_use(id) <= INITIALIZED + 1);
	for (uint64_t at = SIZE_1G >> PAGE_SHIFT; at < pages; at += (uint64_t)count * 512) {
		count = (uint32_t)MIN((pages - at) / 512, MAP_MAX);
		if (!EXPECT_EQ(map(id, at, NO_ACCESS | BIG, 0, count),
			       RESULT(HV_STATUS_SUCCESS, count)))
			break;
	}
	EXPECT(in_use(id) <= INITIALIZED + 1);
	EXPECT_EQ(map(id, pages / 2, RAM, number_of(MEMORY), 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT(in_use(id) <= INITIALIZED + 3);
	EXPECT_EQ(map(id, pages / 2, NO_ACCESS, 0, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT(in_use(id) <= INITIALIZED + 1);
	end(id, POOL_PAGES);
}

TEST(split, "children: a large page is split and merged, its table comes and goes")
{
	const uint64_t large = large_page();
	uint64_t id = new_initialized();
	uint64_t used;

	EXPECT_EQ(map(id, 0, RAM | BIG, large, 1), RESULT(HV_STATUS_SUCCESS, 1));
	used = in_use(id);
	EXPECT_EQ(map(id, 256, NO_ACCESS, 0, 16), RESULT(HV_STATUS_SUCCESS, 16));
	EXPECT_EQ(in_use(id), used + 1);
	EXPECT_EQ(map(id, 0, RAM | BIG, large, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(in_use(id), used);
	EXPECT_EQ(map(id, 511, RAM, number_of(MEMORY), 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(in_use(id), used + 1);
	EXPECT_EQ(map(id, 0, NO_ACCESS | BIG, 0, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(in_use(id), used);
	EXPECT_EQ(unmap(id, 0, HV_UNMAP_GPA_LARGE_PAGE, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(in_use(id), INITIALIZED);
	end(id, POOL_PAGES);
}

TEST(rights,
     "children: privileges and features are settled at initialization, and no more than ours")
{
	const uint64_t asked = HV_PRIVILEGE_EBX(HV_CREATE_PARTITIONS | HV_CPU_MANAGEMENT |
						HV_ISOLATION | HV_ACCESS_VSM | HV_ACCESS_STATS);
	const uint64_t given = HV_PRIVILEGE_EBX(HV_CREATE_PARTITIONS | HV_ACCESS_STATS);
	const uint64_t features = HV_SYNTHETIC_HYPERVISOR_PRESENT | HV_SYNTHETIC_HV1 |
				  HV_SYNTHETIC_ACCESS_VP_INDEX;
	uint64_t id = new_child(), value;

	EXPECT_EQ(get(id, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, &value), HV_STATUS_SUCCESS);
	EXPECT_EQ(value, 0);
	EXPECT_EQ(get(id, HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES, &value),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(value, 0);
	EXPECT_EQ(set(id, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, asked), HV_STATUS_SUCCESS);
	EXPECT_EQ(set(id, HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES, features | BIT(63)),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(get(id, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, &value), HV_STATUS_SUCCESS);
	EXPECT_EQ(value, given | HV_MSR_VP_INDEX_AVAILABLE);
	EXPECT_EQ(get(id, HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES, &value),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(value, features);
	EXPECT_EQ(deposit(id, POOL, INITIALIZED), RESULT(HV_STATUS_SUCCESS, INITIALIZED));
	EXPECT_EQ(of(HVCALL_INITIALIZE_PARTITION, id), HV_STATUS_SUCCESS);
	EXPECT_EQ(set(id, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, 0),
		  HV_STATUS_INVALID_PARTITION_STATE);
	EXPECT_EQ(set(id, HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES, 0),
		  HV_STATUS_INVALID_PARTITION_STATE);
	end(id, INITIALIZED);
}

TEST(time, "children: time begins with a partition, stands still, is set, goes on")
{
	uint64_t id = new_child(), first, second, value;

	EXPECT_EQ(get(id, HV_PARTITION_PROPERTY_REFERENCE_TIME, &first), HV_STATUS_SUCCESS);
	EXPECT(first < rdmsr(HV_X64_MSR_TIME_REF_COUNT));
	EXPECT_EQ(set(id, HV_PARTITION_PROPERTY_REFERENCE_TIME, 5),
		  HV_STATUS_INVALID_PARTITION_STATE);
	EXPECT_EQ(set(id, HV_PARTITION_PROPERTY_TIME_FREEZE, 2),
		  HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE);
	EXPECT_EQ(set(id, HV_PARTITION_PROPERTY_TIME_FREEZE, 1), HV_STATUS_SUCCESS);
	EXPECT_EQ(get(id, HV_PARTITION_PROPERTY_REFERENCE_TIME, &second), HV_STATUS_SUCCESS);
	EXPECT(second >= first);
	EXPECT_EQ(get(id, HV_PARTITION_PROPERTY_REFERENCE_TIME, &value), HV_STATUS_SUCCESS);
	EXPECT_EQ(value, second);
	EXPECT_EQ(set(id, HV_PARTITION_PROPERTY_REFERENCE_TIME, BIT(40)), HV_STATUS_SUCCESS);
	EXPECT_EQ(set(id, HV_PARTITION_PROPERTY_TIME_FREEZE, 0), HV_STATUS_SUCCESS);
	EXPECT_EQ(get(id, HV_PARTITION_PROPERTY_REFERENCE_TIME, &value), HV_STATUS_SUCCESS);
	EXPECT(value >= BIT(40) && value < BIT(40) + 10000000);
	end(id, 0);
}

TEST(properties, "children: properties that can be set, their ranges, and those that cannot")
{
	static const struct {
		uint32_t code;
		uint64_t good, bad;
	} list[] = {
		{HV_PARTITION_PROPERTY_PROCESSORS_PER_SOCKET, 4, 0},
		{HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING, 1, 2},
		{HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION, 1, 2},
	};
	uint64_t id = new_initialized(), value;

	for (unsigned int i = 0; i < ARRAY_SIZE(list); i++) {
		test_about("property 0x%x", list[i].code);
		EXPECT_EQ(set(id, list[i].code, list[i].good), HV_STATUS_SUCCESS);
		EXPECT_EQ(set(id, list[i].code, list[i].bad),
			  HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE);
		EXPECT_EQ(get(id, list[i].code, &value), HV_STATUS_SUCCESS);
		EXPECT_EQ(value, list[i].good);
		EXPECT_EQ(get(1, list[i].code, &value), HV_STATUS_UNKNOWN_PROPERTY);
	}
	test_about(NULL);
	EXPECT_EQ(set(id, HV_PARTITION_PROPERTY_PHYSICAL_ADDRESS_WIDTH, 40),
		  HV_STATUS_OPERATION_DENIED);
	EXPECT_EQ(set(id, 0x12345678, 0), HV_STATUS_UNKNOWN_PROPERTY);
	EXPECT_EQ(get(id, 0x12345678, &value), HV_STATUS_UNKNOWN_PROPERTY);
	end(id, POOL_PAGES);
}

TEST(pages, "children: statistics are paid by the parent; state pages belong to VPs")
{
	struct hv_input_map_vp_state_page *state;
	struct hv_input_stats_page *stats;
	uint64_t id = new_initialized();
	volatile uint64_t *page;

	EXPECT_EQ(root_deposit(MEMORY, 1), RESULT(HV_STATUS_SUCCESS, 1));
	stats = hypercall_prepare();
	stats->type = HV_STATS_OBJECT_PARTITION;
	stats->identity.partition.partition_id = id;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_MAP_STATS_PAGE)), HV_STATUS_SUCCESS);
	page = (volatile uint64_t *)machine_page(MEMORY);
	EXPECT_EQ(page[HV_COUNTER_PT_PARTITION_ID], id);
	EXPECT_EQ(page[HV_COUNTER_PT_DEPOSITED_PAGES], POOL_PAGES);
	state = hypercall_prepare();
	state->partition_id = id;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_MAP_VP_STATE_PAGE)), HV_STATUS_INVALID_VP_INDEX);
	EXPECT_EQ(hypercall(CONTROL(HVCALL_UNMAP_VP_STATE_PAGE)), HV_STATUS_INVALID_VP_INDEX);
	/* It goes with the partition. */
	EXPECT_EQ(of(HVCALL_FINALIZE_PARTITION, id), HV_STATUS_SUCCESS);
	EXPECT_EQ(withdraw_all(id), POOL_PAGES);
	EXPECT_EQ(of(HVCALL_DELETE_PARTITION, id), HV_STATUS_SUCCESS);
	EXPECT_EQ(root_withdraw(2), RESULT(HV_STATUS_SUCCESS, 2));
}

TEST(left_behind, "children: a system that leaves gets back what its children had")
{
	uint64_t value, id = new_initialized();

	EXPECT_EQ(map(id, 0, RAM, number_of(MEMORY), 300), RESULT(HV_STATUS_SUCCESS, 300));
	EXPECT_EQ(map(id, 512, RAM | BIG, large_page(), 1), RESULT(HV_STATUS_SUCCESS, 1));
	wrmsr(HV_X64_MSR_GUEST_OS_ID, 0);
	for (unsigned int i = 0; i < POOL + POOL_PAGES; i++) {
		test_about("page %u", i);
		EXPECT_FINE(fault_read(machine_page(i), &value));
		EXPECT_EQ(value, 0);
	}
	test_about(NULL);
	root_identify();
	EXPECT_EQ(of(HVCALL_FINALIZE_PARTITION, id), HV_STATUS_INVALID_PARTITION_ID);
	EXPECT_EQ(root_deposit(MEMORY, 300), RESULT(HV_STATUS_SUCCESS, 300));
	EXPECT_EQ(root_withdraw(300), RESULT(HV_STATUS_SUCCESS, 300));
}

// SPDX-License-Identifier: Apache-2.0
/* MAP_GPA_PAGES, UNMAP_GPA_PAGES, GET_GPA_PAGES_ACCESS_STATES; overlays: over the real nested
 * tables. */
#include "test.h"

#include "child.h"

#include "partition/frame.h"
#include "partition/gpa_map.h"
#include "partition/integrity.h"

/* The root's page that the child is, its pool behind it, and pages that tests map. */
#define CHILD     16u
#define POOL      200u
#define FREE      256u
#define LARGE     512u /* 2 MiB, aligned */
#define RW        (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)
#define RAM       (RW | HV_MAP_GPA_EXECUTABLE | HV_MAP_GPA_ADJUSTABLE)
#define NO_ACCESS HV_MAP_GPA_NO_ACCESS
#define BIG       HV_MAP_GPA_LARGE_PAGE

static struct partition *child;
static uint64_t id;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	child = make_child(CHILD, POOL);
	id = child->id;
	return 0;
}

/* Everything the child has comes back, and nothing is mapped any more. */
static int teardown(void **state)
{
	struct integrity found;
	uint64_t result;
	uint32_t back = 0;

	(void)state;
	integrity_check(&fake.root, &found);
	assert_int_equal(found.violations, 0);
	assert_int_equal(call_id(HVCALL_FINALIZE_PARTITION, id), 0);
	assert_int_equal(child->pool.used_count, 0);
	do {
		result = call_withdraw(id, HV_WITHDRAW_MAX);
		back += result_reps(result);
	} while (result_status(result) == 0);
	assert_int_equal(result_status(result), HV_STATUS_NO_RESOURCES);
	assert_true(back >= POOL);
	assert_int_equal(call_id(HVCALL_DELETE_PARTITION, id), 0);
	assert_int_equal(fake.root.pool.free_count, 1);
	for (unsigned int i = 0; i < FAKE_PAGES; i++)
		assert_int_equal(frame_mappings(i * PAGE_SIZE), 0);
	return 0;
}

static enum gpa_kind kind(uint64_t page, unsigned int access)
{
	return gpa_lookup(&child->gpa, page << PAGE_SHIFT, access);
}

/* What the child reads at its page number `page` is what stands in the root's page `source`. */
static void assert_maps(uint64_t page, uint64_t source)
{
	uint64_t value = 0;
	uint64_t mark = 0xC0DE000000000000 + source;

	memcpy(fake_memory + source * PAGE_SIZE + 8, &mark, sizeof(mark));
	assert_true(copy_from_gpa(&child->gpa, &value, (page << PAGE_SHIFT) + 8, sizeof(value)));
	assert_int_equal(value, mark);
}

static void test_map(void **state)
{
	uint64_t value = 0x1234;

	(void)state;
	assert_int_equal(kind(0x100, GPA_READ), GPA_UNMAPPED);
	assert_int_equal(call_map(id, 0x100, RAM, FREE, 1, 3), 3ull << 32);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(frame_mappings((FREE + i) * PAGE_SIZE), 1);
		assert_int_equal(kind(0x100 + i, GPA_READ | GPA_WRITE | GPA_EXECUTE), GPA_OK);
		assert_maps(0x100 + i, FREE + i);
	}
	assert_int_equal(kind(0x103, GPA_READ), GPA_UNMAPPED);
	/* The parent's memory is behind it, also across pages. */
	assert_true(copy_to_gpa(&child->gpa, 0x101ffc, &value, sizeof(value)));
	assert_memory_equal(fake_memory + (FREE + 2) * PAGE_SIZE - 4, &value, sizeof(value));
	assert_true(gpa_read_word(&child->gpa, 0x102008, 8, &value));
	assert_non_null(gpa_view(&child->gpa, 0x102008));
	assert_null(gpa_view(&child->gpa, 0x103000));
	/* Nothing in it is the child's to give away. */
	assert_false(gpa_owned_pages(&child->gpa, 0x100000, 1, &value));

	assert_int_equal(call_unmap(id, 0x100, 0, 3), 3ull << 32);
	assert_int_equal(kind(0x100, GPA_READ), GPA_UNMAPPED);
	assert_int_equal(frame_mappings(FREE * PAGE_SIZE), 0);
	/* Again, and where nothing ever was. */
	assert_int_equal(call_unmap(id, 0x0, 0, 512), 512ull << 32);
	assert_int_equal(call_unmap(id, 1ull << 20, HV_UNMAP_GPA_LARGE_PAGE, 4), 4ull << 32);
	/* Of the tables only the topmost is left. */
	assert_int_equal(child->pool.used_count, INITIALIZED);
}

static void test_rights(void **state)
{
	uint64_t value = 0;

	(void)state;
	assert_int_equal(call_map(id, 1, HV_MAP_GPA_READABLE, FREE, 1, 1), 1ull << 32);
	assert_int_equal(kind(1, GPA_READ), GPA_OK);
	assert_int_equal(kind(1, GPA_WRITE), GPA_VIOLATION);
	assert_int_equal(kind(1, GPA_EXECUTE), GPA_VIOLATION);
	assert_false(copy_to_gpa(&child->gpa, PAGE_SIZE, &value, 8));
	assert_int_equal(call_map(id, 1, HV_MAP_GPA_READABLE | HV_MAP_GPA_EXECUTABLE, FREE, 1, 1),
			 1ull << 32);
	assert_int_equal(kind(1, GPA_WRITE), GPA_VIOLATION);
	assert_int_equal(kind(1, GPA_EXECUTE), GPA_OK);
	assert_int_equal(frame_mappings(FREE * PAGE_SIZE), 1);
	assert_int_equal(call_map(id, 1, NO_ACCESS, 0, 0, 1), 1ull << 32);
	assert_int_equal(kind(1, GPA_READ), GPA_NO_ACCESS);
	assert_false(copy_from_gpa(&child->gpa, &value, PAGE_SIZE, 8));
	/* No permissions are no access. */
	assert_int_equal(call_map(id, 2, HV_MAP_GPA_ADJUSTABLE, FREE, 1, 1), 1ull << 32);
	assert_int_equal(kind(2, GPA_READ), GPA_NO_ACCESS);
	assert_int_equal(frame_mappings(FREE * PAGE_SIZE), 0);
}

static void assert_map_refused(uint64_t base, uint32_t flags, uint64_t page, enum hv_status status)
{
	uint64_t used = child->pool.used_count;

	assert_int_equal(call_map(id, base, flags, page, 1, 1), status);
	assert_int_equal(child->pool.used_count, used);
	for (unsigned int i = 0; i < FAKE_PAGES; i++)
		assert_int_equal(frame_mappings(i * PAGE_SIZE), 0);
}

/* A frame that does not count what a child maps, and a table that the parent can see, are noticed.
 */
static void test_integrity(void **state)
{
	struct integrity found;
	uint64_t table;

	(void)state;
	assert_int_equal(call_map(id, 1, RAM, FREE, 1, 1), 1ull << 32);
	frame_unmap(FREE * PAGE_SIZE, 1);
	integrity_check(&fake.root, &found);
	assert_int_equal(found.violations, 1);
	assert_string_equal(found.first, "what a child maps is its parent's, and counted");
	assert_true(frame_map(FREE * PAGE_SIZE, 1));
	table = child->gpa.table / PAGE_SIZE;
	fake.page[table].access = GPA_READ;
	integrity_check(&fake.root, &found);
	assert_true(found.violations > 0);
	fake.page[table].access = 0;
}

static void test_refusals(void **state)
{
	static const uint32_t bad_flags[] = {
		HV_MAP_GPA_WRITABLE,
		HV_MAP_GPA_EXECUTABLE,
		HV_MAP_GPA_READABLE | HV_MAP_GPA_KERNEL_EXECUTABLE,
		HV_MAP_GPA_READABLE | HV_MAP_GPA_USER_EXECUTABLE,
		HV_MAP_GPA_READABLE | HV_MAP_GPA_NO_ACCESS,
		RAM | 0x10,
		RAM | 0x20000,
		RAM | 0x100000,
		RAM | 0x1000000,
		RAM | 0x40000000,
	};
	const uint64_t limit = child->gpa.limit >> PAGE_SHIFT;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(bad_flags); i++)
		assert_map_refused(1, bad_flags[i], FREE, HV_STATUS_INVALID_PARAMETER);
	/* Places. */
	assert_map_refused(limit, RAM, FREE, HV_STATUS_INVALID_PARAMETER);
	assert_map_refused(UINT64_MAX, RAM, FREE, HV_STATUS_INVALID_PARAMETER);
	assert_map_refused(1ull << 52, RAM, FREE, HV_STATUS_INVALID_PARAMETER);
	assert_map_refused(1, RAM | BIG, LARGE, HV_STATUS_INVALID_PARAMETER);
	assert_map_refused(limit, NO_ACCESS | BIG, 0, HV_STATUS_INVALID_PARAMETER);
	/* Sources: misaligned, nowhere, not memory, read-only, deposited, not all ours. */
	assert_map_refused(512, RAM | BIG, LARGE + 1, HV_STATUS_INVALID_PARAMETER);
	assert_map_refused(1, RAM, FAKE_PAGES, HV_STATUS_INVALID_PARAMETER);
	assert_map_refused(1, RAM, UINT64_MAX, HV_STATUS_INVALID_PARAMETER);
	assert_map_refused(1, RAM, FREE + (1ull << 52), HV_STATUS_INVALID_PARAMETER);
	assert_map_refused(1, RAM, FAKE_SIMP >> PAGE_SHIFT, HV_STATUS_INVALID_PARAMETER);
	fake.page[FREE].access = GPA_READ;
	assert_map_refused(1, HV_MAP_GPA_READABLE, FREE, HV_STATUS_INVALID_PARAMETER);
	fake.page[FREE].access = GPA_READ | GPA_WRITE;
	assert_map_refused(1, RAM, CHILD, HV_STATUS_INVALID_PARAMETER);
	assert_map_refused(1, RAM, CHILD + 1, HV_STATUS_INVALID_PARAMETER);
	assert_map_refused(1, RAM | HV_MAP_GPA_NOT_CACHED, CHILD + 1, HV_STATUS_INVALID_PARAMETER);
	fake.page[LARGE + 511].access = GPA_READ;
	assert_map_refused(512, RAM | BIG, LARGE, HV_STATUS_INVALID_PARAMETER);
	fake.page[LARGE + 511].access = GPA_READ | GPA_WRITE | GPA_EXECUTE;

	/* Whom. */
	assert_int_equal(call_map(PARTITION_ID_ROOT, 1, RAM, FREE, 1, 1),
			 HV_STATUS_INVALID_PARTITION_ID);
	assert_int_equal(call_map(HV_PARTITION_ID_SELF, 1, RAM, FREE, 1, 1),
			 HV_STATUS_INVALID_PARTITION_ID);
	assert_int_equal(call_map(id + 1, 1, RAM, FREE, 1, 1), HV_STATUS_INVALID_PARTITION_ID);
	assert_int_equal(call_unmap(id + 1, 1, 0, 1), HV_STATUS_INVALID_PARTITION_ID);
	assert_int_equal(call_unmap(id, 1, 1, 1), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_unmap(id, 1, HV_UNMAP_GPA_LARGE_PAGE, 1),
			 HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_unmap(id, limit - 1, 0, 2), HV_STATUS_INVALID_PARAMETER);
}

/* A start that would bring the place around to the beginning of the space is beyond its end. */
static void test_no_wrap(void **state)
{
	const struct hv_input_map_gpa_pages map = {.target_partition_id = id,
						   .target_gpa_base = UINT64_MAX - 15,
						   .map_flags = NO_ACCESS};
	uint64_t result;

	(void)state;
	result = fake_call(control_rep(HVCALL_MAP_GPA_PAGES, 32) | 16ull << 48, &map, sizeof(map));
	assert_int_equal(result_status(result), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(kind(0, GPA_READ), GPA_UNMAPPED);
}

/* A page in the middle is bad: those before it are mapped and counted, the rest is not. */
static void test_partial(void **state)
{
	uint64_t result;

	(void)state;
	fake_deposit(FREE + 100, 1);
	result = call_map(id, 0, RAM, FREE, 1, 200);
	assert_int_equal(result_status(result), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(result_reps(result), 100);
	assert_int_equal(kind(99, GPA_READ), GPA_OK);
	assert_int_equal(kind(100, GPA_READ), GPA_UNMAPPED);
	assert_int_equal(call_withdraw(HV_PARTITION_ID_SELF, 1), 1ull << 32);
}

/* A page is a child's memory or the hypervisor's, never both. */
static void test_ownership(void **state)
{
	(void)state;
	assert_int_equal(call_map(id, 7, RAM, FREE, 1, 1), 1ull << 32);
	assert_int_equal(call_map(id, 8, RAM, FREE, 1, 1), 1ull << 32);
	assert_int_equal(frame_mappings(FREE * PAGE_SIZE), 2);
	assert_int_equal(call_deposit(id, FREE, 1), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_deposit(HV_PARTITION_ID_SELF, FREE, 1), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_deposit(id, FREE - 1, 2), HV_STATUS_INVALID_PARAMETER);
	assert_false(fake.page[FREE - 1].revoked);
	/* One of two mappings gone is not enough. */
	assert_int_equal(call_map(id, 7, NO_ACCESS, 0, 0, 1), 1ull << 32);
	assert_int_equal(call_deposit(id, FREE, 1), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_unmap(id, 8, 0, 1), 1ull << 32);
	assert_int_equal(call_deposit(id, FREE, 1), 1ull << 32);
	assert_int_equal(call_map(id, 7, RAM, FREE, 1, 1), HV_STATUS_INVALID_PARAMETER);
	/* Large pages count for each of theirs. */
	assert_int_equal(call_map(id, 512, RAM | BIG, LARGE, 512, 1), 1ull << 32);
	assert_int_equal(call_deposit(id, LARGE + 511, 1), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_map(id, 512 + 511, NO_ACCESS, 0, 0, 1), 1ull << 32);
	assert_int_equal(call_deposit(id, LARGE + 511, 1), 1ull << 32);
	assert_int_equal(call_deposit(id, LARGE + 510, 1), HV_STATUS_INVALID_PARAMETER);
}

static void test_devices(void **state)
{
	const uint64_t device = FAKE_SIMP >> PAGE_SHIFT;
	uint64_t value;

	(void)state;
	assert_int_equal(call_map(id, 3, RW | HV_MAP_GPA_NOT_CACHED, device, 1, 1), 1ull << 32);
	assert_int_equal(kind(3, GPA_READ | GPA_WRITE), GPA_OK);
	/* No memory: the hypervisor does not touch it. */
	assert_false(copy_from_gpa(&child->gpa, &value, 3 << PAGE_SHIFT, 8));
	assert_int_equal(frame_mappings(FAKE_SIMP), 0);
	assert_int_equal(call_map(id, 3, NO_ACCESS, 0, 0, 1), 1ull << 32);
	/* Memory can be uncached too, and counts. */
	assert_int_equal(call_map(id, 3, RW | HV_MAP_GPA_NOT_CACHED, FREE, 1, 1), 1ull << 32);
	assert_int_equal(frame_mappings(FREE * PAGE_SIZE), 1);
}

/* Much memory without access, as Linux announces it: in small pages, and costs nothing. */
static void test_no_access_is_compact(void **state)
{
	const uint64_t pages = (4ull << 30) >> PAGE_SHIFT;
	uint64_t at;

	(void)state;
	for (at = 0; at < pages; at += 509)
		assert_int_equal(result_status(call_map(id, at, NO_ACCESS, 0, 0,
							(uint32_t)MIN(509u, pages - at))),
				 0);
	/* One below the top: 4 GiB are entries of 1 GiB. */
	assert_int_equal(child->pool.used_count, INITIALIZED + 1);
	assert_int_equal(kind(0, GPA_READ), GPA_NO_ACCESS);
	assert_int_equal(kind(pages - 1, GPA_READ), GPA_NO_ACCESS);
	assert_int_equal(kind(pages, GPA_READ), GPA_UNMAPPED);
	for (at = pages; at < 128 * pages; at += 512ull * 509)
		assert_int_equal(result_status(call_map(id, at, NO_ACCESS | BIG, 0, 0, 509)), 0);
	assert_true(child->pool.used_count <= INITIALIZED + 3);
	/* Backwards is as good. */
	for (at = 0; at < 512; at++)
		assert_int_equal(call_unmap(id, 511 - at, 0, 1), 1ull << 32);
	assert_int_equal(kind(0, GPA_READ), GPA_UNMAPPED);
	assert_int_equal(kind(512, GPA_READ), GPA_NO_ACCESS);
	for (at = 0; at < 512; at++)
		assert_int_equal(call_map(id, 511 - at, NO_ACCESS, 0, 0, 1), 1ull << 32);
	assert_true(child->pool.used_count <= INITIALIZED + 3);
	/* A page is touched: tables down to it, and gone again with it. */
	assert_int_equal(call_map(id, 77, RAM, FREE, 1, 1), 1ull << 32);
	assert_int_equal(kind(76, GPA_READ), GPA_NO_ACCESS);
	assert_maps(77, FREE);
	assert_int_equal(kind(78, GPA_READ), GPA_NO_ACCESS);
	assert_int_equal(call_map(id, 77, NO_ACCESS, 0, 0, 1), 1ull << 32);
	assert_true(child->pool.used_count <= INITIALIZED + 3);
}

static void test_split_and_merge(void **state)
{
	uint64_t used;

	(void)state;
	assert_int_equal(call_map(id, 0, NO_ACCESS, 0, 0, 509), 509ull << 32);
	assert_int_equal(call_map(id, 0, RAM | BIG, LARGE, 512, 1), 1ull << 32);
	used = child->pool.used_count;
	assert_maps(0, LARGE);
	assert_maps(511, LARGE + 511);
	/* 4 KiB over 2 MiB: the others stay. */
	assert_int_equal(call_map(id, 5, HV_MAP_GPA_READABLE, FREE, 1, 1), 1ull << 32);
	assert_int_equal(child->pool.used_count, used + 1);
	assert_maps(4, LARGE + 4);
	assert_maps(5, FREE);
	assert_int_equal(kind(5, GPA_WRITE), GPA_VIOLATION);
	assert_maps(6, LARGE + 6);
	assert_int_equal(frame_mappings((LARGE + 5) * PAGE_SIZE), 0);
	assert_int_equal(frame_mappings((LARGE + 6) * PAGE_SIZE), 1);
	/* Part of it away, as madvise() does. */
	assert_int_equal(call_map(id, 256, NO_ACCESS, 0, 0, 16), 16ull << 32);
	assert_int_equal(kind(256, GPA_READ), GPA_NO_ACCESS);
	assert_int_equal(kind(272, GPA_READ), GPA_OK);
	/* 2 MiB over 512 pages, its table is free again. */
	assert_int_equal(call_map(id, 0, RAM | BIG, LARGE, 512, 1), 1ull << 32);
	assert_int_equal(child->pool.used_count, used);
	assert_int_equal(frame_mappings(FREE * PAGE_SIZE), 0);
	assert_int_equal(frame_mappings((LARGE + 300) * PAGE_SIZE), 1);
	assert_maps(5, LARGE + 5);
	/* And away. */
	assert_int_equal(call_map(id, 0, NO_ACCESS | BIG, 0, 0, 1), 1ull << 32);
	assert_int_equal(kind(511, GPA_READ), GPA_NO_ACCESS);
	assert_int_equal(frame_mappings((LARGE + 511) * PAGE_SIZE), 0);
	assert_int_equal(call_unmap(id, 0, HV_UNMAP_GPA_LARGE_PAGE, 1), 1ull << 32);
	assert_int_equal(child->pool.used_count, INITIALIZED);
}

/* Processors are told of what goes, before the call returns, and not of what only comes. */
static void test_sync(void **state)
{
	uint64_t generation = child->gpa.generation;
	unsigned int syncs = fake.syncs;

	(void)state;
	assert_int_equal(call_map(id, 0, NO_ACCESS, 0, 0, 64), 64ull << 32);
	assert_int_equal(call_map(id, 0, RAM, FREE, 1, 64), 64ull << 32);
	assert_int_equal(fake.syncs, syncs);
	assert_int_equal(child->gpa.generation, generation);
	assert_int_equal(call_map(id, 3, HV_MAP_GPA_READABLE, FREE + 3, 1, 1), 1ull << 32);
	assert_int_equal(fake.syncs, syncs + 1);
	assert_int_equal(child->gpa.generation, generation + 1);
	/* One for each round. */
	assert_int_equal(call_unmap(id, 0, 0, 128), 128ull << 32);
	assert_int_equal(fake.syncs, syncs + 2);
	assert_int_equal(child->gpa.generation, generation + 2);
}

/* Without memory for tables: exact counts, nothing lost, and it goes on once there is some. */
static void test_without_memory(void **state)
{
	uint64_t pages[POOL], result;
	unsigned int taken = 0;

	(void)state;
	assert_int_equal(call_map(id, 0, RAM | BIG, LARGE, 512, 1), 1ull << 32);
	assert_int_equal(call_map(id, 1024, NO_ACCESS, 0, 0, 500), 500ull << 32);
	while (page_pool_alloc(&child->pool, &pages[taken]))
		taken++;
	assert_int_equal(call_map(id, 5, RAM, FREE, 1, 1), HV_STATUS_INSUFFICIENT_MEMORY);
	assert_int_equal(call_unmap(id, 5, 0, 1), HV_STATUS_INSUFFICIENT_MEMORY);
	assert_maps(5, LARGE + 5);
	assert_int_equal(frame_mappings(FREE * PAGE_SIZE), 0);
	result = call_map(id, 1024 + 450, RAM, FREE, 1, 100);
	assert_int_equal(result_status(result), HV_STATUS_INSUFFICIENT_MEMORY);
	assert_int_equal(result_reps(result), 62);
	assert_int_equal(frame_mappings((FREE + 62) * PAGE_SIZE), 0);
	while (taken > 0)
		page_pool_free(&child->pool, pages[--taken]);
	assert_int_equal(call_map(id, 1024 + 450 + 62, RAM, FREE + 62, 1, 38), 38ull << 32);
	assert_maps(1024 + 450 + 99, FREE + 99);
}

static uint64_t call_states(uint64_t base, uint64_t flags, uint32_t count)
{
	const struct hv_input_get_gpa_pages_access_states input = {
		.partition_id = id, .flags = flags, .gpa_page = base};

	return fake_call(control_rep(HVCALL_GET_GPA_PAGES_ACCESS_STATES, count), &input,
			 sizeof(input));
}

static void test_access_states(void **state)
{
	const uint8_t *states = fake_output();
	const uint8_t both = HV_GPA_PAGE_ACCESSED | HV_GPA_PAGE_DIRTY;
	uint64_t value = 0;
	unsigned int syncs;

	(void)state;
	assert_int_equal(call_map(id, 0, RAM, FREE, 1, 100), 100ull << 32);
	/* The hypervisor writes for the child: that counts. */
	assert_true(copy_to_gpa(&child->gpa, 70 * PAGE_SIZE, &value, 8));
	assert_int_equal(call_states(0, 0, 128), 128ull << 32);
	for (unsigned int i = 0; i < 128; i++)
		assert_int_equal(states[i], i == 70 ? both : 0);
	assert_int_equal(states[128], 0xEE);
	syncs = fake.syncs;
	assert_int_equal(call_states(70, HV_GPA_ACCESS_STATE_CLEAR_DIRTY, 1), 1ull << 32);
	assert_int_equal(states[0], both);
	assert_int_equal(fake.syncs, syncs + 1);
	assert_int_equal(call_states(70, HV_GPA_ACCESS_STATE_SET_DIRTY, 1), 1ull << 32);
	assert_int_equal(states[0], HV_GPA_PAGE_ACCESSED);
	assert_int_equal(call_states(70, 0, 1), 1ull << 32);
	assert_int_equal(states[0], both);

	/* A large page tells for all of it until that has to differ. */
	assert_int_equal(call_map(id, 512, RAM | BIG, LARGE, 512, 1), 1ull << 32);
	assert_true(copy_to_gpa(&child->gpa, 513 * PAGE_SIZE, &value, 8));
	assert_int_equal(call_states(512, 0, 512), 512ull << 32);
	assert_int_equal(states[511], both);
	assert_int_equal(call_states(600, HV_GPA_ACCESS_STATE_CLEAR_DIRTY, 1), 1ull << 32);
	assert_int_equal(call_states(599, 0, 3), 3ull << 32);
	assert_int_equal(states[0], both);
	assert_int_equal(states[1], HV_GPA_PAGE_ACCESSED);
	assert_int_equal(states[2], both);
	assert_maps(600, LARGE + 88);

	assert_int_equal(call_states(0, 0x10, 1), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(
		call_states(0, HV_GPA_ACCESS_STATE_SET_DIRTY | HV_GPA_ACCESS_STATE_CLEAR_DIRTY, 1),
		HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_states(child->gpa.limit >> PAGE_SHIFT, 0, 1),
			 HV_STATUS_INVALID_PARAMETER);
}

static void test_overlay(void **state)
{
	const gpa_t gpa = 5 * PAGE_SIZE;
	uint64_t value = 0x77, used;
	spa_t page;

	(void)state;
	assert_int_equal(call_map(id, 0, RAM | BIG, LARGE, 512, 1), 1ull << 32);
	assert_true(page_pool_alloc(&child->pool, &page));
	assert_true(gpa_overlay_map(&child->gpa, gpa, page, true));
	assert_false(gpa_overlay_map(&child->gpa, gpa, page, true));
	used = child->pool.used_count;
	assert_true(copy_to_gpa(&child->gpa, gpa, &value, 8));
	assert_memory_equal(spa_to_virt(page), &value, 8);
	assert_int_equal(kind(5, GPA_WRITE), GPA_OK);
	assert_int_equal(kind(5, GPA_EXECUTE), GPA_VIOLATION);
	assert_maps(4, LARGE + 4);
	/* The parent changes what is below: later. A large page leaves room for it. */
	assert_int_equal(frame_mappings((LARGE + 5) * PAGE_SIZE), 1);
	assert_int_equal(call_map(id, 5, RAM, FREE, 1, 1), 1ull << 32);
	assert_int_equal(frame_mappings((LARGE + 5) * PAGE_SIZE), 0);
	assert_int_equal(frame_mappings(FREE * PAGE_SIZE), 1);
	assert_maps(5, page >> PAGE_SHIFT);
	assert_int_equal(call_map(id, 0, RAM | BIG, LARGE, 512, 1), 1ull << 32);
	assert_maps(5, page >> PAGE_SHIFT);
	assert_maps(6, LARGE + 6);
	assert_int_equal(child->pool.used_count, used);
	assert_int_equal(call_map(id, 0, NO_ACCESS | BIG, 0, 0, 1), 1ull << 32);
	assert_int_equal(kind(4, GPA_READ), GPA_NO_ACCESS);
	assert_maps(5, page >> PAGE_SHIFT);
	assert_int_equal(call_map(id, 5, RAM, FREE, 1, 1), 1ull << 32);

	gpa_overlay_unmap(&child->gpa, gpa);
	assert_maps(5, FREE);
	gpa_overlay_unmap(&child->gpa, gpa);
	assert_int_equal(call_map(id, 5, NO_ACCESS, 0, 0, 1), 1ull << 32);

	/* Where nothing is; read-only; many of them. */
	assert_false(gpa_overlay_map(&child->gpa, child->gpa.limit, page, false));
	for (uint64_t i = 0; i < 300; i++)
		assert_true(gpa_overlay_map(&child->gpa, (1000 + i) * PAGE_SIZE, page, false));
	assert_int_equal(kind(1299, GPA_EXECUTE), GPA_OK);
	assert_int_equal(kind(1299, GPA_WRITE), GPA_VIOLATION);
	for (uint64_t i = 0; i < 300; i++)
		gpa_overlay_unmap(&child->gpa, (1000 + i) * PAGE_SIZE);
	assert_int_equal(kind(1299, GPA_READ), GPA_UNMAPPED);
	/* One is left at the end, over a page of the parent's. */
	assert_int_equal(call_map(id, 9, RAM, FREE, 1, 1), 1ull << 32);
	assert_true(gpa_overlay_map(&child->gpa, 9 * PAGE_SIZE, page, true));
	page_pool_free(&child->pool, page);
}

/* Random changes against a model that is an array. */
#define BLOCKS 3u
#define PLACES (BLOCKS * 512u)

struct place {
	uint64_t source; /* 0: unmapped, 1: no access, otherwise a page number */
	bool overlay;
};

static struct place model[PLACES];
static uint64_t seed;

static uint32_t pick(uint32_t below)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(seed >> 33) % below;
}

static void model_set(uint32_t place, uint32_t count, uint64_t source, uint64_t step)
{
	for (uint32_t i = 0; i < count; i++)
		model[place + i].source = source + i * step;
}

static void random_change(spa_t overlay)
{
	uint32_t place = pick(PLACES);
	uint32_t block = place & ~511u;
	uint32_t count = 1 + pick(200);

	count = MIN(count, PLACES - place);
	switch (pick(8)) {
	case 0:
		assert_int_equal(result_status(call_map(id, block, RAM | BIG, LARGE, 512, 1)), 0);
		model_set(block, 512, LARGE, 1);
		break;
	case 1:
		assert_int_equal(result_status(call_map(id, block, NO_ACCESS | BIG, 0, 0, 1)), 0);
		model_set(block, 512, 1, 0);
		break;
	case 2:
		assert_int_equal(result_status(call_unmap(id, block, HV_UNMAP_GPA_LARGE_PAGE, 1)),
				 0);
		model_set(block, 512, 0, 0);
		break;
	case 3:
		assert_int_equal(result_status(call_map(id, place, NO_ACCESS, 0, 0, count)), 0);
		model_set(place, count, 1, 0);
		break;
	case 4:
		assert_int_equal(result_status(call_unmap(id, place, 0, count)), 0);
		model_set(place, count, 0, 0);
		break;
	case 5:
		place = block + pick(64); /* few enough for one page to list them */
		if (model[place].overlay)
			gpa_overlay_unmap(&child->gpa, place * PAGE_SIZE);
		else
			assert_true(gpa_overlay_map(&child->gpa, place * PAGE_SIZE, overlay, true));
		model[place].overlay = !model[place].overlay;
		break;
	default:
		assert_int_equal(result_status(call_map(id, place, RAM, FREE, 1, count)), 0);
		model_set(place, count, FREE, 1);
		break;
	}
}

static void check_model(spa_t overlay)
{
	static uint32_t mappings[FAKE_PAGES];

	memset(mappings, 0, sizeof(mappings));
	for (uint32_t i = 0; i < PLACES; i++) {
		const uint8_t *view = gpa_view(&child->gpa, i * PAGE_SIZE);
		uint64_t source = model[i].source;

		if (source > 1)
			mappings[source]++;
		if (model[i].overlay)
			assert_ptr_equal(view, fake_memory + overlay);
		else if (source > 1)
			assert_ptr_equal(view, fake_memory + source * PAGE_SIZE);
		else
			assert_int_equal(kind(i, GPA_READ),
					 source == 1 ? GPA_NO_ACCESS : GPA_UNMAPPED);
	}
	for (uint32_t i = 0; i < FAKE_PAGES; i++)
		assert_int_equal(frame_mappings(i * PAGE_SIZE), mappings[i]);
}

static void test_random(void **state)
{
	spa_t overlay;

	(void)state;
	memset(model, 0, sizeof(model));
	seed = 1;
	assert_true(page_pool_alloc(&child->pool, &overlay));
	for (unsigned int i = 0; i < 4000; i++) {
		random_change(overlay);
		if (i % 16 == 0)
			check_model(overlay);
	}
	for (uint32_t i = 0; i < PLACES; i++)
		if (model[i].overlay)
			gpa_overlay_unmap(&child->gpa, i * PAGE_SIZE);
	for (uint32_t i = 0; i < BLOCKS; i++)
		assert_int_equal(result_status(call_unmap(id, i * 512, HV_UNMAP_GPA_LARGE_PAGE, 1)),
				 0);
	/* What is left: the overlay, and the page that lists overlays. */
	assert_int_equal(child->pool.used_count, INITIALIZED + 2);
	page_pool_free(&child->pool, overlay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_map, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rights, setup, teardown),
		cmocka_unit_test_setup_teardown(test_integrity, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_wrap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_partial, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ownership, setup, teardown),
		cmocka_unit_test_setup_teardown(test_devices, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_access_is_compact, setup, teardown),
		cmocka_unit_test_setup_teardown(test_split_and_merge, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sync, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_access_states, setup, teardown),
		cmocka_unit_test_setup_teardown(test_overlay, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random, setup, teardown),
	};

	return cmocka_run_group_tests_name("child_memory", tests, NULL, NULL);
}

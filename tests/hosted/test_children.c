// SPDX-License-Identifier: Apache-2.0
/* The life of child partitions, their pools, state pages and statistics pages. */
#include "test.h"

#include "child.h"

#include "abi/hv/port.h"
#include "abi/hv/stats.h"
#include "abi/hv/vp.h"
#include "partition/child.h"
#include "partition/frame.h"

#define CHILD 16u
#define POOL  40u
#define FREE  256u
#define LARGE 512u
#define RAM   (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE | HV_MAP_GPA_EXECUTABLE)

static int setup(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static uint64_t created(void)
{
	uint64_t id;

	assert_int_equal(call_create(CHILD_FLAGS), 0);
	memcpy(&id, fake_output(), sizeof(id));
	return id;
}

static struct partition *find(uint64_t id)
{
	struct partition *p = partition_get_child(&fake.root, id);

	if (p)
		partition_put(p);
	return p;
}

/* Finalize `id`, take everything back and delete it; returns how many pages came back. */
static uint32_t end(uint64_t id)
{
	uint64_t result;
	uint32_t back = 0;

	assert_int_equal(call_id(HVCALL_FINALIZE_PARTITION, id), 0);
	do {
		result = call_withdraw(id, HV_WITHDRAW_MAX);
		back += result_reps(result);
	} while (result_status(result) == 0);
	assert_int_equal(result_status(result), HV_STATUS_NO_RESOURCES);
	assert_int_equal(call_id(HVCALL_DELETE_PARTITION, id), 0);
	return back;
}

static void test_life(void **state)
{
	struct partition *child;
	uint64_t id;

	(void)state;
	/* Its description is a page of its creator's; without one nothing happens. */
	assert_int_equal(call_create(CHILD_FLAGS), HV_STATUS_INSUFFICIENT_MEMORY);
	assert_int_equal(partition_count(), 1);
	fake_deposit(CHILD, 1);
	id = created();
	assert_int_equal(fake.root.pool.free_count, 0);
	assert_int_equal(fake.root.pool.used_count, 1);
	child = find(id);
	assert_int_equal(child->state, PARTITION_CREATED);
	assert_int_equal(child->flags, CHILD_FLAGS);
	assert_ptr_equal(child->parent, &fake.root);

	assert_int_equal(call_id(HVCALL_INITIALIZE_PARTITION, id), HV_STATUS_INSUFFICIENT_MEMORY);
	assert_int_equal(child->state, PARTITION_CREATED);
	assert_int_equal(call_deposit(id, CHILD + 1, 20), 20ull << 32);
	assert_int_equal(call_id(HVCALL_INITIALIZE_PARTITION, id), 0);
	assert_int_equal(call_id(HVCALL_INITIALIZE_PARTITION, id),
			 HV_STATUS_INVALID_PARTITION_STATE);
	assert_int_equal(call_id(HVCALL_DELETE_PARTITION, id), HV_STATUS_INVALID_PARTITION_STATE);

	assert_int_equal(call_map(id, 0, RAM, FREE, 1, 100), 100ull << 32);
	assert_int_equal(call_id(HVCALL_FINALIZE_PARTITION, id), 0);
	assert_int_equal(child->state, PARTITION_FINALIZED);
	assert_int_equal(child->pool.used_count, 0);
	assert_int_equal(frame_mappings(FREE * PAGE_SIZE), 0);
	/* Afterwards: unmapping and finalizing are fine, all else but withdrawing is not. */
	assert_int_equal(call_id(HVCALL_FINALIZE_PARTITION, id), 0);
	assert_int_equal(call_unmap(id, 0, 0, 100), 100ull << 32);
	assert_int_equal(call_map(id, 0, RAM, FREE, 1, 1), HV_STATUS_INVALID_PARTITION_STATE);
	assert_int_equal(call_deposit(id, FREE, 1), HV_STATUS_INVALID_PARTITION_STATE);
	assert_int_equal(call_id(HVCALL_INITIALIZE_PARTITION, id),
			 HV_STATUS_INVALID_PARTITION_STATE);
	assert_int_equal(call_id(HVCALL_DELETE_PARTITION, id), HV_STATUS_OBJECT_IN_USE);
	assert_int_equal(result_reps(call_withdraw(id, HV_WITHDRAW_MAX)), 20);
	assert_int_equal(call_id(HVCALL_DELETE_PARTITION, id), 0);
	assert_int_equal(fake.root.pool.free_count, 1);
	assert_int_equal(fake.root.pool.used_count, 0);
	assert_int_equal(call_id(HVCALL_DELETE_PARTITION, id), HV_STATUS_INVALID_PARTITION_ID);
	assert_int_equal(call_id(HVCALL_FINALIZE_PARTITION, id), HV_STATUS_INVALID_PARTITION_ID);
	assert_null(find(id));
	/* Its number does not come again. */
	assert_true(created() > id);
}

/* A partition that never got further, as Linux drops it. */
static void test_created_only(void **state)
{
	uint64_t id;

	(void)state;
	fake_deposit(CHILD, 1);
	id = created();
	assert_int_equal(call_deposit(id, CHILD + 1, 8), 8ull << 32);
	assert_int_equal(call_map(id, 0, RAM, FREE, 1, 1), HV_STATUS_INVALID_PARTITION_STATE);
	assert_int_equal(call_unmap(id, 0, 0, 1), 1ull << 32);
	assert_int_equal(call_id(HVCALL_DELETE_PARTITION, id), HV_STATUS_OBJECT_IN_USE);
	assert_int_equal(result_reps(call_withdraw(id, HV_WITHDRAW_MAX)), 8);
	assert_int_equal(call_id(HVCALL_DELETE_PARTITION, id), 0);
	assert_int_equal(fake.root.pool.free_count, 1);
}

/* A space that could not be made is none to take apart. */
static void test_finalize_without_space(void **state)
{
	uint64_t id;

	(void)state;
	fake_deposit(CHILD, 1);
	id = created();
	assert_int_equal(call_id(HVCALL_INITIALIZE_PARTITION, id), HV_STATUS_INSUFFICIENT_MEMORY);
	assert_int_equal(call_deposit(id, CHILD + 1, 2), 2ull << 32);
	assert_int_equal(end(id), 2);
}

/* A page is a page, also that of number 0. */
static void test_page_zero(void **state)
{
	struct partition *child;
	uint64_t id;

	(void)state;
	fake_deposit(CHILD, 1);
	id = created();
	child = find(id);
	fake_deposit_to(child, CHILD + 1, INITIALIZED - 1);
	fake_deposit_to(child, 0, 1);
	assert_int_equal(call_id(HVCALL_INITIALIZE_PARTITION, id), 0);
	assert_int_equal(child->pool.free_count, 0);
	assert_int_equal(end(id), INITIALIZED);
	assert_int_equal(partition_count(), 1);
}

static void test_creation_refusals(void **state)
{
	struct hv_input_create_partition input = {.flags = CHILD_FLAGS};
	static struct partition parent;

	(void)state;
	fake_deposit(CHILD, 1);
	assert_int_equal(call_create(0), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_create(CHILD_FLAGS | 1ull << 2), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_create(CHILD_FLAGS | 1ull << 63), HV_STATUS_INVALID_PARAMETER);
	input.isolation_properties = 2;
	assert_int_equal(fake_call(HVCALL_CREATE_PARTITION, &input, sizeof(input)),
			 HV_STATUS_INVALID_PARAMETER);
	fake.root.parent = &parent;
	assert_int_equal(call_create(CHILD_FLAGS), HV_STATUS_PARTITION_TOO_DEEP);
	fake.root.parent = NULL;
	assert_int_equal(fake.root.pool.free_count, 1);
	assert_int_equal(partition_count(), 1);
	/* All flags that Linux's VMMs use. */
	assert_int_equal(call_create(0x482110 | 1 | 2), 0);
}

/* As many as there are numbers in the table, each once, listed in order, found by nobody else. */
static void test_many(void **state)
{
	struct hv_input_get_next_child_partition next = {.parent_id = HV_PARTITION_ID_SELF};
	uint64_t ids[PARTITIONS_MAX], last = PARTITION_ID_ROOT;
	unsigned int count = 0;

	(void)state;
	fake_deposit(CHILD, PARTITIONS_MAX);
	for (count = 0; count < PARTITIONS_MAX - 1; count++) {
		ids[count] = created();
		assert_true(ids[count] > last);
		last = ids[count];
	}
	assert_int_equal(call_create(CHILD_FLAGS), HV_STATUS_NO_RESOURCES);
	assert_int_equal(fake.root.pool.free_count, 1);
	assert_int_equal(partition_count(), PARTITIONS_MAX);
	for (unsigned int i = 0; i <= count; i++) {
		uint64_t id;

		assert_int_equal(fake_call(HVCALL_GET_NEXT_CHILD_PARTITION, &next, sizeof(next)),
				 0);
		memcpy(&id, fake_output(), sizeof(id));
		assert_int_equal(id, i < count ? ids[i] : 0);
		next.previous_child_id = id;
	}
	next.parent_id = ids[0];
	assert_int_equal(fake_call(HVCALL_GET_NEXT_CHILD_PARTITION, &next, sizeof(next)),
			 HV_STATUS_INVALID_PARTITION_ID);
	/* A place becomes free: the next number that fits it. */
	assert_int_equal(call_id(HVCALL_DELETE_PARTITION, ids[7]), 0);
	assert_int_equal(created() % PARTITIONS_MAX, ids[7] % PARTITIONS_MAX);
	assert_null(find(ids[7]));
	/* A sibling is nobody's to name. */
	assert_null(partition_get(find(ids[8]), ids[9]));
	assert_null(partition_get(find(ids[8]), PARTITION_ID_ROOT));
}

/* Whoever holds a reference can still look at it; the page goes back with the last one. */
static void test_references(void **state)
{
	struct partition *held;
	uint64_t id;

	(void)state;
	fake_deposit(CHILD, 1);
	id = created();
	held = partition_get(&fake.root, id);
	assert_int_equal(call_id(HVCALL_DELETE_PARTITION, id), 0);
	assert_int_equal(held->state, PARTITION_DELETED);
	assert_int_equal(fake.root.pool.used_count, 1);
	assert_null(partition_get(&fake.root, id));
	partition_put(held);
	assert_int_equal(fake.root.pool.used_count, 0);
}

/* What a large address space takes to undo is done in rounds, interrupts being let in between. */
static void test_finalize_in_rounds(void **state)
{
	struct partition *child = make_child(CHILD, POOL);
	bool more = true;
	unsigned int rounds = 0;

	(void)state;
	for (unsigned int i = 0; i < 64; i++)
		assert_int_equal(
			call_map(child->id, i * 512, RAM | HV_MAP_GPA_LARGE_PAGE, LARGE, 512, 1),
			1ull << 32);
	assert_int_equal(frame_mappings(LARGE * PAGE_SIZE), 64);
	assert_int_equal(partition_finalize(child, &more), HV_STATUS_SUCCESS);
	assert_true(more);
	/* Between two rounds it is of no use to anybody. */
	assert_int_equal(child->state, PARTITION_FINALIZING);
	assert_int_equal(call_map(child->id, 0, RAM, FREE, 1, 1),
			 HV_STATUS_INVALID_PARTITION_STATE);
	assert_int_equal(call_id(HVCALL_DELETE_PARTITION, child->id),
			 HV_STATUS_INVALID_PARTITION_STATE);
	assert_int_equal(call_id(HVCALL_FINALIZE_PARTITION, child->id), 0);
	rounds = fake.rounds;
	assert_true(rounds > 1);
	assert_int_equal(frame_mappings(LARGE * PAGE_SIZE), 0);
	assert_int_equal(end(child->id), POOL);
}

static uint64_t call_state_page(uint16_t code, uint64_t id, uint32_t vp, uint16_t type)
{
	const struct hv_input_map_vp_state_page input = {
		.partition_id = id, .vp_index = vp, .type = type};

	return fake_call(code, &input, sizeof(input));
}

static void test_state_pages(void **state)
{
	struct partition *child = make_child(CHILD, POOL);
	struct hv_input_map_vp_state_page odd = {.partition_id = child->id,
						 .flags = HV_MAP_VP_STATE_PAGE_LOCATION_PROVIDED};
	struct vp *vp = fake_child_vp(child, 3);
	uint64_t number, again, used = child->pool.used_count;

	(void)state;
	assert_int_equal(call_state_page(HVCALL_MAP_VP_STATE_PAGE, child->id, 3, 1), 0);
	memcpy(&number, fake_output(), sizeof(number));
	assert_in_range(number, CHILD + 1, CHILD + POOL);
	assert_int_equal(fake.page[number].access, GPA_READ | GPA_WRITE);
	assert_true(fake.page[number].revoked);
	assert_ptr_equal(vp->message_page, fake_memory + number * PAGE_SIZE);
	assert_int_equal(call_state_page(HVCALL_MAP_VP_STATE_PAGE, child->id, 3, 1), 0);
	memcpy(&again, fake_output(), sizeof(again));
	assert_int_equal(again, number);
	assert_int_equal(call_state_page(HVCALL_MAP_VP_STATE_PAGE, child->id, 3, 0), 0);
	assert_non_null(vp->register_page);
	assert_int_equal(child->pool.used_count, used + 2);
	/* It is no memory of the parent's: no parameter, no deposit, no child's page. */
	assert_int_equal(call_deposit(child->id, number, 1), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_map(child->id, 0, RAM, number, 1, 1), HV_STATUS_INVALID_PARAMETER);

	assert_int_equal(call_state_page(HVCALL_UNMAP_VP_STATE_PAGE, child->id, 3, 1), 0);
	assert_int_equal(fake.page[number].access, 0);
	assert_null(vp->message_page);
	assert_int_equal(call_state_page(HVCALL_UNMAP_VP_STATE_PAGE, child->id, 3, 1),
			 HV_STATUS_NOT_FOUND);
	assert_int_equal(call_state_page(HVCALL_MAP_VP_STATE_PAGE, child->id, 3, 2),
			 HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_state_page(HVCALL_MAP_VP_STATE_PAGE, child->id, 2, 0),
			 HV_STATUS_INVALID_VP_INDEX);
	assert_int_equal(call_state_page(HVCALL_MAP_VP_STATE_PAGE, child->id, UINT32_MAX, 0),
			 HV_STATUS_INVALID_VP_INDEX);
	assert_int_equal(call_state_page(HVCALL_MAP_VP_STATE_PAGE, PARTITION_ID_ROOT, 0, 0),
			 HV_STATUS_INVALID_PARTITION_ID);
	assert_int_equal(fake_call(HVCALL_MAP_VP_STATE_PAGE, &odd, sizeof(odd)),
			 HV_STATUS_INVALID_PARAMETER);
	odd.flags = 0;
	odd.input_vtl = 1;
	assert_int_equal(fake_call(HVCALL_MAP_VP_STATE_PAGE, &odd, sizeof(odd)),
			 HV_STATUS_INVALID_PARAMETER);
	/* The other page goes when the partition does. */
	assert_int_equal(end(child->id), POOL);
	for (unsigned int i = 0; i < FAKE_PAGES; i++)
		assert_true(fake.page[i].access != 0 || i == CHILD);
}

static void test_state_page_without_memory(void **state)
{
	struct partition *child = make_child(CHILD, INITIALIZED + 1);

	(void)state;
	fake_child_vp(child, 0);
	assert_int_equal(call_state_page(HVCALL_MAP_VP_STATE_PAGE, child->id, 0, 1),
			 HV_STATUS_INSUFFICIENT_MEMORY);
	assert_int_equal(call_deposit(child->id, FREE, 1), 1ull << 32);
	assert_int_equal(call_state_page(HVCALL_MAP_VP_STATE_PAGE, child->id, 0, 1), 0);
	assert_int_equal(end(child->id), INITIALIZED + 2);
}

/* Properties of the processor are those of the machine, less what was disabled. */
static void test_processor_properties(void **state)
{
	struct hv_input_create_partition input = {.flags = CHILD_FLAGS,
						  .disabled_processor_features = {0x10, 0x8},
						  .disabled_processor_xsave_features = 4};
	static const struct {
		uint32_t code;
		uint64_t of_root, of_child;
	} list[] = {
		{HV_PARTITION_PROPERTY_PROCESSOR_VENDOR, 0, 0},
		{HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0, 0xF0F0, 0xF0E0},
		{HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1, 0x7878, 0x7870},
		{HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES, 0x3C3C, 0x3C38},
		{HV_PARTITION_PROPERTY_XSAVE_STATES, 7, 3},
		{HV_PARTITION_PROPERTY_MAX_XSAVE_DATA_SIZE, 583, 579},
	};
	uint64_t id, value;

	(void)state;
	fake_deposit(CHILD, 1);
	assert_int_equal(fake_call(HVCALL_CREATE_PARTITION, &input, sizeof(input)), 0);
	memcpy(&id, fake_output(), sizeof(id));
	for (unsigned int i = 0; i < ARRAY_SIZE(list); i++) {
		struct hv_input_get_partition_property get = {.partition_id = id,
							      .property_code = list[i].code};
		struct hv_input_set_partition_property set = {.partition_id = id,
							      .property_code = list[i].code};

		assert_int_equal(fake_call(HVCALL_GET_PARTITION_PROPERTY, &get, sizeof(get)), 0);
		memcpy(&value, fake_output(), sizeof(value));
		assert_int_equal(value, list[i].of_child);
		assert_int_equal(fake_call(HVCALL_SET_PARTITION_PROPERTY, &set, sizeof(set)),
				 HV_STATUS_OPERATION_DENIED);
		get.partition_id = PARTITION_ID_ROOT;
		assert_int_equal(fake_call(HVCALL_GET_PARTITION_PROPERTY, &get, sizeof(get)), 0);
		memcpy(&value, fake_output(), sizeof(value));
		assert_int_equal(value, list[i].of_root);
	}
}

/* While a VP runs its partition stays as it is. */
static void test_dispatched(void **state)
{
	struct partition *child = make_child(CHILD, POOL);
	struct vp *vp = fake_child_vp(child, 0);

	(void)state;
	fake_child_vp(child, 9);
	vp->child.owner = VP_OWNER_DISPATCH;
	assert_int_equal(call_id(HVCALL_FINALIZE_PARTITION, child->id), HV_STATUS_INVALID_VP_STATE);
	assert_int_equal(child->state, PARTITION_INITIALIZED);
	assert_int_equal(child->vp_count, 2);
	vp->child.owner = VP_OWNER_NONE;
	assert_int_equal(end(child->id), POOL);
}

static uint64_t map_stats(uint32_t type, uint64_t id, uint32_t vp)
{
	const struct hv_input_stats_page input = {
		.type = type, .identity.vp = {.partition_id = id, .vp_index = vp}};

	return fake_call(HVCALL_MAP_STATS_PAGE, &input, sizeof(input));
}

/* Their pages are of the parent's pool, tell two children's apart, and go back to it. */
static void test_stats(void **state)
{
	struct partition *child = make_child(CHILD, POOL);
	struct vp *vp = fake_child_vp(child, 0);
	const uint64_t *hypervisor;
	uint64_t id = child->id, number;

	(void)state;
	assert_int_equal(map_stats(HV_STATS_OBJECT_PARTITION, id, 0),
			 HV_STATUS_INSUFFICIENT_MEMORY);
	fake_deposit(FREE, 4);
	assert_int_equal(map_stats(HV_STATS_OBJECT_HYPERVISOR, 0, 0), 0);
	memcpy(&number, fake_output(), sizeof(number));
	hypervisor = (const uint64_t *)(const void *)(fake_memory + number * PAGE_SIZE);
	assert_int_equal(map_stats(HV_STATS_OBJECT_PARTITION, id, 0), 0);
	assert_int_equal(child->stats[HV_COUNTER_PT_PARTITION_ID], id);
	assert_int_equal(child->stats[HV_COUNTER_PT_DEPOSITED_PAGES], POOL);
	assert_int_equal(child->stats[HV_COUNTER_PT_VIRTUAL_PROCESSORS], 1);
	assert_int_equal(map_stats(HV_STATS_OBJECT_VP, id, 0), 0);
	memcpy(&number, fake_output(), sizeof(number));
	assert_ptr_equal(vp->stats, fake_memory + number * PAGE_SIZE);
	assert_int_equal(map_stats(HV_STATS_OBJECT_VP, PARTITION_ID_ROOT, 0), 0);
	assert_ptr_not_equal(vp->stats, fake.vp.stats);
	assert_int_equal(map_stats(HV_STATS_OBJECT_VP, id, 1), HV_STATUS_INVALID_VP_INDEX);
	assert_int_equal(hypervisor[HV_COUNTER_HV_PARTITIONS], 2);
	assert_int_equal(hypervisor[HV_COUNTER_HV_VIRTUAL_PROCESSORS], 2);
	assert_int_equal(fake.root.pool.used_count, 5);

	assert_int_equal(end(id), POOL);
	assert_int_equal(fake.root.pool.used_count, 2);
	assert_int_equal(hypervisor[HV_COUNTER_HV_PARTITIONS], 1);
	assert_int_equal(hypervisor[HV_COUNTER_HV_VIRTUAL_PROCESSORS], 1);
	assert_int_equal(hypervisor[HV_COUNTER_HV_TOTAL_PAGES], 5);
}

/* Also that of one which never was initialized. */
static void test_stats_of_created(void **state)
{
	uint64_t id;

	(void)state;
	fake_deposit(CHILD, 2);
	id = created();
	assert_int_equal(map_stats(HV_STATS_OBJECT_PARTITION, id, 0), 0);
	assert_int_equal(fake.root.pool.used_count, 2);
	assert_int_equal(call_id(HVCALL_DELETE_PARTITION, id), 0);
	assert_int_equal(fake.root.pool.used_count, 0);
	assert_int_equal(fake.page[CHILD].access | fake.page[CHILD + 1].access, 0);
}

/* Ports and connections of a child are paid by it, end with it, and cannot be made when it has. */
static void test_ports(void **state)
{
	struct partition *child = make_child(CHILD, POOL);
	struct hv_input_create_port port = {
		.port_partition_id = child->id,
		.port_id = 5,
		.port_info = {.port_type = HV_PORT_TYPE_MESSAGE, .target_sint = 2}};
	struct hv_input_connect_port connect = {
		.connection_partition_id = child->id,
		.port_partition_id = PARTITION_ID_ROOT,
		.port_id = 9,
		.connection_info = {.port_type = HV_PORT_TYPE_EVENT}};
	struct vp *vp = fake_child_vp(child, 0);
	struct hv_message message = {.header = {.message_type = 1}};

	(void)state;
	synic_reset(&vp->synic, 0, 0, 0);
	fake_deposit(FREE, 4);
	assert_int_equal(fake_call(HVCALL_CREATE_PORT, &port, sizeof(port)), 0);
	assert_true(child->pool.used_count > 2);
	assert_int_equal(port_create(&fake.root, 9, child->id,
				     &(struct hv_port_info){.port_type = HV_PORT_TYPE_EVENT,
							    .target_sint = 3,
							    .flag_count = 1}),
			 HV_STATUS_SUCCESS);
	assert_int_equal(fake_call(HVCALL_CONNECT_PORT, &connect, sizeof(connect)), 0);
	/* A message waits in the VP, for a slot that is not enabled. */
	assert_int_equal(port_connect(&fake.root, 1, child, 5, HV_PORT_TYPE_MESSAGE),
			 HV_STATUS_SUCCESS);
	assert_int_not_equal(port_post_message(&fake.vp, 1, 1, &message, sizeof(message.payload)),
			     HV_STATUS_INVALID_PORT_ID);

	assert_int_equal(call_id(HVCALL_FINALIZE_PARTITION, child->id), 0);
	assert_int_equal(child->pool.used_count, 0);
	assert_int_equal(fake_call(HVCALL_CREATE_PORT, &port, sizeof(port)),
			 HV_STATUS_INVALID_PARTITION_STATE);
	assert_int_equal(fake_call(HVCALL_CONNECT_PORT, &connect, sizeof(connect)),
			 HV_STATUS_INVALID_PARTITION_STATE);
	assert_int_equal(port_post_message(&fake.vp, 1, 1, &message, 8), HV_STATUS_INVALID_PORT_ID);
	assert_int_equal(end(child->id), POOL);
}

/* A child's pool is its parent's memory, not its own. */
static void test_child_as_caller(void **state)
{
	static struct partition parent;

	(void)state;
	fake_deposit(CHILD, 3);
	fake.root.parent = &parent;
	assert_int_equal(call_deposit(HV_PARTITION_ID_SELF, FREE, 1), HV_STATUS_ACCESS_DENIED);
	assert_int_equal(call_withdraw(HV_PARTITION_ID_SELF, 1), HV_STATUS_ACCESS_DENIED);
	fake.root.parent = NULL;
	assert_int_equal(fake.root.pool.free_count, 3);
}

/* The root's system leaves with children alive: all pages are the root's again. */
static void test_root_leaves(void **state)
{
	struct partition *child = make_child(CHILD, POOL);

	(void)state;
	fake_deposit(FREE + 100, 3);
	created();
	assert_int_equal(map_stats(HV_STATS_OBJECT_PARTITION, child->id, 0), 0);
	fake_child_vp(child, 0);
	assert_int_equal(call_state_page(HVCALL_MAP_VP_STATE_PAGE, child->id, 0, 1), 0);
	for (unsigned int i = 0; i < 64; i++)
		assert_int_equal(
			call_map(child->id, i * 512, RAM | HV_MAP_GPA_LARGE_PAGE, LARGE, 512, 1),
			1ull << 32);
	partition_return_deposits(&fake.root);
	assert_int_equal(partition_count(), 1);
	assert_int_equal(fake.root.pool.free_count + fake.root.pool.used_count, 0);
	for (unsigned int i = 0; i < FAKE_PAGES; i++) {
		assert_false(fake.page[i].revoked);
		assert_int_equal(frame_mappings(i * PAGE_SIZE), 0);
		assert_true(!fake.page[i].memory || frame_take(i * PAGE_SIZE));
	}
}

/* ... but one that still runs keeps what it has. */
static void test_root_leaves_behind(void **state)
{
	struct partition *child = make_child(CHILD, POOL);
	struct vp *vp = fake_child_vp(child, 0);

	(void)state;
	vp->child.owner = VP_OWNER_DISPATCH;
	partition_return_deposits(&fake.root);
	assert_string_equal(fake.log, "partition 2 still runs and keeps its memory");
	assert_int_equal(partition_count(), 2);
	assert_int_equal(child->pool.free_count + child->pool.used_count, POOL);
	assert_int_equal(fake.root.pool.used_count, 1);
	vp->child.owner = VP_OWNER_NONE;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_life, setup),
		cmocka_unit_test_setup(test_created_only, setup),
		cmocka_unit_test_setup(test_finalize_without_space, setup),
		cmocka_unit_test_setup(test_page_zero, setup),
		cmocka_unit_test_setup(test_creation_refusals, setup),
		cmocka_unit_test_setup(test_many, setup),
		cmocka_unit_test_setup(test_references, setup),
		cmocka_unit_test_setup(test_finalize_in_rounds, setup),
		cmocka_unit_test_setup(test_state_pages, setup),
		cmocka_unit_test_setup(test_state_page_without_memory, setup),
		cmocka_unit_test_setup(test_processor_properties, setup),
		cmocka_unit_test_setup(test_dispatched, setup),
		cmocka_unit_test_setup(test_stats, setup),
		cmocka_unit_test_setup(test_stats_of_created, setup),
		cmocka_unit_test_setup(test_ports, setup),
		cmocka_unit_test_setup(test_child_as_caller, setup),
		cmocka_unit_test_setup(test_root_leaves, setup),
		cmocka_unit_test_setup(test_root_leaves_behind, setup),
	};

	return cmocka_run_group_tests_name("children", tests, NULL, NULL);
}

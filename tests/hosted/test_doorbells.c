// SPDX-License-Identifier: Apache-2.0
/* Doorbells: what rings them, and the ring in which their parent finds them. */
#include "test.h"

#include "child.h"

#include "abi/hv/port.h"
#include "abi/hv/vp.h"
#include "partition/child.h"
#include "synic/port.h"
#include "synic/synic.h"

#define CHILD 16u
#define POOL  60u
#define FREE  200u
#define BELL  0xd0000000u

#define ENTRIES HV_SYNIC_EVENT_RING_MESSAGE_COUNT
#define ANY     (HV_DOORBELL_FLAG_SIZE_ANY | HV_DOORBELL_FLAG_ANY_VALUE)
#define VECTOR  0xf3u

static struct partition *child;
static struct vp *vp;
static uint32_t tail; /* of the reader */

static struct hv_synic_event_ring *ring(void)
{
	struct hv_synic_event_ring_page *page = (void *)(fake_memory + FAKE_SIRBP);

	return &page->sint_event_ring[HV_SYNIC_DOORBELL_SINT_INDEX];
}

static struct hv_message *slot(void)
{
	struct hv_message_page *page = (void *)(fake_memory + FAKE_SIMP);

	return &page->sint_message[0];
}

static void set_register(uint32_t msr, uint64_t value)
{
	uint64_t old;

	assert_true(synic_read_msr(&fake.vp, msr, &old));
	assert_true(synic_write_msr(&fake.vp, msr, (old & PAGE_MASK) | value));
}

static int setup(void **state)
{
	(void)state;
	fake_reset();
	tail = 0;
	fake_deposit(FREE, 10);
	child = make_child(CHILD, POOL);
	vp = fake_child_vp(child, 0);
	/* As Linux's driver does. */
	set_register(HV_X64_MSR_SIMP, HV_X64_MSR_PAGE_ENABLE);
	set_register(HV_X64_MSR_SIRBP, HV_X64_MSR_PAGE_ENABLE);
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_SINT0, VECTOR));
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_SINT0 + 5,
				    VECTOR | HV_SYNIC_SINT_AS_INTERCEPT));
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_SCONTROL, HV_SYNIC_CONTROL_ENABLE));
	return 0;
}

static uint64_t call_create_port(uint32_t id, uint32_t sint, uint32_t target)
{
	const struct hv_input_create_port input = {
		.port_partition_id = PARTITION_ID_ROOT,
		.port_id = id,
		.connection_partition_id = child->id,
		.port_info = {.port_type = HV_PORT_TYPE_DOORBELL,
			      .target_sint = sint,
			      .target_vp = target},
	};

	return fake_call(HVCALL_CREATE_PORT, &input, sizeof(input));
}

static uint64_t call_connect(uint32_t id, uint32_t port, uint64_t gpa, uint64_t value,
			     uint64_t flags)
{
	const struct hv_input_connect_port input = {
		.connection_partition_id = child->id,
		.connection_id = id,
		.port_partition_id = PARTITION_ID_ROOT,
		.port_id = port,
		.connection_info = {.port_type = HV_PORT_TYPE_DOORBELL,
				    .gpa = gpa,
				    .trigger_value = value,
				    .flags = flags},
	};

	return fake_call(HVCALL_CONNECT_PORT, &input, sizeof(input));
}

static uint64_t call_disconnect(uint32_t id)
{
	return fake_hypercall(HVCALL_DISCONNECT_PORT | HV_HYPERCALL_FAST_BIT, child->id,
			      id | (uint64_t)HV_DISCONNECT_DOORBELL << 32);
}

static uint64_t call_empty(uint32_t sint)
{
	return fake_hypercall(HVCALL_NOTIFY_PORT_RING_EMPTY | HV_HYPERCALL_FAST_BIT, sint, 0);
}

/* A doorbell `id` to port `id`. */
static void make_doorbell(uint32_t id, uint64_t gpa, uint64_t value, uint64_t flags)
{
	assert_int_equal(call_create_port(id, 5, HV_ANY_VP), 0);
	assert_int_equal(call_connect(id, id, gpa, value, flags), 0);
}

static bool write_at(uint64_t gpa, unsigned int size, uint64_t value)
{
	return port_has_doorbell(child, gpa) && port_ring_doorbell(vp, &fake.vp, gpa, size, value);
}

/* The next entry, as Linux's driver takes it; 0: none, and the ring is armed again. */
static uint32_t read_entry(void)
{
	for (;;) {
		uint32_t port = ring()->data[tail];

		if (port != 0) {
			ring()->data[tail] = 0;
			tail = (tail + 1) % ENTRIES;
			return port;
		}
		if (ring()->ring_full) {
			ring()->ring_full = 0;
			assert_int_equal(call_empty(5), 0);
			continue;
		}
		ring()->signal_masked = 0;
		return 0;
	}
}

/* The message that there is something in the ring; false if there is none. */
static bool take_message(void)
{
	const struct hv_sint_intercept_message *payload = (const void *)slot()->payload;

	if (slot()->header.message_type == HVMSG_NONE)
		return false;
	assert_int_equal(slot()->header.message_type, HVMSG_SYNIC_SINT_INTERCEPT);
	assert_int_equal(slot()->header.payload_size, sizeof(*payload));
	assert_int_equal(payload->sint_index, 5);
	slot()->header.message_type = HVMSG_NONE;
	return true;
}

static void test_rings(void **state)
{
	(void)state;
	make_doorbell(7, BELL, 0, ANY);
	assert_true(write_at(BELL, 4, 123));
	assert_int_equal(ring()->data[0], 7);
	assert_int_equal(ring()->signal_masked, 1);
	assert_int_equal(fake.interrupts[VECTOR], 1);
	assert_true(take_message());
	/* While its reader is at it, no second one. */
	assert_true(write_at(BELL, 2, 5));
	assert_false(take_message());
	assert_int_equal(fake.interrupts[VECTOR], 1);
	assert_int_equal(read_entry(), 7);
	assert_int_equal(read_entry(), 7);
	assert_int_equal(read_entry(), 0);
	assert_true(write_at(BELL, 1, 5));
	assert_true(take_message());
	assert_int_equal(read_entry(), 7);
	assert_int_equal(read_entry(), 0);
}

static void test_matching(void **state)
{
	(void)state;
	make_doorbell(1, BELL, 17, HV_DOORBELL_FLAG_SIZE_2);
	make_doorbell(2, BELL, 18, HV_DOORBELL_FLAG_SIZE_2);
	make_doorbell(3, BELL, 0, HV_DOORBELL_FLAG_SIZE_8 | HV_DOORBELL_FLAG_ANY_VALUE);
	make_doorbell(4, BELL - 8, 0, HV_DOORBELL_FLAG_SIZE_1 | HV_DOORBELL_FLAG_ANY_VALUE);
	make_doorbell(5, BELL + 4, 99, HV_DOORBELL_FLAG_SIZE_4);

	assert_true(write_at(BELL, 2, 18));
	assert_int_equal(read_entry(), 2);
	assert_true(write_at(BELL, 2, 17));
	assert_int_equal(read_entry(), 1);
	assert_true(write_at(BELL, 8, 17));
	assert_int_equal(read_entry(), 3);
	assert_true(write_at(BELL - 8, 1, 1));
	assert_int_equal(read_entry(), 4);
	assert_true(write_at(BELL + 4, 4, 99));
	assert_int_equal(read_entry(), 5);

	assert_false(write_at(BELL, 2, 19));
	assert_false(write_at(BELL, 4, 17));
	assert_false(write_at(BELL + 4, 4, 98));
	assert_false(write_at(BELL + 1, 1, 1));
	assert_false(write_at(BELL - 8, 2, 1));
	assert_int_equal(read_entry(), 0);

	/* One of several at a place goes. */
	assert_int_equal(call_disconnect(1), 0);
	assert_false(write_at(BELL, 2, 17));
	assert_true(write_at(BELL, 2, 18));
	assert_int_equal(read_entry(), 2);
	/* Its port goes: the parent has to see to the write. */
	assert_int_equal(
		fake_hypercall(HVCALL_DELETE_PORT | HV_HYPERCALL_FAST_BIT, PARTITION_ID_ROOT, 2),
		0);
	assert_false(write_at(BELL, 2, 18));
	assert_true(port_has_doorbell(child, BELL));
}

/* What does not fit waits, once for each port, and nothing is lost. */
static void test_full_ring(void **state)
{
	uint32_t seen[3] = {0};
	uint32_t id;

	(void)state;
	make_doorbell(1, BELL, 0, ANY);
	make_doorbell(2, BELL + 8, 0, ANY);
	for (unsigned int i = 0; i < ENTRIES; i++)
		assert_true(write_at(BELL, 1, 0));
	assert_int_equal(ring()->ring_full, 0);
	for (unsigned int i = 0; i < 5; i++) {
		assert_true(write_at(BELL, 1, 0));
		assert_true(write_at(BELL + 8, 1, 0));
	}
	assert_int_equal(ring()->ring_full, 1);
	assert_true(take_message());
	while ((id = read_entry()) != 0)
		seen[id]++;
	assert_int_equal(seen[1], ENTRIES + 1);
	assert_int_equal(seen[2], 1);
	assert_int_equal(ring()->ring_full, 0);
	/* Round and round, both in step. */
	for (unsigned int i = 0; i < 3 * ENTRIES; i++) {
		assert_true(write_at(BELL + 8, 1, 0));
		assert_true(take_message());
		assert_int_equal(read_entry(), 2);
		assert_int_equal(read_entry(), 0);
	}
	assert_int_equal(call_empty(4), HV_STATUS_INVALID_PARAMETER);
}

/* While nobody can be told, the write is the parent's to emulate. */
static void test_nobody_listens(void **state)
{
	(void)state;
	make_doorbell(1, BELL, 0, ANY);
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_SINT0 + 5, HV_SYNIC_SINT_MASKED));
	assert_false(write_at(BELL, 1, 0));
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_SINT0 + 5, VECTOR));
	assert_false(write_at(BELL, 1, 0));
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_SINT0 + 5,
				    VECTOR | HV_SYNIC_SINT_AS_INTERCEPT));
	set_register(HV_X64_MSR_SIRBP, 0);
	assert_false(write_at(BELL, 1, 0));
	set_register(HV_X64_MSR_SIRBP, HV_X64_MSR_PAGE_ENABLE);
	set_register(HV_X64_MSR_SIMP, 0);
	assert_false(write_at(BELL, 1, 0));
	assert_int_equal(ring()->data[0], 0);
	set_register(HV_X64_MSR_SIMP, HV_X64_MSR_PAGE_ENABLE);
	assert_true(write_at(BELL, 1, 0));
	assert_true(take_message());
	assert_int_equal(read_entry(), 1);
}

/* A full slot of SINT 0 delays the message, and no more than one waits. */
static void test_slot_in_use(void **state)
{
	(void)state;
	make_doorbell(1, BELL, 0, ANY);
	slot()->header.message_type = 1;
	assert_true(write_at(BELL, 1, 0));
	ring()->signal_masked = 0; /* a reader that forgets itself */
	assert_true(write_at(BELL, 1, 0));
	assert_true(slot()->header.message_flags & HV_MESSAGE_FLAG_PENDING);
	slot()->header.message_type = HVMSG_NONE;
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_EOM, 0));
	assert_true(take_message());
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_EOM, 0));
	assert_false(take_message());
	assert_int_equal(read_entry(), 1);
	assert_int_equal(read_entry(), 1);
}

/* INIT, and the end of the root's system: the next reader begins at the start. */
static void test_reset(void **state)
{
	(void)state;
	make_doorbell(1, BELL, 0, ANY);
	assert_true(write_at(BELL, 1, 0));
	assert_true(write_at(BELL, 1, 0));
	synic_ring_reset(&fake.vp);
	assert_int_equal(ring()->signal_masked, 0);
	slot()->header.message_type = HVMSG_NONE;
	assert_true(write_at(BELL, 1, 0));
	assert_int_equal(ring()->data[0], 1);
	assert_int_equal(ring()->data[1], 0);
	assert_true(take_message());
}

static void test_many(void **state)
{
	const uint32_t count = 300;
	uint64_t used = child->pool.used_count;

	(void)state;
	assert_int_equal(call_create_port(1, 5, 0), 0);
	/* In no order. */
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(call_connect(i, 1, BELL + (uint64_t)(i * 7 % count) * 16, i,
					      HV_DOORBELL_FLAG_SIZE_4),
				 0);
	for (uint32_t i = 0; i < count; i++) {
		assert_true(write_at(BELL + (uint64_t)(i * 7 % count) * 16, 4, i));
		assert_false(write_at(BELL + (uint64_t)(i * 7 % count) * 16, 4, i + 1));
		assert_int_equal(read_entry(), 1);
	}
	for (uint32_t i = 0; i < count; i += 2)
		assert_int_equal(call_disconnect(i), 0);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(write_at(BELL + (uint64_t)(i * 7 % count) * 16, 4, i), i % 2);
		assert_int_equal(read_entry(), i % 2);
	}
	for (uint32_t i = 1; i < count; i += 2)
		assert_int_equal(call_disconnect(i), 0);
	assert_int_equal(child->pool.used_count, used);
	assert_int_equal(call_disconnect(1), HV_STATUS_INVALID_CONNECTION_ID);
}

/* Their numbers are not those of other connections; they go with the child. */
static void test_numbers_and_end(void **state)
{
	bool more;

	(void)state;
	make_doorbell(1, BELL, 0, ANY);
	assert_false(port_is_connected(child, 1));
	assert_int_equal(call_connect(1, 1, BELL, 0, ANY), HV_STATUS_INVALID_CONNECTION_ID);
	assert_int_equal(
		fake_hypercall(HVCALL_DISCONNECT_PORT | HV_HYPERCALL_FAST_BIT, child->id, 1),
		HV_STATUS_INVALID_CONNECTION_ID);
	assert_int_equal(partition_finalize(child, &more), 0);
	assert_int_equal(child->pool.used_count, 0);
	assert_false(port_has_doorbell(child, BELL));
	assert_int_equal(
		fake_hypercall(HVCALL_DELETE_PORT | HV_HYPERCALL_FAST_BIT, PARTITION_ID_ROOT, 1),
		0);
}

static void test_refusals(void **state)
{
	const struct hv_input_connect_port self = {
		.connection_partition_id = PARTITION_ID_ROOT,
		.connection_id = 9,
		.port_partition_id = PARTITION_ID_ROOT,
		.port_id = 1,
		.connection_info = {.port_type = HV_PORT_TYPE_DOORBELL}};
	const struct hv_input_create_port of_child = {
		.port_partition_id = child->id,
		.port_id = 1,
		.port_info = {.port_type = HV_PORT_TYPE_DOORBELL,
			      .target_sint = 5,
			      .target_vp = HV_ANY_VP}};
	uint64_t used;

	(void)state;
	assert_int_equal(call_create_port(1, 4, HV_ANY_VP), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_create_port(1, 5, 1), HV_STATUS_INVALID_VP_INDEX);
	assert_int_equal(fake_call(HVCALL_CREATE_PORT, &of_child, sizeof(of_child)),
			 HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_create_port(1, 5, HV_ANY_VP), 0);
	used = child->pool.used_count;
	assert_int_equal(call_connect(1, 2, BELL, 0, ANY), HV_STATUS_INVALID_PORT_ID);
	assert_int_equal(call_connect(1, 1, BELL, 0, 5), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_connect(1, 1, BELL, 0, 0x10), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_connect(1, 1, child->gpa.limit, 0, ANY), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(fake_call(HVCALL_CONNECT_PORT, &self, sizeof(self)),
			 HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(child->pool.used_count, used);
	/* Paid by the child; without a page nothing has happened. */
	while (child->pool.free_count > 1) {
		spa_t page;

		assert_true(page_pool_alloc(&child->pool, &page));
	}
	used = child->pool.used_count;
	assert_int_equal(call_connect(1, 1, BELL, 0, ANY), HV_STATUS_INSUFFICIENT_MEMORY);
	assert_int_equal(child->pool.used_count, used);
	assert_false(port_has_doorbell(child, BELL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_rings, setup),
		cmocka_unit_test_setup(test_matching, setup),
		cmocka_unit_test_setup(test_full_ring, setup),
		cmocka_unit_test_setup(test_nobody_listens, setup),
		cmocka_unit_test_setup(test_slot_in_use, setup),
		cmocka_unit_test_setup(test_reset, setup),
		cmocka_unit_test_setup(test_many, setup),
		cmocka_unit_test_setup(test_numbers_and_end, setup),
		cmocka_unit_test_setup(test_refusals, setup),
	};

	return cmocka_run_group_tests_name("doorbells", tests, NULL, NULL);
}

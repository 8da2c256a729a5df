// SPDX-License-Identifier: Apache-2.0
/* Ports and connections, by the calls that make, use and delete them; and the direct calls. */
#include "test.h"

#include "fake.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/hypercall.h"
#include "abi/hv/partition.h"
#include "abi/hv/port.h"
#include "synic/port.h"
#include "synic/synic.h"

#define SINT       4u
#define VECTOR     0xF3u
#define PORT       0x123456u
#define CONNECTION 0x654321u

/* Pages of a second VP's. */
#define SECOND_SIEFP (8 * PAGE_SIZE)
#define SECOND_SIMP  (9 * PAGE_SIZE)
#define SECOND_SIRBP (10 * PAGE_SIZE)

static struct fake_snapshot before;
static struct vp second;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	memset(&second, 0, sizeof(second));
	return 0;
}

static void enable(struct vp *vp)
{
	assert_true(synic_write_msr(vp, HV_X64_MSR_SCONTROL, 1));
	assert_true(synic_write_msr(vp, HV_X64_MSR_SIMP, 1));
	assert_true(synic_write_msr(vp, HV_X64_MSR_SIEFP, 1));
	assert_true(synic_write_msr(vp, HV_X64_MSR_SINT0 + SINT, VECTOR));
}

static void add_second_vp(void)
{
	second.partition = &fake.root;
	second.index = 200;
	synic_reset(&second.synic, SECOND_SIEFP, SECOND_SIMP, SECOND_SIRBP);
	fake.root.vps[200] = &second;
	fake.root.vp_count++;
}

static struct hv_message *slot_in(gpa_t page, unsigned int sint)
{
	return &((struct hv_message_page *)(void *)(fake_memory + page))->sint_message[sint];
}

static struct hv_message *slot(void)
{
	return slot_in(FAKE_SIMP, SINT);
}

static bool flag_in(gpa_t page, unsigned int flag)
{
	const struct hv_synic_event_flags_page *flags =
		(const struct hv_synic_event_flags_page *)(void *)(fake_memory + page);

	return flags->event_flags[SINT].flags[flag / 8] & 1u << flag % 8;
}

static void consume(void)
{
	slot()->header.message_type = HVMSG_NONE;
	if (slot()->header.message_flags & HV_MESSAGE_FLAG_PENDING)
		assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_EOM, 0));
}

static struct hv_input_create_port message_port(uint32_t id)
{
	return (struct hv_input_create_port){
		.port_partition_id = HV_PARTITION_ID_SELF,
		.port_id = id,
		.connection_partition_id = PARTITION_ID_ROOT,
		.port_info = {.port_type = HV_PORT_TYPE_MESSAGE, .target_sint = SINT},
	};
}

static struct hv_input_create_port event_port(uint32_t id, uint16_t first, uint16_t count)
{
	struct hv_input_create_port input = message_port(id);

	input.port_info.port_type = HV_PORT_TYPE_EVENT;
	input.port_info.base_flag_number = first;
	input.port_info.flag_count = count;
	return input;
}

static uint64_t create(struct hv_input_create_port input)
{
	return fake_call(HVCALL_CREATE_PORT, &input, sizeof(input));
}

static uint64_t delete_port(uint32_t id)
{
	return fake_hypercall(HVCALL_DELETE_PORT | HV_HYPERCALL_FAST_BIT, PARTITION_ID_ROOT, id);
}

static struct hv_input_connect_port connection(uint32_t id, uint32_t port, uint32_t type)
{
	return (struct hv_input_connect_port){
		.connection_partition_id = PARTITION_ID_ROOT,
		.connection_id = id,
		.port_partition_id = HV_PARTITION_ID_SELF,
		.port_id = port,
		.connection_info.port_type = type,
	};
}

static uint64_t connect_to(struct hv_input_connect_port input)
{
	return fake_call(HVCALL_CONNECT_PORT, &input, sizeof(input));
}

static uint64_t disconnect(uint32_t id)
{
	return fake_hypercall(HVCALL_DISCONNECT_PORT | HV_HYPERCALL_FAST_BIT, HV_PARTITION_ID_SELF,
			      id);
}

static struct hv_input_post_message message(uint32_t type)
{
	struct hv_input_post_message input = {
		.connection_id = CONNECTION,
		.reserved = 0xEEEEEEEE,
		.message_type = type,
		.payload_size = 8,
		.payload = {type * 3, 0x1111},
	};

	return input;
}

static uint64_t post(struct hv_input_post_message input)
{
	return fake_call(HVCALL_POST_MESSAGE, &input, sizeof(input));
}

static uint64_t signal(uint32_t id, uint16_t flag)
{
	return fake_hypercall(HVCALL_SIGNAL_EVENT | HV_HYPERCALL_FAST_BIT,
			      id | (uint64_t)flag << 32, 0);
}

static void make_channel(uint32_t vp)
{
	struct hv_input_create_port input = message_port(PORT);

	input.port_info.target_vp = vp;
	assert_int_equal(create(input), 0);
	assert_int_equal(connect_to(connection(CONNECTION, PORT, HV_PORT_TYPE_MESSAGE)), 0);
}

static void make_event_channel(uint32_t vp, uint16_t first, uint16_t count)
{
	struct hv_input_create_port input = event_port(PORT, first, count);

	input.port_info.target_vp = vp;
	assert_int_equal(create(input), 0);
	assert_int_equal(connect_to(connection(CONNECTION, PORT, HV_PORT_TYPE_EVENT)), 0);
}

/* Without memory nothing happens, however often; with it, it does. */
static void test_memory(void **state)
{
	(void)state;
	/* A port: a page of entries, one of objects, one of messages. */
	for (unsigned int pages = 0; pages < 3; pages++) {
		fake_snapshot_take(&before);
		assert_int_equal(create(message_port(PORT)), HV_STATUS_INSUFFICIENT_MEMORY);
		assert_true(fake.root.pool.free_count == pages && fake.root.pool.used_count == 0);
		fake_deposit(FAKE_FREE + pages, 1);
	}
	assert_int_equal(create(message_port(PORT)), 0);
	assert_int_equal(fake.root.pool.used_count, 3);
	for (unsigned int pages = 0; pages < 2; pages++) {
		assert_int_equal(connect_to(connection(CONNECTION, PORT, HV_PORT_TYPE_MESSAGE)),
				 HV_STATUS_INSUFFICIENT_MEMORY);
		assert_int_equal(fake.root.pool.free_count, pages);
		fake_deposit(FAKE_FREE + 3 + pages, 1);
	}
	assert_int_equal(connect_to(connection(CONNECTION, PORT, HV_PORT_TYPE_MESSAGE)), 0);
	/* Event ports share a page of objects. */
	assert_int_equal(create(event_port(1, 0, 1)), 0);
	assert_int_equal(create(message_port(2)), HV_STATUS_INSUFFICIENT_MEMORY);
	assert_int_equal(fake.root.pool.used_count, 5);

	assert_int_equal(disconnect(CONNECTION), 0);
	assert_int_equal(fake.root.pool.used_count, 3);
	assert_int_equal(delete_port(PORT), 0);
	assert_int_equal(fake.root.pool.used_count, 2);
	assert_int_equal(delete_port(1), 0);
	assert_int_equal(fake.root.pool.used_count, 0);
	assert_int_equal(fake.root.pool.free_count, 5);
}

static void assert_refused(struct hv_input_create_port input, enum hv_status status)
{
	fake_snapshot_take(&before);
	assert_int_equal(create(input), status);
	assert_true(fake_snapshot_same(&before));
}

static void test_create_refused(void **state)
{
	struct hv_input_create_port input;

	(void)state;
	fake_deposit(FAKE_FREE, 20);
	for (uint32_t type = 0; type < 10; type++) {
		if (type == HV_PORT_TYPE_MESSAGE || type == HV_PORT_TYPE_EVENT)
			continue;
		input = message_port(PORT);
		input.port_info.port_type = type;
		assert_refused(input, HV_STATUS_INVALID_PARAMETER);
	}
	for (uint32_t sint = 0; sint < 300; sint += sint < 16 ? 1 : 256 - 16) {
		input = message_port(PORT + sint);
		input.port_info.target_sint = sint;
		if (sint == 0 || sint > 15)
			assert_refused(input, HV_STATUS_INVALID_PARAMETER);
		else
			assert_int_equal(create(input), 0);
		delete_port(PORT + sint);
	}
	input = message_port(PORT);
	input.port_info.target_vp = 1;
	assert_refused(input, HV_STATUS_INVALID_VP_INDEX);
	input.port_info.target_vp = PARTITION_MAX_VPS;
	assert_refused(input, HV_STATUS_INVALID_VP_INDEX);
	input.port_info.target_vp = HV_VP_INDEX_SELF;
	assert_refused(input, HV_STATUS_INVALID_VP_INDEX);
	assert_refused(message_port(0x1000000), HV_STATUS_INVALID_PORT_ID);
	assert_refused(message_port(UINT32_MAX), HV_STATUS_INVALID_PORT_ID);
	input = message_port(PORT);
	input.port_partition_id = 2;
	assert_refused(input, HV_STATUS_INVALID_PARTITION_ID);
	input = message_port(PORT);
	input.connection_partition_id = 2;
	assert_refused(input, HV_STATUS_INVALID_PARTITION_ID);
	input = message_port(PORT);
	input.port_vtl = 1;
	assert_refused(input, HV_STATUS_INVALID_PARAMETER);
	input = message_port(PORT);
	input.min_connection_vtl = 1;
	assert_refused(input, HV_STATUS_INVALID_PARAMETER);

	assert_refused(event_port(PORT, 0, 0), HV_STATUS_INVALID_PARAMETER);
	assert_refused(event_port(PORT, 0, 2049), HV_STATUS_INVALID_PARAMETER);
	assert_refused(event_port(PORT, 2047, 2), HV_STATUS_INVALID_PARAMETER);
	assert_refused(event_port(PORT, 0xFFFF, 0xFFFF), HV_STATUS_INVALID_PARAMETER);

	/* Ids are a partition's own, of ports of all types. */
	assert_int_equal(create(event_port(PORT, 2047, 1)), 0);
	assert_refused(message_port(PORT), HV_STATUS_INVALID_PORT_ID);
	assert_int_equal(create(event_port(0, 0, 2048)), 0);
	assert_int_equal(create(message_port(0xFFFFFF)), 0);
	assert_int_equal(delete_port(1), HV_STATUS_INVALID_PORT_ID);
	assert_int_equal(delete_port(UINT32_MAX), HV_STATUS_INVALID_PORT_ID);
	assert_int_equal(fake_hypercall(HVCALL_DELETE_PORT | HV_HYPERCALL_FAST_BIT, 2, PORT),
			 HV_STATUS_INVALID_PARTITION_ID);
}

static void test_connect_refused(void **state)
{
	struct hv_input_connect_port input;

	(void)state;
	fake_deposit(FAKE_FREE, 20);
	assert_int_equal(create(message_port(PORT)), 0);
	assert_int_equal(connect_to(connection(CONNECTION, 1, HV_PORT_TYPE_MESSAGE)),
			 HV_STATUS_INVALID_PORT_ID);
	assert_int_equal(connect_to(connection(CONNECTION, PORT | 0x1000000, HV_PORT_TYPE_MESSAGE)),
			 HV_STATUS_INVALID_PORT_ID);
	assert_int_equal(connect_to(connection(CONNECTION, PORT, HV_PORT_TYPE_EVENT)),
			 HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(connect_to(connection(0x1000000, PORT, HV_PORT_TYPE_MESSAGE)),
			 HV_STATUS_INVALID_CONNECTION_ID);
	input = connection(CONNECTION, PORT, HV_PORT_TYPE_MESSAGE);
	input.connection_vtl = 1;
	assert_int_equal(connect_to(input), HV_STATUS_INVALID_PARAMETER);
	input = connection(CONNECTION, PORT, HV_PORT_TYPE_MESSAGE);
	input.connection_partition_id = 2;
	assert_int_equal(connect_to(input), HV_STATUS_INVALID_PARTITION_ID);
	input = connection(CONNECTION, PORT, HV_PORT_TYPE_MESSAGE);
	input.port_partition_id = 0;
	assert_int_equal(connect_to(input), HV_STATUS_INVALID_PARTITION_ID);
	assert_int_equal(fake.root.pool.used_count, 3);

	assert_int_equal(connect_to(connection(CONNECTION, PORT, HV_PORT_TYPE_MESSAGE)), 0);
	assert_int_equal(connect_to(connection(CONNECTION, PORT, HV_PORT_TYPE_MESSAGE)),
			 HV_STATUS_INVALID_CONNECTION_ID);
	assert_int_equal(disconnect(CONNECTION + 1), HV_STATUS_INVALID_CONNECTION_ID);
	assert_int_equal(fake_hypercall(HVCALL_DISCONNECT_PORT | HV_HYPERCALL_FAST_BIT, 1,
					CONNECTION | 1ull << 32),
			 HV_STATUS_INVALID_CONNECTION_ID);
	assert_int_equal(
		fake_hypercall(HVCALL_DISCONNECT_PORT | HV_HYPERCALL_FAST_BIT, 2, CONNECTION),
		HV_STATUS_INVALID_PARTITION_ID);
	assert_int_equal(disconnect(CONNECTION), 0);
	assert_int_equal(disconnect(CONNECTION), HV_STATUS_INVALID_CONNECTION_ID);
}

/* Only the partition that a port is for may connect to it. */
static void test_another_partition(void **state)
{
	static struct partition other;
	const struct hv_port_info info = {
		.port_type = HV_PORT_TYPE_EVENT, .target_sint = SINT, .flag_count = 1};
	struct vp sender = {.partition = &other, .index = 3};

	(void)state;
	other = (struct partition){.id = 9};
	page_pool_init(&other.pool);
	fake_deposit(FAKE_FREE, 4);
	/* Pages of the other partition's pool. */
	for (spa_t page = FAKE_FREE + 10; page < FAKE_FREE + 12; page++)
		page_pool_add(&other.pool, page << PAGE_SHIFT);
	enable(&fake.vp);
	assert_int_equal(port_create(&fake.root, 1, PARTITION_ID_ROOT, &info), 0);
	assert_int_equal(port_create(&fake.root, 2, 9, &info), 0);
	assert_int_equal(port_create(&fake.root, 3, 0, &info), 0);
	assert_int_equal(port_connect(&other, 5, &fake.root, 1, HV_PORT_TYPE_EVENT),
			 HV_STATUS_ACCESS_DENIED);
	assert_int_equal(port_connect(&other, 5, &fake.root, 2, HV_PORT_TYPE_EVENT), 0);
	assert_int_equal(port_connect(&other, 6, &fake.root, 3, HV_PORT_TYPE_EVENT), 0);
	/* Who connects pays. */
	assert_int_equal(other.pool.used_count, 2);
	assert_int_equal(fake.root.pool.used_count, 2);
	assert_int_equal(port_signal_event(&fake.vp, 5, 0), HV_STATUS_INVALID_CONNECTION_ID);
	assert_int_equal(port_signal_event(&sender, 5, 0), 0);
	assert_true(flag_in(FAKE_SIEFP, 0));
	/* The port's end leaves the connection, which leads nowhere then. */
	port_delete_all(&fake.root);
	assert_int_equal(fake.root.pool.used_count, 0);
	assert_int_equal(port_signal_event(&sender, 5, 0), HV_STATUS_INVALID_PORT_ID);
	port_delete_all(&other);
	assert_int_equal(other.pool.used_count, 0);
}

static void test_message(void **state)
{
	struct hv_input_post_message input = message(0x7FFFFFFF);

	(void)state;
	fake_deposit(FAKE_FREE, 5);
	enable(&fake.vp);
	make_channel(0);
	memset(input.payload, 0xC5, sizeof(input.payload));
	input.payload_size = 240;
	assert_int_equal(post(input), 0);
	assert_int_equal(slot()->header.message_type, 0x7FFFFFFF);
	assert_int_equal(slot()->header.payload_size, 240);
	assert_int_equal(slot()->header.origination_id, PORT);
	assert_int_equal(slot()->header.message_flags, 0);
	assert_memory_equal(slot()->payload, input.payload, 240);
	assert_int_equal(fake.interrupts[VECTOR], 1);

	/* No more bytes than said. */
	consume();
	memset(slot()->payload, 0xEE, sizeof(slot()->payload));
	input = message(1);
	input.payload_size = 0;
	assert_int_equal(post(input), 0);
	assert_int_equal(slot()->header.payload_size, 0);
	assert_true(slot()->payload[0] == 0xEEEEEEEEEEEEEEEE);
}

static void test_message_refused(void **state)
{
	struct hv_input_post_message input;

	(void)state;
	fake_deposit(FAKE_FREE, 6);
	enable(&fake.vp);
	make_channel(0);
	assert_int_equal(create(event_port(1, 0, 1)), 0);
	assert_int_equal(connect_to(connection(1, 1, HV_PORT_TYPE_EVENT)), 0);

	assert_int_equal(post(message(0)), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(post(message(0x80000010)), HV_STATUS_INVALID_PARAMETER);
	input = message(1);
	input.payload_size = 241;
	assert_int_equal(post(input), HV_STATUS_INVALID_PARAMETER);
	input.payload_size = 0x108;
	assert_int_equal(post(input), HV_STATUS_INVALID_PARAMETER);
	input = message(1);
	input.connection_id = 2;
	assert_int_equal(post(input), HV_STATUS_INVALID_CONNECTION_ID);
	input.connection_id = CONNECTION | 0x1000000;
	assert_int_equal(post(input), HV_STATUS_INVALID_CONNECTION_ID);
	input.connection_id = 1;
	assert_int_equal(post(input), HV_STATUS_INVALID_PORT_ID);

	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_SIMP, 0));
	assert_int_equal(post(message(1)), HV_STATUS_INVALID_SYNIC_STATE);
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_SIMP, 1));
	assert_int_equal(slot()->header.message_type, HVMSG_NONE);
	assert_int_equal(fake.interrupts[VECTOR], 0);

	assert_int_equal(delete_port(PORT), 0);
	assert_int_equal(post(message(1)), HV_STATUS_INVALID_PORT_ID);
	/* A new port of that id is another port. */
	assert_int_equal(create(message_port(PORT)), 0);
	assert_int_equal(post(message(1)), HV_STATUS_INVALID_PORT_ID);
	assert_int_equal(disconnect(CONNECTION), 0);
	assert_int_equal(post(message(1)), HV_STATUS_INVALID_CONNECTION_ID);
	fake.root.privileges &= ~HV_PRIVILEGE_EBX(HV_POST_MESSAGES | HV_SIGNAL_EVENTS);
	assert_int_equal(post(message(1)), HV_STATUS_ACCESS_DENIED);
	assert_int_equal(signal(1, 0), HV_STATUS_ACCESS_DENIED);
}

/* Sixteen messages can wait beside the one in the slot; they arrive in order. */
static void test_buffers(void **state)
{
	(void)state;
	fake_deposit(FAKE_FREE, 5);
	enable(&fake.vp);
	make_channel(0);
	for (uint32_t round = 0; round < 3; round++) {
		for (uint32_t i = 1; i <= 17; i++)
			assert_int_equal(post(message(i)), 0);
		assert_int_equal(post(message(18)), HV_STATUS_INSUFFICIENT_BUFFERS);
		for (uint32_t i = 1; i <= 17; i++) {
			assert_int_equal(slot()->header.message_type, i);
			assert_int_equal(slot()->payload[0], i * 3);
			consume();
		}
		assert_int_equal(slot()->header.message_type, HVMSG_NONE);
	}
	assert_int_equal(fake.interrupts[VECTOR], 3 * 17);
}

/* What was sent survives the connection, not the port. */
static void test_delete_with_messages(void **state)
{
	(void)state;
	fake_deposit(FAKE_FREE, 6);
	enable(&fake.vp);
	make_channel(0);
	assert_int_equal(create(message_port(7)), 0);
	assert_int_equal(connect_to(connection(7, 7, HV_PORT_TYPE_MESSAGE)), 0);
	for (uint32_t i = 1; i <= 4; i++) {
		struct hv_input_post_message input = message(i);

		input.connection_id = i % 2 ? CONNECTION : 7;
		assert_int_equal(post(input), 0);
	}
	assert_int_equal(disconnect(CONNECTION), 0);
	assert_int_equal(delete_port(7), 0);
	consume();
	assert_int_equal(slot()->header.message_type, 3);
	consume();
	assert_int_equal(slot()->header.message_type, HVMSG_NONE);
	assert_int_equal(delete_port(PORT), 0);
	assert_int_equal(disconnect(7), 0);
	assert_int_equal(fake.root.pool.used_count, 0);
}

static void test_event(void **state)
{
	const struct hv_input_signal_event slow = {
		.connection_id = CONNECTION, .flag_number = 2, .reserved = 0xEEEE};

	(void)state;
	fake_deposit(FAKE_FREE, 5);
	enable(&fake.vp);
	make_event_channel(0, 100, 4);
	assert_int_equal(signal(CONNECTION, 0), 0);
	assert_int_equal(signal(CONNECTION, 3), 0);
	assert_int_equal(fake.interrupts[VECTOR], 2);
	assert_int_equal(signal(CONNECTION, 3), 0);
	assert_int_equal(fake.interrupts[VECTOR], 2);
	assert_int_equal(fake_call(HVCALL_SIGNAL_EVENT, &slow, sizeof(slow)), 0);
	for (unsigned int flag = 0; flag < HV_EVENT_FLAGS_COUNT; flag++)
		assert_int_equal(flag_in(FAKE_SIEFP, flag),
				 flag == 100 || flag == 102 || flag == 103);
	assert_int_equal(signal(CONNECTION, 4), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(signal(CONNECTION, 0xFFFF), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(signal(CONNECTION + 1, 0), HV_STATUS_INVALID_CONNECTION_ID);
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_SINT0 + SINT, 0x10000));
	assert_int_equal(signal(CONNECTION, 1), HV_STATUS_INVALID_SYNIC_STATE);
	assert_false(flag_in(FAKE_SIEFP, 101));
	assert_int_equal(post(message(1)), HV_STATUS_INVALID_PORT_ID);
	assert_int_equal(delete_port(PORT), 0);
	assert_int_equal(signal(CONNECTION, 1), HV_STATUS_INVALID_PORT_ID);
}

/* A port for any VP: the sender's if it can, else the first that can. */
static void test_any_vp(void **state)
{
	(void)state;
	fake_deposit(FAKE_FREE, 6);
	add_second_vp();
	make_channel(HV_ANY_VP);
	assert_int_equal(post(message(1)), HV_STATUS_INVALID_VP_INDEX);
	enable(&second);
	assert_int_equal(post(message(2)), 0);
	assert_int_equal(slot_in(SECOND_SIMP, SINT)->header.message_type, 2);
	assert_ptr_equal(fake.interrupted, &second);
	enable(&fake.vp);
	assert_int_equal(post(message(3)), 0);
	assert_int_equal(slot()->header.message_type, 3);
	/* Those that wait at several VPs are taken back from all. */
	assert_int_equal(post(message(4)), 0);
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_SCONTROL, 0));
	assert_int_equal(post(message(5)), 0);
	assert_int_equal(delete_port(PORT), 0);
	enable(&fake.vp);
	slot()->header.message_type = HVMSG_NONE;
	slot_in(SECOND_SIMP, SINT)->header.message_type = HVMSG_NONE;
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_EOM, 0));
	assert_true(synic_write_msr(&second, HV_X64_MSR_EOM, 0));
	assert_int_equal(slot()->header.message_type, HVMSG_NONE);
	assert_int_equal(slot_in(SECOND_SIMP, SINT)->header.message_type, HVMSG_NONE);
	assert_int_equal(disconnect(CONNECTION), 0);

	make_event_channel(HV_ANY_VP, 0, 8);
	assert_int_equal(signal(CONNECTION, 1), 0);
	assert_true(flag_in(FAKE_SIEFP, 1));
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_SIEFP, 0));
	assert_int_equal(signal(CONNECTION, 2), 0);
	assert_true(flag_in(SECOND_SIEFP, 2));
}

static void test_one_vp(void **state)
{
	(void)state;
	fake_deposit(FAKE_FREE, 5);
	add_second_vp();
	make_channel(200);
	enable(&fake.vp);
	assert_int_equal(post(message(1)), HV_STATUS_INVALID_SYNIC_STATE);
	enable(&second);
	assert_int_equal(post(message(1)), 0);
	assert_int_equal(slot_in(SECOND_SIMP, SINT)->header.message_type, 1);
	assert_int_equal(slot()->header.message_type, HVMSG_NONE);
	fake.root.vps[200] = NULL;
	assert_int_equal(post(message(1)), HV_STATUS_INVALID_VP_INDEX);
}

/* As many as the tables hold, and everything back when the system leaves. */
static void test_many(void **state)
{
	(void)state;
	fake_deposit(FAKE_FREE, 40);
	enable(&fake.vp);
	for (uint32_t i = 0; i < ID_TABLE_MAX; i++) {
		assert_int_equal(create(event_port(i * 32768, (uint16_t)i, 1)), 0);
		assert_int_equal(connect_to(connection(i, i * 32768, HV_PORT_TYPE_EVENT)), 0);
	}
	assert_int_equal(create(event_port(1, 0, 1)), HV_STATUS_NO_RESOURCES);
	assert_int_equal(connect_to(connection(0xFFFFFF, 0, HV_PORT_TYPE_EVENT)),
			 HV_STATUS_NO_RESOURCES);
	assert_int_equal(create(message_port(1)), HV_STATUS_NO_RESOURCES);
	for (uint32_t i = 0; i < ID_TABLE_MAX; i++) {
		assert_int_equal(signal(i, 0), 0);
		assert_true(flag_in(FAKE_SIEFP, i));
	}
	assert_int_equal(delete_port(0), 0);
	assert_int_equal(create(message_port(0)), 0);
	assert_int_equal(disconnect(0), 0);
	assert_int_equal(connect_to(connection(CONNECTION, 0, HV_PORT_TYPE_MESSAGE)), 0);
	for (uint32_t i = 1; i < 10; i++)
		assert_int_equal(post(message(i)), 0);

	partition_return_deposits(&fake.root);
	assert_int_equal(fake.root.pool.used_count, 0);
	assert_int_equal(fake.root.pool.free_count, 0);
	for (uint32_t i = FAKE_FREE; i < FAKE_FREE + 40; i++)
		assert_false(fake.page[i].revoked);
	consume();
	assert_int_equal(slot()->header.message_type, HVMSG_NONE);
	assert_int_equal(signal(5, 0), HV_STATUS_INVALID_CONNECTION_ID);
}

static struct hv_input_post_message_direct direct_message(void)
{
	struct hv_message sent = {
		.header = {.message_type = 1, .payload_size = 16, .origination_id = 99},
		.payload = {7, 8, 9},
	};
	struct hv_input_post_message_direct input = {
		.partition_id = HV_PARTITION_ID_SELF,
		.padding = {0xEE, 0xEE, 0xEE},
		.sint_index = SINT,
		.padding2 = 0xEEEEEEEE,
	};

	memcpy(input.message, &sent, sizeof(sent));
	return input;
}

static uint64_t post_direct(struct hv_input_post_message_direct input)
{
	return fake_call(HVCALL_POST_MESSAGE_DIRECT, &input, sizeof(input));
}

static void test_post_direct(void **state)
{
	struct hv_input_post_message_direct input = direct_message();

	(void)state;
	assert_int_equal(post_direct(input), HV_STATUS_INVALID_SYNIC_STATE);
	enable(&fake.vp);
	assert_int_equal(post_direct(input), 0);
	assert_int_equal(slot()->header.message_type, 1);
	assert_int_equal(slot()->header.payload_size, 16);
	assert_int_equal(slot()->header.origination_id, 99);
	assert_int_equal(slot()->payload[0], 7);
	assert_int_equal(slot()->payload[1], 8);
	assert_int_equal(slot()->payload[2], 0);
	assert_int_equal(fake.interrupts[VECTOR], 1);
	assert_int_equal(post_direct(input), HV_STATUS_OBJECT_IN_USE);
	consume();

	input.partition_id = 2;
	assert_int_equal(post_direct(input), HV_STATUS_INVALID_PARTITION_ID);
	input = direct_message();
	input.vp_index = 1;
	assert_int_equal(post_direct(input), HV_STATUS_INVALID_VP_INDEX);
	input.vp_index = HV_ANY_VP;
	assert_int_equal(post_direct(input), HV_STATUS_INVALID_VP_INDEX);
	input = direct_message();
	input.sint_index = 16;
	assert_int_equal(post_direct(input), HV_STATUS_INVALID_PARAMETER);
	input = direct_message();
	input.vtl = 1;
	assert_int_equal(post_direct(input), HV_STATUS_INVALID_PARAMETER);
	input = direct_message();
	input.message[4] = 241;
	assert_int_equal(post_direct(input), HV_STATUS_INVALID_PARAMETER);
	input = direct_message();
	memset(input.message, 0, 4);
	assert_int_equal(post_direct(input), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(slot()->header.message_type, HVMSG_NONE);
	assert_int_equal(fake.interrupts[VECTOR], 1);
}

static uint64_t signal_direct(uint64_t partition, uint32_t vp, uint8_t sint, uint16_t flag)
{
	const struct hv_input_signal_event_direct input = {
		.target_partition = partition,
		.target_vp = vp,
		.target_sint = sint,
		.flag_number = flag,
	};

	return fake_call(HVCALL_SIGNAL_EVENT_DIRECT, &input, sizeof(input));
}

/* Signal, successfully; returns the output. */
static uint64_t signaled(uint16_t flag)
{
	uint64_t output;

	assert_int_equal(signal_direct(1, 0, SINT, flag), 0);
	memcpy(&output, fake_output(), sizeof(output));
	return output;
}

static void test_signal_direct(void **state)
{
	(void)state;
	/* Nobody there: no error, and nothing new. */
	assert_int_equal(signaled(3), 0);
	enable(&fake.vp);
	assert_int_equal(signaled(3), 1);
	assert_int_equal(signaled(3), 0);
	assert_int_equal(signaled(2047), 1);
	assert_true(flag_in(FAKE_SIEFP, 3) && flag_in(FAKE_SIEFP, 2047));
	assert_int_equal(fake.interrupts[VECTOR], 2);
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_SINT0 + SINT, 0x10000));
	assert_int_equal(signaled(4), 0);
	assert_int_equal(signal_direct(2, 0, SINT, 3), HV_STATUS_INVALID_PARTITION_ID);
	assert_int_equal(signal_direct(1, 1, SINT, 3), HV_STATUS_INVALID_VP_INDEX);
	assert_int_equal(signal_direct(1, 256, SINT, 3), HV_STATUS_INVALID_VP_INDEX);
	assert_int_equal(signal_direct(1, 0, 16, 3), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(signal_direct(1, 0, SINT, 2048), HV_STATUS_INVALID_PARAMETER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_memory, setup),
		cmocka_unit_test_setup(test_create_refused, setup),
		cmocka_unit_test_setup(test_connect_refused, setup),
		cmocka_unit_test_setup(test_another_partition, setup),
		cmocka_unit_test_setup(test_message, setup),
		cmocka_unit_test_setup(test_message_refused, setup),
		cmocka_unit_test_setup(test_buffers, setup),
		cmocka_unit_test_setup(test_delete_with_messages, setup),
		cmocka_unit_test_setup(test_event, setup),
		cmocka_unit_test_setup(test_any_vp, setup),
		cmocka_unit_test_setup(test_one_vp, setup),
		cmocka_unit_test_setup(test_many, setup),
		cmocka_unit_test_setup(test_post_direct, setup),
		cmocka_unit_test_setup(test_signal_direct, setup),
	};

	return cmocka_run_group_tests_name("ports", tests, NULL, NULL);
}

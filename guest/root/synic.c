// SPDX-License-Identifier: Apache-2.0
/*
 * Messages and events, over ports of our own and directly. Source: TLFS, "Inter-Partition
 * Communication".
 */
#include "root/synic_setup.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/hypercall.h"
#include "abi/hv/msr.h"
#include "abi/hv/port.h"
#include "abi/hv/status.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

#define SINT   SYNIC_TEST_SINT
#define VECTOR SYNIC_TEST_VECTOR

#define PORT       0x00abcdu
#define CONNECTION 0xfedcbau

/* Pages that a port and a connection take. */
#define PAGES 5u

static uint64_t create_port(uint32_t type, uint32_t sint, uint32_t vp, uint16_t flag,
			    uint16_t count)
{
	struct hv_input_create_port *in = hypercall_prepare();

	in->port_partition_id = HV_PARTITION_ID_SELF;
	in->port_id = PORT;
	in->connection_partition_id = 1;
	in->port_info.port_type = type;
	in->port_info.target_sint = sint;
	in->port_info.target_vp = vp;
	in->port_info.base_flag_number = flag;
	in->port_info.flag_count = count;
	return hypercall(CONTROL(HVCALL_CREATE_PORT));
}

static uint64_t connect_port(uint32_t type)
{
	struct hv_input_connect_port *in = hypercall_prepare();

	in->connection_partition_id = 1;
	in->connection_id = CONNECTION;
	in->port_partition_id = HV_PARTITION_ID_SELF;
	in->port_id = PORT;
	in->connection_info.port_type = type;
	return hypercall(CONTROL(HVCALL_CONNECT_PORT));
}

static uint64_t disconnect_port(void)
{
	return hypercall_fast(CONTROL_FAST(HVCALL_DISCONNECT_PORT), 1, CONNECTION);
}

static uint64_t delete_port(void)
{
	return hypercall_fast(CONTROL_FAST(HVCALL_DELETE_PORT), 1, PORT);
}

static uint64_t post(uint32_t type, uint32_t size)
{
	struct hv_input_post_message *in = hypercall_prepare();

	in->connection_id = CONNECTION;
	in->message_type = type;
	in->payload_size = size;
	memset(in->payload, (int)type, sizeof(in->payload));
	return hypercall(CONTROL(HVCALL_POST_MESSAGE));
}

static uint64_t signal(uint16_t flag)
{
	return hypercall_fast(CONTROL_FAST(HVCALL_SIGNAL_EVENT), CONNECTION | (uint64_t)flag << 32,
			      0);
}

/* A port and a connection of `type` to VP 0's SINT, with memory for them. */
static void make_channel(uint32_t type, uint16_t flag, uint16_t count)
{
	EXPECT_EQ(root_deposit(0, PAGES), RESULT(HV_STATUS_SUCCESS, PAGES));
	EXPECT_EQ(create_port(type, SINT, 0, flag, count), HV_STATUS_SUCCESS);
	EXPECT_EQ(connect_port(type), HV_STATUS_SUCCESS);
}

static void end_channel(void)
{
	EXPECT_EQ(disconnect_port(), HV_STATUS_SUCCESS);
	EXPECT_EQ(delete_port(), HV_STATUS_SUCCESS);
	EXPECT_EQ(root_withdraw(PAGES), RESULT(HV_STATUS_SUCCESS, PAGES));
}

static uint64_t post_direct(uint32_t vp, uint32_t sint, uint32_t type)
{
	struct hv_input_post_message_direct *in = hypercall_prepare();
	const struct hv_message message = {
		.header = {.message_type = type, .payload_size = 8, .origination_id = 77},
		.payload = {0x123456789abcdef0},
	};

	in->partition_id = HV_PARTITION_ID_SELF;
	in->vp_index = vp;
	in->sint_index = sint;
	memcpy(in->message, &message, sizeof(message));
	return hypercall(CONTROL(HVCALL_POST_MESSAGE_DIRECT));
}

static uint64_t signal_direct(uint32_t vp, uint8_t sint, uint16_t flag)
{
	struct hv_input_signal_event_direct *in = hypercall_prepare();

	in->target_partition = HV_PARTITION_ID_SELF;
	in->target_vp = vp;
	in->target_sint = sint;
	in->flag_number = flag;
	return hypercall(CONTROL(HVCALL_SIGNAL_EVENT_DIRECT));
}

/* Whether the hypervisor has the virtual APIC that ends interrupts by itself: as the timers. */
static bool has_apic(void)
{
	if (cpuid(HYPERV_CPUID_FEATURES, 0).eax & HV_MSR_SYNTIMER_AVAILABLE)
		return true;
	test_skip("the APIC is the processor's");
	return false;
}

TEST(direct_message, "synic: a message posted directly is in its slot, and the interrupt comes")
{
	volatile struct hv_message *slot = synic_slot(SINT);

	synic_on(0);
	EXPECT_EQ(post_direct(0, SINT, 0x80000050), HV_STATUS_SUCCESS);
	EXPECT_EQ(slot->header.message_type, 0x80000050);
	EXPECT_EQ(slot->header.payload_size, 8);
	EXPECT_EQ(slot->header.message_flags, 0);
	EXPECT_EQ(slot->header.origination_id, 77);
	EXPECT_EQ(slot->payload[0], 0x123456789abcdef0);
	EXPECT(interrupts_wait(VECTOR, 1));
	EXPECT_EQ(post_direct(0, SINT, 1), HV_STATUS_OBJECT_IN_USE);
	EXPECT_EQ(slot->header.message_type, 0x80000050);
	synic_consume();
	EXPECT_EQ(post_direct(0, SINT, 1), HV_STATUS_SUCCESS);
	EXPECT(interrupts_wait(VECTOR, 2));
	synic_off();
	EXPECT_EQ(interrupts_of(VECTOR), 2);
}

TEST(direct_refused, "synic: direct posts to what is not there, or cannot take them")
{
	EXPECT_EQ(post_direct(0, SINT, 1), HV_STATUS_INVALID_SYNIC_STATE);
	synic_on(HV_SYNIC_SINT_MASKED);
	EXPECT_EQ(post_direct(0, SINT, 1), HV_STATUS_INVALID_SYNIC_STATE);
	EXPECT_EQ(post_direct(77, SINT, 1), HV_STATUS_INVALID_VP_INDEX);
	EXPECT_EQ(post_direct(256, SINT, 1), HV_STATUS_INVALID_VP_INDEX);
	EXPECT_EQ(post_direct(HV_ANY_VP, SINT, 1), HV_STATUS_INVALID_VP_INDEX);
	EXPECT_EQ(post_direct(0, 16, 1), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(post_direct(0, SINT, 0), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(signal_direct(0, SINT, 2048), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(signal_direct(77, SINT, 0), HV_STATUS_INVALID_VP_INDEX);
	/* An event that nobody takes is no error, but not new. */
	EXPECT_EQ(signal_direct(0, SINT, 5), HV_STATUS_SUCCESS);
	EXPECT_EQ(hypercall_out[0], 0);
	EXPECT_EQ(synic_flags(SINT)[0], 0);
	synic_off();
}

TEST(direct_event, "synic: an event signaled directly sets its flag, and interrupts once")
{
	synic_on(0);
	EXPECT_EQ(signal_direct(0, SINT, 2047), HV_STATUS_SUCCESS);
	EXPECT_EQ(hypercall_out[0], 1);
	EXPECT_EQ(synic_flags(SINT)[255], 0x80);
	EXPECT(interrupts_wait(VECTOR, 1));
	EXPECT_EQ(signal_direct(0, SINT, 2047), HV_STATUS_SUCCESS);
	EXPECT_EQ(hypercall_out[0], 0);
	interrupts_pass(10000);
	EXPECT_EQ(interrupts_of(VECTOR), 1);
	synic_off();
}

TEST(ports_need_memory, "synic: ports and connections are paid from the pool, and restartable")
{
	for (unsigned int pages = 0; pages < 3; pages++) {
		EXPECT_EQ(create_port(HV_PORT_TYPE_MESSAGE, SINT, 0, 0, 0),
			  HV_STATUS_INSUFFICIENT_MEMORY);
		EXPECT_EQ(root_balance(NULL), pages);
		root_deposit(pages, 1);
	}
	EXPECT_EQ(create_port(HV_PORT_TYPE_MESSAGE, SINT, 0, 0, 0), HV_STATUS_SUCCESS);
	EXPECT_EQ(create_port(HV_PORT_TYPE_MESSAGE, SINT, 0, 0, 0), HV_STATUS_INVALID_PORT_ID);
	EXPECT_EQ(connect_port(HV_PORT_TYPE_MESSAGE), HV_STATUS_INSUFFICIENT_MEMORY);
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_NO_RESOURCES, 0));
	EXPECT_EQ(delete_port(), HV_STATUS_SUCCESS);
	EXPECT_EQ(delete_port(), HV_STATUS_INVALID_PORT_ID);
	EXPECT_EQ(disconnect_port(), HV_STATUS_INVALID_CONNECTION_ID);
	EXPECT_EQ(root_withdraw(3), RESULT(HV_STATUS_SUCCESS, 3));
}

TEST(ports_refused, "synic: ports of types, sources, flags and VPs that do not exist")
{
	root_deposit(0, PAGES);
	EXPECT_EQ(create_port(HV_PORT_TYPE_DOORBELL, SINT, HV_ANY_VP, 0, 0),
		  HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(create_port(HV_PORT_TYPE_MONITOR, SINT, 0, 0, 0), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(create_port(HV_PORT_TYPE_MESSAGE, 0, 0, 0, 0), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(create_port(HV_PORT_TYPE_MESSAGE, 16, 0, 0, 0), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(create_port(HV_PORT_TYPE_MESSAGE, SINT, 77, 0, 0), HV_STATUS_INVALID_VP_INDEX);
	EXPECT_EQ(create_port(HV_PORT_TYPE_EVENT, SINT, 0, 2000, 49), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(create_port(HV_PORT_TYPE_EVENT, SINT, 0, 2000, 0), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(create_port(HV_PORT_TYPE_EVENT, SINT, 0, 2000, 48), HV_STATUS_SUCCESS);
	EXPECT_EQ(connect_port(HV_PORT_TYPE_MESSAGE), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(delete_port(), HV_STATUS_SUCCESS);
	EXPECT_EQ(connect_port(HV_PORT_TYPE_EVENT), HV_STATUS_INVALID_PORT_ID);
	EXPECT_EQ(root_withdraw(PAGES), RESULT(HV_STATUS_SUCCESS, PAGES));
}

TEST(message, "synic: a message over a port carries type, port, size and payload")
{
	volatile struct hv_message *slot = synic_slot(SINT);

	synic_on(0);
	make_channel(HV_PORT_TYPE_MESSAGE, 0, 0);
	slot->payload[1] = 0x1111;
	EXPECT_EQ(post(0x55, 8), HV_STATUS_SUCCESS);
	EXPECT_EQ(slot->header.message_type, 0x55);
	EXPECT_EQ(slot->header.payload_size, 8);
	EXPECT_EQ(slot->header.message_flags, 0);
	EXPECT_EQ(slot->header.origination_id, PORT);
	EXPECT_EQ(slot->payload[0], 0x5555555555555555);
	EXPECT_EQ(slot->payload[1], 0x1111);
	EXPECT(interrupts_wait(VECTOR, 1));
	synic_consume();
	EXPECT_EQ(post(0x66, 240), HV_STATUS_SUCCESS);
	EXPECT_EQ(slot->payload[29], 0x6666666666666666);
	EXPECT_EQ(post(0x80000001, 0), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(post(0, 0), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(post(1, 241), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(signal(0), HV_STATUS_INVALID_PORT_ID);
	end_channel();
	EXPECT_EQ(post(1, 0), HV_STATUS_INVALID_CONNECTION_ID);
	synic_off();
}

TEST(queue, "synic: sixteen messages wait behind the one in the slot, and come in order by EOM")
{
	volatile struct hv_message *slot = synic_slot(SINT);
	uint32_t i;

	synic_on(0);
	make_channel(HV_PORT_TYPE_MESSAGE, 0, 0);
	for (i = 1; i <= 17; i++)
		EXPECT_EQ(post(i, 8), HV_STATUS_SUCCESS);
	EXPECT_EQ(post(18, 8), HV_STATUS_INSUFFICIENT_BUFFERS);
	for (i = 1; i <= 17; i++) {
		test_about("message %u", i);
		EXPECT(interrupts_wait(VECTOR, i));
		EXPECT_EQ(slot->header.message_type, i);
		EXPECT_EQ(slot->header.message_flags, i < 17 ? HV_MESSAGE_FLAG_PENDING : 0);
		synic_consume();
	}
	interrupts_pass(10000);
	EXPECT_EQ(interrupts_of(VECTOR), 17);
	EXPECT_EQ(slot->header.message_type, HVMSG_NONE);
	end_channel();
	synic_off();
}

TEST(eoi, "synic: the end of a source's interrupt brings its next message")
{
	volatile struct hv_message *slot = synic_slot(SINT);

	if (!has_apic())
		return;
	synic_on(0);
	make_channel(HV_PORT_TYPE_MESSAGE, 0, 0);
	EXPECT_EQ(post(1, 0), HV_STATUS_SUCCESS);
	EXPECT_EQ(post(2, 0), HV_STATUS_SUCCESS);
	/* Emptied before the interrupt is taken: its handler does no more than EOI. */
	slot->header.message_type = HVMSG_NONE;
	EXPECT(interrupts_wait(VECTOR, 2));
	EXPECT_EQ(slot->header.message_type, 2);
	end_channel();
	synic_off();
}

static volatile unsigned int untold;

static void on_auto_eoi(struct trap_frame *frame)
{
	(void)frame;
	untold++;
	synic_consume();
}

TEST(auto_eoi, "synic: an auto-EOI source interrupts again though nobody wrote EOI")
{
	if (!has_apic())
		return;
	untold = 0;
	synic_on(HV_SYNIC_SINT_AUTO_EOI);
	trap_handle(VECTOR, on_auto_eoi);
	for (unsigned int i = 1; i <= 3; i++) {
		EXPECT_EQ(post_direct(0, SINT, i), HV_STATUS_SUCCESS);
		interrupts_pass(10000);
		EXPECT_EQ(untold, i);
	}
	synic_off();
}

TEST(silent, "synic: polling and masked sources get their messages, and no interrupt")
{
	static const uint64_t flags[] = {HV_SYNIC_SINT_POLLING, HV_SYNIC_SINT_MASKED};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		test_about("SINT 0x%lx", flags[i]);
		synic_on(flags[i]);
		make_channel(HV_PORT_TYPE_MESSAGE, 0, 0);
		EXPECT_EQ(post(9, 0), HV_STATUS_SUCCESS);
		EXPECT_EQ(post(10, 0), HV_STATUS_SUCCESS);
		EXPECT_EQ(synic_slot(SINT)->header.message_type, 9);
		synic_consume();
		EXPECT_EQ(synic_slot(SINT)->header.message_type, 10);
		interrupts_pass(10000);
		EXPECT_EQ(interrupts_of(VECTOR), 0);
		end_channel();
		synic_off();
	}
}

TEST(disabled, "synic: without SynIC or page nothing can be sent")
{
	make_channel(HV_PORT_TYPE_MESSAGE, 0, 0);
	EXPECT_EQ(post(1, 0), HV_STATUS_INVALID_SYNIC_STATE);
	synic_on(0);
	wrmsr(HV_X64_MSR_SIMP, rdmsr(HV_X64_MSR_SIMP) & ~HV_SYNIC_SIMP_ENABLE);
	EXPECT_EQ(post(1, 0), HV_STATUS_INVALID_SYNIC_STATE);
	EXPECT_EQ(synic_slot(SINT)->header.message_type, HVMSG_NONE);
	end_channel();
	synic_off();
}

TEST(event, "synic: an event over a port sets the flag counted from the port's first")
{
	struct hv_input_signal_event *in;

	synic_on(0);
	make_channel(HV_PORT_TYPE_EVENT, 1000, 3);
	EXPECT_EQ(signal(0), HV_STATUS_SUCCESS);
	EXPECT(interrupts_wait(VECTOR, 1));
	EXPECT_EQ(signal(0), HV_STATUS_SUCCESS);
	in = hypercall_prepare();
	in->connection_id = CONNECTION;
	in->flag_number = 2;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_SIGNAL_EVENT)), HV_STATUS_SUCCESS);
	EXPECT(interrupts_wait(VECTOR, 2));
	EXPECT_EQ(synic_flags(SINT)[1000 / 8], 5);
	EXPECT_EQ(signal(3), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(post(1, 0), HV_STATUS_INVALID_PORT_ID);
	wrmsr(HV_X64_MSR_SINT0 + SINT, VECTOR | HV_SYNIC_SINT_MASKED);
	EXPECT_EQ(signal(1), HV_STATUS_INVALID_SYNIC_STATE);
	EXPECT_EQ(synic_flags(SINT)[1000 / 8], 5);
	EXPECT_EQ(interrupts_of(VECTOR), 2);
	end_channel();
	synic_off();
}

TEST(any_vp, "synic: a port for any VP reaches one that can take it")
{
	EXPECT_EQ(root_deposit(0, PAGES), RESULT(HV_STATUS_SUCCESS, PAGES));
	EXPECT_EQ(create_port(HV_PORT_TYPE_MESSAGE, SINT, HV_ANY_VP, 0, 0), HV_STATUS_SUCCESS);
	EXPECT_EQ(connect_port(HV_PORT_TYPE_MESSAGE), HV_STATUS_SUCCESS);
	EXPECT_EQ(post(1, 0), HV_STATUS_INVALID_VP_INDEX);
	synic_on(0);
	EXPECT_EQ(post(1, 0), HV_STATUS_SUCCESS);
	EXPECT(interrupts_wait(VECTOR, 1));
	EXPECT_EQ(synic_slot(SINT)->header.message_type, 1);
	end_channel();
	synic_off();
}

TEST(ports_end, "synic: ports end with the system that made them, and its pages come back")
{
	uint64_t value;

	synic_on(0);
	make_channel(HV_PORT_TYPE_MESSAGE, 0, 0);
	EXPECT_EQ(post(1, 0), HV_STATUS_SUCCESS);
	EXPECT_EQ(post(2, 0), HV_STATUS_SUCCESS);
	wrmsr(HV_X64_MSR_GUEST_OS_ID, 0);
	for (unsigned int i = 0; i < PAGES; i++)
		EXPECT_FINE(fault_read(machine_page(i), &value));
	root_identify();
	synic_consume();
	EXPECT_EQ(synic_slot(SINT)->header.message_type, HVMSG_NONE);
	EXPECT_EQ(post(1, 0), HV_STATUS_INVALID_CONNECTION_ID);
	EXPECT_EQ(delete_port(), HV_STATUS_INVALID_PORT_ID);
	synic_off();
}

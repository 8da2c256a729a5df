// SPDX-License-Identifier: Apache-2.0
/*
 * Hypercalls of a child: what the hypervisor serves, what its parent asked for. Source: TLFS,
 * "Hypercall Interface"; what Linux's mshv driver and its VMMs read of the messages.
 */
#include "abi/hv/cpuid.h"
#include "abi/hv/memory.h"
#include "abi/hv/msr.h"
#include "abi/hv/port.h"
#include "abi/hv/status.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/child.h"
#include "root/root.h"
#include "x86/cpu.h"

#define RW        (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)
#define RAM       (RW | HV_MAP_GPA_EXECUTABLE | HV_MAP_GPA_ADJUSTABLE)
#define ROM       (HV_MAP_GPA_READABLE | HV_MAP_GPA_EXECUTABLE)
#define NO_ACCESS HV_MAP_GPA_NO_ACCESS
#define HOLE_PAGE (CHILD_HOLE >> PAGE_SHIFT)

static struct child c;
static volatile uint64_t seen[2];

/* Parameters of a child's calls. */
static uint8_t parameters[2][PAGE_SIZE] __aligned(PAGE_SIZE);

static uint64_t call_control, call_first, call_second;

/* With the results in seen[]: the vector of an exception, and RAX. */
static void in_call(void)
{
	struct hypercall_regs regs = {
		.rcx = call_control, .rdx = call_first, .r8 = call_second, .rbx = 0x5b};

	seen[0] = fault_hypercall(&regs);
	seen[1] = regs.rax;
}

static void in_identified_call(void)
{
	wrmsr(HV_X64_MSR_GUEST_OS_ID, ROOT_OS_ID);
	in_call();
}

/* The result of a call that the child makes. */
static uint64_t childs_call(uint64_t control, uint64_t first, uint64_t second)
{
	call_control = control;
	call_first = first;
	call_second = second;
	child_enter(&c, 0, in_identified_call);
	child_finish(&c);
	EXPECT_EQ(seen[0], FAULT_NONE);
	return seen[1];
}

TEST(calls, "child calls: a child's hypercalls: its own are served, its parent's refused")
{
	static const uint16_t denied[] = {
		HVCALL_CREATE_PARTITION,
		HVCALL_INITIALIZE_PARTITION,
		HVCALL_FINALIZE_PARTITION,
		HVCALL_DELETE_PARTITION,
		HVCALL_GET_PARTITION_PROPERTY,
		HVCALL_CREATE_VP,
		HVCALL_DELETE_VP,
		HVCALL_DISPATCH_VP,
		HVCALL_MAP_VP_STATE_PAGE,
		HVCALL_GET_SYSTEM_PROPERTY,
		HVCALL_ENTER_SLEEP_STATE,
		HVCALL_MAP_STATS_PAGE,
	};
	static const uint16_t denied_reps[] = {
		HVCALL_DEPOSIT_MEMORY,  HVCALL_WITHDRAW_MEMORY,  HVCALL_MAP_GPA_PAGES,
		HVCALL_UNMAP_GPA_PAGES, HVCALL_GET_VP_REGISTERS, HVCALL_SET_VP_REGISTERS,
	};
	const uint64_t in = (uintptr_t)parameters[0], out = (uintptr_t)parameters[1];
	const struct hv_input_post_message message = {.connection_id = 77, .message_type = 1};

	memset(parameters, 0, sizeof(parameters));
	child_start(&c, in_call);
	call_control = CONTROL_FAST(HVCALL_NOTIFY_LONG_SPIN_WAIT);
	child_finish(&c);
	EXPECT_EQ(seen[0], VECTOR_UD);
	EXPECT_EQ(childs_call(CONTROL_FAST(HVCALL_NOTIFY_LONG_SPIN_WAIT), 0, 0), HV_STATUS_SUCCESS);
	EXPECT_EQ(childs_call(CONTROL(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE), in, 0),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(childs_call(CONTROL_FAST(HVCALL_SEND_IPI), 0x41, 1), HV_STATUS_SUCCESS);
	EXPECT_EQ(childs_call(CONTROL_FAST(HVCALL_SEND_IPI), 0xf, 1), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(childs_call(CONTROL(0x2345), in, out), HV_STATUS_INVALID_HYPERCALL_CODE);
	memcpy(parameters[0], &message, sizeof(message));
	EXPECT_EQ(childs_call(CONTROL(HVCALL_POST_MESSAGE), in, 0),
		  HV_STATUS_INVALID_CONNECTION_ID);
	EXPECT_EQ(childs_call(CONTROL_FAST(HVCALL_SIGNAL_EVENT), 77, 0),
		  HV_STATUS_INVALID_CONNECTION_ID);
	for (unsigned int i = 0; i < ARRAY_SIZE(denied); i++) {
		test_about("call 0x%x", denied[i]);
		EXPECT_EQ(childs_call(CONTROL(denied[i]), in, out), HV_STATUS_ACCESS_DENIED);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(denied_reps); i++) {
		test_about("call 0x%x", denied_reps[i]);
		EXPECT_EQ(childs_call(CONTROL_REP(denied_reps[i], 1), in, out),
			  HV_STATUS_ACCESS_DENIED);
	}
	test_about(NULL);
	/* Its memory is its own: the hypervisor's is not in it. */
	EXPECT_EQ(childs_call(CONTROL(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE), root_hidden_page(), 0),
		  HV_STATUS_INVALID_PARAMETER);
	child_end(&c);
}

TEST(call_messages, "child calls: calls that its parent asked for are its parent's")
{
	volatile struct hv_x64_hypercall_intercept_message *m;
	static const struct {
		uint32_t type;
		uint64_t control, first;
	} list[] = {
		{HV_INTERCEPT_TYPE_HYPERCALL, CONTROL(0x2345), 0x1111},
		{HV_INTERCEPT_TYPE_UNKNOWN_SYNIC_CONNECTION, CONTROL_FAST(HVCALL_SIGNAL_EVENT), 77},
		{HV_INTERCEPT_TYPE_RETARGET_UNKNOWN_DEVICE, CONTROL(HVCALL_RETARGET_INTERRUPT), 0},
	};

	child_start(&c, in_identified_call);
	for (unsigned int i = 0; i < ARRAY_SIZE(list); i++) {
		test_about("type %u", list[i].type);
		call_control = list[i].control;
		call_first = list[i].first;
		call_second = 0x2222;
		EXPECT_EQ(child_intercept(&c, list[i].type, HV_INTERCEPT_ACCESS_MASK_EXECUTE),
			  HV_STATUS_SUCCESS);
		child_enter(&c, 0, in_identified_call);
		m = child_expect(&c, 0, HVMSG_HYPERCALL_INTERCEPT);
		if (!m)
			break;
		EXPECT_EQ(c.vp[0].message->header.payload_size, sizeof(*m));
		EXPECT_EQ(m->header.instruction_length_cr8, 3);
		EXPECT_EQ(m->header.intercept_access_type, HV_INTERCEPT_ACCESS_EXECUTE);
		EXPECT_EQ(m->rcx, list[i].control);
		EXPECT_EQ(m->rdx, list[i].first);
		EXPECT_EQ(m->r8, 0x2222);
		EXPECT_EQ(m->rbx, 0x5b);
		child_resume(&c, 0, 0x1234);
		child_finish(&c);
		EXPECT_EQ(seen[1], 0x1234);
		EXPECT_EQ(child_intercept(&c, list[i].type, 0), HV_STATUS_SUCCESS);
		child_enter(&c, 0, in_identified_call);
		child_finish(&c);
		EXPECT_EQ(seen[1] & ~HV_HYPERCALL_RESULT_MASK, 0);
		EXPECT(seen[1] != 0);
	}
	test_about(NULL);
	/* Calls without the right to make any are nobody's. */
	EXPECT_EQ(
		child_intercept(&c, HV_INTERCEPT_TYPE_HYPERCALL, HV_INTERCEPT_ACCESS_MASK_EXECUTE),
		HV_STATUS_SUCCESS);
	EXPECT_EQ(child_intercept(&c, 63, HV_INTERCEPT_ACCESS_MASK_EXECUTE),
		  HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(child_intercept(&c, HV_INTERCEPT_TYPE_HYPERCALL, 8), HV_STATUS_INVALID_PARAMETER);
	child_end(&c);
}

TEST(call_without_page, "child calls: a call whose parameters are not there waits for them")
{
	child_start(&c, in_identified_call);
	call_control = CONTROL(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE);
	call_first = CHILD_HOLE;
	EXPECT_EQ(child_map(&c, HOLE_PAGE, NO_ACCESS, 0, 1), RESULT(HV_STATUS_SUCCESS, 1));
	child_expect_memory(&c, HVMSG_GPA_INTERCEPT, vmmcall_code, HV_INTERCEPT_ACCESS_READ,
			    CHILD_HOLE);
	memset((void *)machine_page(CHILD_MEMORY), 0, PAGE_SIZE);
	EXPECT_EQ(child_map(&c, HOLE_PAGE, RAM, CHILD_MEMORY, 1), RESULT(HV_STATUS_SUCCESS, 1));
	child_finish(&c);
	EXPECT_EQ(seen[0], FAULT_NONE);
	EXPECT_EQ(seen[1], HV_STATUS_SUCCESS);
	child_end(&c);

	/* The same of what it is to be told; not if what it says is nowhere. */
	child_create_with(&c, CHILD_FEATURES, HV_PRIVILEGE_EBX(HV_ACCESS_PARTITION_ID));
	child_share_image(&c);
	child_add_vp(&c, 0);
	EXPECT_EQ(child_map(&c, HOLE_PAGE, NO_ACCESS, 0, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(childs_call(CONTROL(HVCALL_SIGNAL_EVENT_DIRECT), CHILD_HOLE + PAGE_SIZE,
			      CHILD_HOLE),
		  HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(childs_call(CONTROL(HVCALL_SIGNAL_EVENT_DIRECT), CHILD_HOLE,
			      CHILD_HOLE + PAGE_SIZE),
		  HV_STATUS_INVALID_PARAMETER);
	child_enter(&c, 0, in_identified_call);
	call_control = CONTROL(HVCALL_GET_PARTITION_ID);
	call_first = 0;
	call_second = CHILD_HOLE + 8;
	child_expect_memory(&c, HVMSG_GPA_INTERCEPT, vmmcall_code, HV_INTERCEPT_ACCESS_WRITE,
			    CHILD_HOLE + 8);
	EXPECT_EQ(child_map(&c, HOLE_PAGE, RW, CHILD_MEMORY, 1), RESULT(HV_STATUS_SUCCESS, 1));
	child_finish(&c);
	EXPECT_EQ(seen[1], HV_STATUS_SUCCESS);
	EXPECT_EQ(((const uint64_t *)machine_page(CHILD_MEMORY))[1], c.id);
	/* Read-only memory stays what it is, and so does none. */
	EXPECT_EQ(child_map(&c, HOLE_PAGE, ROM, CHILD_MEMORY, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(childs_call(call_control, 0, CHILD_HOLE), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(childs_call(call_control, 0, CHILD_HOLE + PAGE_SIZE),
		  HV_STATUS_INVALID_PARAMETER);
	child_end(&c);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * Running a child: its modes, how a dispatch ends, when its parent is told. Source: Linux's mshv
 * driver, which is the other side of the root scheduler.
 */
#include "abi/hv/cpuid.h"
#include "abi/hv/interrupt.h"
#include "abi/hv/memory.h"
#include "abi/hv/msr.h"
#include "abi/hv/partition.h"
#include "abi/hv/scheduler.h"
#include "abi/hv/stats.h"
#include "abi/hv/status.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/child.h"
#include "root/root.h"
#include "root/synic_setup.h"
#include "x86/cpu.h"

#define VECTOR       0x41u
#define ROOT_VECTOR  0x72u
#define BLOCKED_WORD HV_COUNTER_VP_ROOT_DISPATCH_THREAD_BLOCKED

#define RW_NX (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)

extern const char child_real[], child_real_end[], child_flat[], child_flat_end[];
extern const char child_peek[], child_peek_end[];

static struct child c, other = {.first = CHILD_SECOND};
static volatile uint64_t seen[8];

static volatile struct hv_x64_io_port_intercept_message *expect_io(uint16_t port, unsigned int size)
{
	volatile struct hv_x64_io_port_intercept_message *m = child_expect(
		&c, 0, HVMSG_X64_IO_PORT_INTERCEPT);

	if (m) {
		EXPECT_EQ(m->port_number, port);
		EXPECT_EQ(m->access_info & HV_IO_ACCESS_SIZE_MASK, size);
	}
	return m;
}

TEST(real, "child runs: in real mode, and is told what comes in")
{
	volatile struct hv_x64_io_port_intercept_message *m;
	uint32_t result;

	child_start_real(&c, child_real, child_real_end);
	m = expect_io(0x80, 1);
	EXPECT_EQ(m->header.execution_state, 0);
	EXPECT_EQ(m->header.cs.selector, 0);
	EXPECT_EQ(m->header.rip, CHILD_CODE + 2);
	EXPECT_EQ(m->header.instruction_length_cr8, 2);
	EXPECT_EQ(m->header.intercept_access_type, HV_INTERCEPT_ACCESS_WRITE);
	EXPECT_EQ(m->rax & 0xff, 0x12);
	child_resume(&c, 0, m->rax);
	m = expect_io(0x82, 2);
	EXPECT_EQ(m->rax & 0xffff, 0x3456);
	child_resume(&c, 0, m->rax);
	m = expect_io(0x1234, 4);
	EXPECT_EQ(m->rax, 0x789abcde);
	EXPECT_EQ(m->header.instruction_length_cr8, 2); /* with its prefix */
	child_resume(&c, 0, m->rax);
	m = expect_io(0x81, 1);
	EXPECT_EQ(m->header.intercept_access_type, HV_INTERCEPT_ACCESS_READ);
	child_resume(&c, 0, 1);
	expect_io(0x83, 2);
	child_resume(&c, 0, 0x200);
	expect_io(0x1234, 4);
	child_resume(&c, 0, 0x30000);
	child_finish(&c);
	memcpy(&result, child_memory(&c, CHILD_REAL_RESULT >> PAGE_SHIFT), sizeof(result));
	EXPECT_EQ(result, 0x30201);
	child_end(&c);
}

TEST(flat, "child runs: in protected mode without paging")
{
	volatile struct hv_x64_io_port_intercept_message *m;
	uint32_t result = 0xa5a5a5a5;

	child_start_flat(&c, child_flat, child_flat_end);
	memcpy(child_memory(&c, 0x20), &result, sizeof(result));
	m = expect_io(0x80, 4);
	EXPECT_EQ(m->header.execution_state, HV_EXECUTION_STATE_CR0_PE);
	EXPECT_EQ(m->rax, result);
	child_resume(&c, 0, m->rax);
	child_finish(&c);
	memcpy(&result, child_memory(&c, CHILD_REAL_RESULT >> PAGE_SHIFT), sizeof(result));
	EXPECT_EQ(result, 0x5a5a5a5a);
	child_end(&c);
}

static void in_wide(void)
{
	seen[0] = 1;
	seen[1] = read_cr0();
	seen[2] = read_cr4();
	seen[3] = rdmsr(MSR_EFER);
}

TEST(wide, "child runs: in 64-bit mode, with control registers as they were set")
{
	volatile struct hv_x64_intercept_message_header *header;

	seen[0] = 0;
	child_start(&c, in_wide);
	child_finish(&c);
	header = (volatile void *)c.vp[0].message->payload;
	EXPECT_EQ(header->execution_state, HV_EXECUTION_STATE_CR0_PE | HV_EXECUTION_STATE_EFER_LMA);
	EXPECT_EQ(seen[0], 1);
	EXPECT_EQ(seen[1], read_cr0());
	EXPECT_EQ(seen[2], read_cr4());
	EXPECT_EQ(seen[3], rdmsr(MSR_EFER));
	child_end(&c);
}

/* The SINT that tells of children, and its message. */
static volatile struct hv_message *signal_slot(void)
{
	return synic_slot(HV_SYNIC_INTERCEPTION_SINT_INDEX);
}

static void signals_on(void)
{
	synic_on(0);
	wrmsr(HV_X64_MSR_SINT0 + HV_SYNIC_INTERCEPTION_SINT_INDEX, SYNIC_TEST_VECTOR);
}

static void signals_off(void)
{
	wrmsr(HV_X64_MSR_SINT0 + HV_SYNIC_INTERCEPTION_SINT_INDEX, HV_SYNIC_SINT_RESET_VALUE);
	synic_off();
}

/* The message that `index` of `c` can go on is there, alone; take it. */
static void expect_signal(uint32_t index)
{
	volatile struct hv_message *slot = signal_slot();
	volatile struct hv_scheduler_vp_signal_pair *pair = (volatile void *)slot->payload;

	EXPECT_EQ(slot->header.message_type, HVMSG_SCHEDULER_VP_SIGNAL_PAIR);
	EXPECT_EQ(slot->header.payload_size, sizeof(*pair));
	EXPECT_EQ(slot->header.message_flags, 0);
	EXPECT_EQ(pair->vp_count, 1);
	EXPECT_EQ(pair->overflow_count, 0);
	EXPECT_EQ(pair->partition_ids[0], c.id);
	EXPECT_EQ(pair->vp_indexes[0], index);
	slot->header.message_type = HVMSG_NONE;
}

static void expect_no_signal(void)
{
	EXPECT_EQ(signal_slot()->header.message_type, HVMSG_NONE);
}

static uint64_t signal_count(uint32_t index)
{
	return child_get(&c, index, HV_REGISTER_VP_ROOT_SIGNAL_COUNT).reg64;
}

TEST(suspended, "child runs: suspended it is blocked, and its end is signalled once")
{
	uint32_t state, event;

	signals_on();
	child_create(&c, CHILD_FEATURES);
	child_share_image(&c);
	child_add_vp(&c, 0);
	EXPECT_EQ(child_get(&c, 0, HV_REGISTER_EXPLICIT_SUSPEND).reg64, 1);
	/* Nobody waits yet. */
	child_enter(&c, 0, in_wide);
	expect_no_signal();
	EXPECT_EQ(child_set(&c, 0, HV_REGISTER_EXPLICIT_SUSPEND, 1), RESULT(0, 1));
	EXPECT_EQ(c.vp[0].stats[BLOCKED_WORD], 0);
	for (unsigned int i = 1; i < 4; i++) {
		test_about("round %u", i);
		EXPECT_EQ(child_dispatch(&c, 0, 0, &state, &event), HV_STATUS_SUCCESS);
		EXPECT_EQ(state, HV_VP_DISPATCH_STATE_BLOCKED);
		EXPECT_EQ(event, HV_VP_DISPATCH_EVENT_SUSPEND);
		EXPECT_EQ(c.vp[0].stats[BLOCKED_WORD], 1);
		EXPECT_EQ(child_assert(&c, HV_X64_INTERRUPT_TYPE_NMI, 0, 0, 0), HV_STATUS_SUCCESS);
		expect_no_signal();
		EXPECT_EQ(child_set(&c, 0, HV_REGISTER_EXPLICIT_SUSPEND, 0), RESULT(0, 1));
		EXPECT_EQ(c.vp[0].stats[BLOCKED_WORD], 0);
		expect_signal(0);
		EXPECT_EQ(signal_count(0), i);
		EXPECT_EQ(child_set(&c, 0, HV_REGISTER_EXPLICIT_SUSPEND, 0), RESULT(0, 1));
		expect_no_signal();
		EXPECT_EQ(child_set(&c, 0, HV_REGISTER_EXPLICIT_SUSPEND, 1), RESULT(0, 1));
	}
	test_about(NULL);
	child_end(&c);
	signals_off();
}

static void on_vector(struct trap_frame *frame)
{
	(void)frame;
	seen[1]++;
	wrmsr(HV_X64_MSR_EOI, 0);
}

static void in_halt(void)
{
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_X2APIC);
	wrmsr(MSR_X2APIC_FIRST + 0xf, 0x1ff);
	for (;;) {
		seen[0]++;
		__asm__ volatile("sti; hlt; cli" : : : "memory");
	}
}

/* A child that halts, and has done so. */
static bool start_halted(void)
{
	seen[0] = seen[1] = 0;
	if (!(cpuid(1, 0).ecx & BIT(21))) {
		test_skip("no x2APIC mode");
		return false;
	}
	trap_handle(VECTOR, on_vector);
	child_start(&c, in_halt);
	EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
	EXPECT_EQ(seen[0], 1);
	return true;
}

static void end_halted(void)
{
	child_end(&c);
	trap_handle(VECTOR, NULL);
}

TEST(halted, "child runs: halted it is blocked until an interrupt, which is signalled once")
{
	signals_on();
	if (start_halted()) {
		for (unsigned int i = 1; i < 4; i++) {
			test_about("round %u", i);
			EXPECT_EQ(c.vp[0].stats[BLOCKED_WORD], 1);
			expect_no_signal();
			EXPECT_EQ(child_get(&c, 0, HV_REGISTER_INTERNAL_ACTIVITY_STATE).reg64,
				  HV_ACTIVITY_HALT_SUSPEND);
			EXPECT_EQ(c.vp[0].stats[BLOCKED_WORD], 1);
			EXPECT_EQ(child_assert(&c, HV_X64_INTERRUPT_TYPE_FIXED, 0, 0, VECTOR),
				  HV_STATUS_SUCCESS);
			EXPECT_EQ(c.vp[0].stats[BLOCKED_WORD], 0);
			expect_signal(0);
			EXPECT_EQ(child_assert(&c, HV_X64_INTERRUPT_TYPE_FIXED, 0, 0, VECTOR),
				  HV_STATUS_SUCCESS);
			expect_no_signal();
			EXPECT_EQ(signal_count(0), i);
			EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
			EXPECT_EQ(seen[1], i);
			EXPECT_EQ(seen[0], i + 1);
		}
		test_about(NULL);
		/* Who does not wait for a signal is not sent one either. */
		EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
		expect_no_signal();
		EXPECT_EQ(seen[0], 4);
		EXPECT_EQ(signal_count(0), 3);
		end_halted();
	}
	signals_off();
}

TEST(activity, "child runs: halted it goes on where its parent takes that back")
{
	signals_on();
	if (start_halted()) {
		EXPECT_EQ(child_set(&c, 0, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0), RESULT(0, 1));
		EXPECT_EQ(c.vp[0].stats[BLOCKED_WORD], 0);
		expect_signal(0);
		EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
		EXPECT_EQ(seen[0], 2);
		EXPECT_EQ(seen[1], 0);
		end_halted();
	}
	signals_off();
}

TEST(dispatch_suspended, "child runs: no signal once its dispatches are over for good")
{
	signals_on();
	if (start_halted()) {
		EXPECT_EQ(child_set(&c, 0, HV_REGISTER_DISPATCH_SUSPEND, 1), RESULT(0, 1));
		EXPECT_EQ(child_assert(&c, HV_X64_INTERRUPT_TYPE_FIXED, 0, 0, VECTOR),
			  HV_STATUS_SUCCESS);
		EXPECT_EQ(child_set(&c, 0, HV_REGISTER_EXPLICIT_SUSPEND, 0), RESULT(0, 1));
		EXPECT_EQ(child_set(&c, 0, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0), RESULT(0, 1));
		expect_no_signal();
		EXPECT_EQ(signal_count(0), 0);
		EXPECT_EQ(child_run(&c, 0), CHILD_SUSPENDED);
		end_halted();
	}
	signals_off();
}

TEST(pending_signal, "child runs: a signal that nobody has taken is taken back at its end")
{
	signals_on();
	if (start_halted()) {
		/* The slot is full: the signal waits behind it. */
		signal_slot()->header.message_type = 1;
		EXPECT_EQ(child_assert(&c, HV_X64_INTERRUPT_TYPE_FIXED, 0, 0, VECTOR),
			  HV_STATUS_SUCCESS);
		EXPECT(signal_slot()->header.message_flags & HV_MESSAGE_FLAG_PENDING);
		end_halted();
		signal_slot()->header.message_type = HVMSG_NONE;
		wrmsr(HV_X64_MSR_EOM, 0);
		expect_no_signal();
	}
	signals_off();
}

TEST(refusals, "child runs: what cannot be dispatched, created or deleted")
{
	struct hv_input_create_vp *in;
	uint32_t state, event;
	uint64_t id;

	child_start(&c, in_wide);
	EXPECT_EQ(child_dispatch(&c, 1, 0, &state, &event), HV_STATUS_INVALID_VP_INDEX);
	EXPECT_EQ(child_dispatch(&c, 256, 0, &state, &event), HV_STATUS_INVALID_VP_INDEX);
	EXPECT_EQ(child_dispatch(&c, HV_VP_INDEX_SELF, 0, &state, &event),
		  HV_STATUS_INVALID_VP_INDEX);
	for (unsigned int i = 0; i < 2; i++) {
		static const uint32_t indices[] = {0, 256};

		in = hypercall_prepare();
		in->partition_id = c.id;
		in->vp_index = indices[i];
		EXPECT_EQ(hypercall(CONTROL(HVCALL_CREATE_VP)), HV_STATUS_INVALID_VP_INDEX);
	}
	EXPECT_EQ(child_call(HVCALL_DELETE_VP, c.id, 1), HV_STATUS_INVALID_VP_INDEX);
	EXPECT_EQ(child_call(HVCALL_DELETE_VP, c.id, 0), HV_STATUS_SUCCESS);
	EXPECT_EQ(child_call(HVCALL_DELETE_VP, c.id, 0), HV_STATUS_INVALID_VP_INDEX);
	EXPECT_EQ(child_dispatch(&c, 0, 0, &state, &event), HV_STATUS_INVALID_VP_INDEX);
	/* Another one may have its number, and its pages. */
	child_add_vp(&c, 0);
	child_enter(&c, 0, in_wide);
	child_finish(&c);
	id = c.id;
	c.id = HV_PARTITION_ID_SELF;
	EXPECT_EQ(child_dispatch(&c, 0, 0, &state, &event), HV_STATUS_INVALID_PARTITION_ID);
	c.id = 1;
	EXPECT_EQ(child_dispatch(&c, 0, 0, &state, &event), HV_STATUS_INVALID_PARTITION_ID);
	c.id = id;
	EXPECT_EQ(child_call(HVCALL_FINALIZE_PARTITION, c.id, 0), HV_STATUS_SUCCESS);
	EXPECT_EQ(child_dispatch(&c, 0, 0, &state, &event), HV_STATUS_INVALID_PARTITION_STATE);
	child_end(&c);
	EXPECT_EQ(child_dispatch(&c, 0, 0, &state, &event), HV_STATUS_INVALID_PARTITION_ID);
}

TEST(again, "child runs: not before its last message has been dealt with")
{
	uint32_t state, event;

	child_start(&c, in_wide);
	seen[0] = 0;
	child_finish(&c);
	for (unsigned int i = 0; i < 3; i++) {
		EXPECT_EQ(child_dispatch(&c, 0, 0, &state, &event), HV_STATUS_SUCCESS);
		EXPECT_EQ(state, HV_VP_DISPATCH_STATE_READY);
		EXPECT_EQ(event, HV_VP_DISPATCH_EVENT_INTERCEPT);
		EXPECT_EQ(child_get(&c, 0, HV_REGISTER_INTERCEPT_SUSPEND).reg64, 1);
	}
	/* The same instruction again, since nobody stepped over it. */
	child_finish(&c);
	child_resume(&c, 0, 0);
	child_finish(&c);
	EXPECT_EQ(seen[0], 1);
	child_end(&c);
}

static void in_loop(void)
{
	for (;;)
		seen[0]++;
}

TEST(interrupted, "child runs: until its root has an interrupt to take")
{
	unsigned int ran = 0;
	uint32_t state, event;

	if (!(cpuid(HYPERV_CPUID_FEATURES, 0).edx & HV_STIMER_DIRECT_MODE_AVAILABLE)) {
		test_skip("no synthetic timers in direct mode");
		return;
	}
	seen[0] = 0;
	child_start(&c, in_loop);
	interrupts_count(ROOT_VECTOR);
	for (unsigned int i = 1; i < 20; i++) {
		uint64_t before = seen[0];

		test_about("round %u", i);
		wrmsr(HV_X64_MSR_STIMER0_CONFIG,
		      HV_STIMER_AUTOENABLE | HV_STIMER_DIRECT_MODE |
			      ROOT_VECTOR << HV_STIMER_APIC_VECTOR_SHIFT);
		wrmsr(HV_X64_MSR_STIMER0_COUNT, rdmsr(HV_X64_MSR_TIME_REF_COUNT) + 10000);
		EXPECT_EQ(child_dispatch(&c, 0, 0, &state, &event), HV_STATUS_SUCCESS);
		EXPECT_EQ(state, HV_VP_DISPATCH_STATE_READY);
		EXPECT_EQ(event, HV_VP_DISPATCH_EVENT_NONE);
		ran += seen[0] != before;
		/* It waits to be let in: until then each dispatch ends at once. */
		before = seen[0];
		EXPECT_EQ(child_dispatch(&c, 0, 0, &state, &event), HV_STATUS_SUCCESS);
		EXPECT_EQ(state, HV_VP_DISPATCH_STATE_READY);
		EXPECT_EQ(seen[0], before);
		EXPECT(interrupts_wait(ROOT_VECTOR, i));
	}
	test_about(NULL);
	EXPECT(ran > 0);
	wrmsr(HV_X64_MSR_STIMER0_COUNT, 0);
	wrmsr(HV_X64_MSR_STIMER0_CONFIG, 0);
	interrupts_ignore(ROOT_VECTOR);
	child_end(&c);
}

static void in_triple_fault(void)
{
	static const struct __packed {
		uint16_t limit;
		uint64_t base;
	} none = {0, 0};

	__asm__ volatile("lidt %0; ud2" : : "m"(none));
}

TEST(triple_fault, "child runs: a triple fault is told to its parent, where it happened")
{
	volatile struct hv_x64_intercept_message_header *header;

	child_start(&c, in_triple_fault);
	header = child_expect(&c, 0, HVMSG_UNRECOVERABLE_EXCEPTION);
	EXPECT_EQ(c.vp[0].message->header.payload_size, sizeof(*header));
	EXPECT_EQ(*(const volatile uint16_t *)header->rip, 0x0b0f);
	/* It can be put right. */
	child_enter(&c, 0, in_wide);
	child_finish(&c);
	child_end(&c);
}

TEST(invalid, "child runs: registers that the processor refuses are told to its parent")
{
	volatile struct hv_x64_invalid_vp_register_message *m;

	child_start(&c, in_wide);
	EXPECT_EQ(child_set(&c, 0, HV_X64_REGISTER_CR4, BIT(63)), RESULT(HV_STATUS_SUCCESS, 1));
	m = child_expect(&c, 0, HVMSG_INVALID_VP_REGISTER_VALUE);
	EXPECT_EQ(m->vp_index, 0);
	/* It stands where it was made to stand first. */
	EXPECT_EQ(child_get(&c, 0, HV_X64_REGISTER_RIP).reg64, 0xfff0);
	EXPECT_EQ(child_get(&c, 0, HV_X64_REGISTER_CR3).reg64, 0);
	EXPECT_EQ(child_get(&c, 0, HV_X64_REGISTER_GDTR).table.base, 0);
	child_enter(&c, 0, in_wide);
	child_finish(&c);
	child_end(&c);
}

/* The byte that a child that peeks says. */
static uint64_t peeked(struct child *child)
{
	volatile struct hv_x64_io_port_intercept_message *m = child_expect(
		child, 0, HVMSG_X64_IO_PORT_INTERCEPT);
	uint64_t rax = m ? m->rax & 0xff : UINT64_MAX;

	child_resume(child, 0, 0);
	return rax;
}

TEST(siblings, "child runs: each sees its own memory at the same address")
{
	uint8_t *ours, *others;

	child_start_real(&c, child_peek, child_peek_end);
	child_start_real(&other, child_peek, child_peek_end);
	ours = child_memory(&c, CHILD_REAL_RESULT >> PAGE_SHIFT);
	others = child_memory(&other, CHILD_REAL_RESULT >> PAGE_SHIFT);
	for (unsigned int i = 0; i < 20; i++) {
		test_about("round %u", i);
		*ours = (uint8_t)(2 * i);
		*others = (uint8_t)(2 * i + 1);
		EXPECT_EQ(peeked(&c), 2 * i);
		EXPECT_EQ(peeked(&other), 2 * i + 1);
	}
	test_about(NULL);
	child_end(&other);
	child_end(&c);
}

TEST(moved_memory, "child runs: memory that its parent exchanges is exchanged at once")
{
	const uint32_t place = CHILD_REAL_RESULT >> PAGE_SHIFT;

	child_start_real(&c, child_peek, child_peek_end);
	for (unsigned int i = 0; i < CHILD_PAGES - 16; i++) {
		test_about("page %u", i);
		*(uint8_t *)child_memory(&c, 16 + i) = (uint8_t)i;
		EXPECT_EQ(child_map(&c, place, RW_NX, CHILD_MEMORY + 16 + i, 1),
			  RESULT(HV_STATUS_SUCCESS, 1));
		EXPECT_EQ(peeked(&c), i);
	}
	test_about(NULL);
	child_end(&c);
}

TEST(frozen, "child runs: its time stands still while its parent wants that")
{
	uint64_t value;

	child_start(&c, in_wide);
	EXPECT_EQ(child_set_property(&c, HV_PARTITION_PROPERTY_TIME_FREEZE, 1), HV_STATUS_SUCCESS);
	value = child_get(&c, 0, HV_REGISTER_TIME_REF_COUNT).reg64;
	EXPECT_EQ(child_get(&c, 0, HV_REGISTER_TIME_REF_COUNT).reg64, value);
	EXPECT_EQ(child_set_property(&c, HV_PARTITION_PROPERTY_TIME_FREEZE, 0), HV_STATUS_SUCCESS);
	child_finish(&c);
	EXPECT(child_get(&c, 0, HV_REGISTER_TIME_REF_COUNT).reg64 >= value);
	child_end(&c);
}

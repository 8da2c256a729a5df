// SPDX-License-Identifier: Apache-2.0
/*
 * Interrupts of children: those of their parent, of each other, of their messages; what the parent
 * is told of them. Source: TLFS, "Interrupts"; Linux's mshv driver.
 */
#include "abi/hv/interrupt.h"
#include "abi/hv/memory.h"
#include "abi/hv/msr.h"
#include "abi/hv/port.h"
#include "abi/hv/status.h"
#include "abi/hv/synic.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "lib/trap.h"
#include "root/apic.h"
#include "root/child.h"
#include "root/root.h"
#include "x86/cpu.h"

#define RAM \
	(HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE | HV_MAP_GPA_EXECUTABLE | HV_MAP_GPA_ADJUSTABLE)

#define LOW    0x41u
#define HIGH   0x91u
#define SINT   2u
#define SINT_V 0x61u

/* Pages of a child's registers, where nothing else of it is. */
#define SIMP_PLACE   CHILD_HOLE
#define SIEFP_PLACE  (CHILD_HOLE + PAGE_SIZE)
#define ASSIST_PLACE (CHILD_HOLE + 2 * PAGE_SIZE)

/* What a child's code asks its root for, by this port: nothing but to look. */
#define LOOK 0xe0u

extern const char child_peek[], child_peek_end[];

static struct child c;
static volatile uint64_t seen[8];
static volatile unsigned int order; /* of vectors, a byte each */
static volatile unsigned int count;
static bool granted;

static void on_vector(struct trap_frame *frame)
{
	order = order << 8 | (unsigned int)frame->vector;
	count++;
	if (granted) {
		struct hv_vp_assist_page *page = (void *)ASSIST_PLACE;

		if (__atomic_exchange_n(&page->apic_assist, 0, __ATOMIC_SEQ_CST) &
		    HV_VP_ASSIST_NO_EOI_REQUIRED) {
			seen[7]++;
			return;
		}
	}
	if (frame->vector != VECTOR_NMI)
		wrmsr(HV_X64_MSR_EOI, 0);
}

static void handlers(trap_handler *handler)
{
	static const unsigned int vectors[] = {VECTOR_NMI, LOW, HIGH, SINT_V};

	for (unsigned int i = 0; i < ARRAY_SIZE(vectors); i++)
		trap_handle(vectors[i], handler);
}

static void apic_on(void)
{
	*(volatile uint32_t *)(APIC_PAGE + LAPIC_SVR) = SVR_ENABLE | SVR_SPURIOUS;
}

static void look(void)
{
	outb(LOOK, 0);
}

static void start(void (*fn)(void))
{
	order = count = 0;
	granted = false;
	for (unsigned int i = 0; i < ARRAY_SIZE(seen); i++)
		seen[i] = 0;
	handlers(on_vector);
	child_start(&c, fn);
}

static void end(void)
{
	child_end(&c);
	handlers(NULL);
}

/* The child asks to be looked at, and goes on then. */
static bool looked(void)
{
	volatile struct hv_x64_io_port_intercept_message *m = child_expect(
		&c, 0, HVMSG_X64_IO_PORT_INTERCEPT);

	if (!m || !EXPECT_EQ(m->port_number, LOOK))
		return false;
	child_resume(&c, 0, 0);
	return true;
}

static uint64_t assert_fixed(uint32_t control, uint32_t vector)
{
	return child_assert(&c, HV_X64_INTERRUPT_TYPE_FIXED, control, 0, vector);
}

/* Shut and open in turn, and looked at each time. */
static void in_turns(void)
{
	apic_on();
	for (;;) {
		look();
		apic_open();
	}
}

TEST(fixed, "child interrupts: its parent's come in the order of their priorities, when it is open")
{
	start(in_turns);
	EXPECT_EQ(assert_fixed(0, LOW), HV_STATUS_SUCCESS); /* its APIC is still off */
	looked();
	EXPECT_EQ(assert_fixed(0, LOW), HV_STATUS_SUCCESS);
	EXPECT_EQ(assert_fixed(0, HIGH), HV_STATUS_SUCCESS);
	EXPECT_EQ(assert_fixed(0, LOW), HV_STATUS_SUCCESS);
	EXPECT_EQ(order, 0);
	looked();
	EXPECT_EQ(order, HIGH << 8 | LOW);
	EXPECT_EQ(count, 2);
	EXPECT_EQ(child_assert(&c, HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY, 0, 0, LOW),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(child_assert(&c, HV_X64_INTERRUPT_TYPE_NMI, 0, 0, 0), HV_STATUS_SUCCESS);
	looked();
	EXPECT_EQ(order, HIGH << 24 | LOW << 16 | VECTOR_NMI << 8 | LOW);
	end();
}

TEST(asserted, "child interrupts: what cannot be asserted, and what reaches nobody")
{
	start(in_turns);
	looked();
	for (uint32_t vector = 0; vector < 16; vector++)
		EXPECT_EQ(assert_fixed(0, vector), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(assert_fixed(0, 256), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(child_assert(&c, 10, 0, 0, LOW), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(child_assert(&c, HV_X64_INTERRUPT_TYPE_FIXED, 0, 77, LOW), HV_STATUS_SUCCESS);
	EXPECT_EQ(
		child_assert(&c, HV_X64_INTERRUPT_TYPE_FIXED, HV_INTERRUPT_CONTROL_LOGICAL, 8, LOW),
		HV_STATUS_SUCCESS);
	looked();
	EXPECT_EQ(count, 0);
	/* All of them are one. */
	EXPECT_EQ(child_assert(&c, HV_X64_INTERRUPT_TYPE_FIXED, 0, 0xff, LOW), HV_STATUS_SUCCESS);
	looked();
	EXPECT_EQ(count, 1);
	end();
}

/* The same with an 8259 at its APIC's pin. */
static void in_turns_of_8259(void)
{
	apic_on();
	*(volatile uint32_t *)(APIC_PAGE + LAPIC_LVT_LINT0) = LAPIC_LVT_MODE_EXTINT;
	for (;;) {
		look();
		apic_open();
	}
}

TEST(extint, "child interrupts: one of its parent's 8259, and one that is taken back")
{
	start(in_turns_of_8259);
	looked();
	EXPECT_EQ(
		child_assert(&c, HV_X64_INTERRUPT_TYPE_EXTINT, HV_INTERRUPT_CONTROL_LEVEL, 0, LOW),
		HV_STATUS_SUCCESS);
	EXPECT_EQ(child_call(HVCALL_CLEAR_VIRTUAL_INTERRUPT, c.id, 0), HV_STATUS_SUCCESS);
	looked();
	EXPECT_EQ(count, 0);
	EXPECT_EQ(
		child_assert(&c, HV_X64_INTERRUPT_TYPE_EXTINT, HV_INTERRUPT_CONTROL_LEVEL, 0, LOW),
		HV_STATUS_SUCCESS);
	looked();
	EXPECT_EQ(order, LOW);
	looked();
	EXPECT_EQ(count, 1);
	end();
}

TEST(level, "child interrupts: the end of a level is told to its parent, that of an edge is not")
{
	volatile struct hv_x64_apic_eoi_message *m;

	start(in_turns);
	looked();
	for (unsigned int i = 1; i < 4; i++) {
		test_about("round %u", i);
		EXPECT_EQ(assert_fixed(HV_INTERRUPT_CONTROL_LEVEL, LOW), HV_STATUS_SUCCESS);
		EXPECT_EQ(assert_fixed(0, HIGH), HV_STATUS_SUCCESS);
		m = child_expect(&c, 0, HVMSG_X64_APIC_EOI);
		EXPECT_EQ(c.vp[0].message->header.payload_size, sizeof(*m));
		EXPECT_EQ(m->vp_index, 0);
		EXPECT_EQ(m->interrupt_vector, LOW);
		EXPECT_EQ(count, 2 * i);
		looked();
	}
	/* A vector is what it was asserted as last. */
	EXPECT_EQ(assert_fixed(0, LOW), HV_STATUS_SUCCESS);
	looked();
	end();
}

static void in_priorities(void)
{
	apic_on();
	write_cr8(LOW >> 4);
	__asm__ volatile("sti" : : : "memory");
	for (unsigned int i = 0; i < 2; i++)
		look();
	write_cr8(0);
	look();
	seen[0] = read_cr8();
	seen[1] = rdmsr(HV_X64_MSR_TPR);
}

TEST(priorities, "child interrupts: CR8 holds back, its parent sees and sets it")
{
	start(in_priorities);
	looked();
	EXPECT_EQ(child_get(&c, 0, HV_X64_REGISTER_CR8).reg64, LOW >> 4);
	EXPECT_EQ(c.vp[0].page->cr8, LOW >> 4);
	EXPECT_EQ(assert_fixed(0, LOW), HV_STATUS_SUCCESS);
	EXPECT_EQ(assert_fixed(0, HIGH), HV_STATUS_SUCCESS);
	looked();
	EXPECT_EQ(order, HIGH);
	looked();
	EXPECT_EQ(order, HIGH << 8 | LOW);
	EXPECT_EQ(child_set(&c, 0, HV_X64_REGISTER_CR8, 7), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(child_set(&c, 0, HV_X64_REGISTER_CR8, 16), HV_STATUS_INVALID_REGISTER_VALUE);
	child_finish(&c);
	EXPECT_EQ(seen[0], 7);
	EXPECT_EQ(seen[1], 0x70);
	end();
}

static void in_window(void)
{
	apic_on();
	look();
	__asm__ volatile("sti; nop" : : : "memory");
	seen[0] = 1;
	look();
}

TEST(window, "child interrupts: its parent is told once that one could go in")
{
	volatile struct hv_x64_interruption_deliverable_message *m;

	start(in_window);
	looked();
	EXPECT_EQ(child_set(&c, 0, HV_REGISTER_DELIVERABILITY_NOTIFICATIONS,
			    HV_DELIVERABILITY_INTERRUPT | HV_DELIVERABILITY_NMI),
		  RESULT(HV_STATUS_SUCCESS, 1));
	m = child_expect(&c, 0, HVMSG_X64_INTERRUPTION_DELIVERABLE);
	EXPECT_EQ(c.vp[0].message->header.payload_size, sizeof(*m));
	EXPECT_EQ(m->deliverable_type, HV_PENDING_NMI_TYPE);
	EXPECT_EQ(child_get(&c, 0, HV_REGISTER_DELIVERABILITY_NOTIFICATIONS).reg64,
		  HV_DELIVERABILITY_INTERRUPT);
	m = child_expect(&c, 0, HVMSG_X64_INTERRUPTION_DELIVERABLE);
	EXPECT_EQ(m->deliverable_type, HV_PENDING_INTERRUPT_TYPE);
	EXPECT(m->header.rflags & RFLAGS_IF);
	EXPECT_EQ(seen[0], 0);
	EXPECT_EQ(child_get(&c, 0, HV_REGISTER_DELIVERABILITY_NOTIFICATIONS).reg64, 0);
	looked();
	child_finish(&c);
	end();
}

static void in_halts(void)
{
	apic_on();
	for (;;) {
		seen[0]++;
		__asm__ volatile("sti; hlt; cli" : : : "memory");
	}
}

TEST(halted_window, "child interrupts: its parent is told that one could go in while it is halted")
{
	volatile struct hv_x64_interruption_deliverable_message *m;

	start(in_halts);
	EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
	EXPECT_EQ(child_set(&c, 0, HV_REGISTER_DELIVERABILITY_NOTIFICATIONS,
			    HV_DELIVERABILITY_INTERRUPT),
		  RESULT(HV_STATUS_SUCCESS, 1));
	m = child_expect(&c, 0, HVMSG_X64_INTERRUPTION_DELIVERABLE);
	EXPECT_EQ(m->deliverable_type, HV_PENDING_INTERRUPT_TYPE);
	EXPECT_EQ(seen[0], 1);
	EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
	EXPECT_EQ(assert_fixed(0, LOW), HV_STATUS_SUCCESS);
	EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
	EXPECT_EQ(seen[0], 2);
	end();
}

TEST(nmi, "child interrupts: a non-maskable one wakes it, a second waits for the first's end")
{
	start(in_halts);
	for (unsigned int i = 1; i < 5; i++) {
		EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
		EXPECT_EQ(count, i - 1);
		EXPECT_EQ(seen[0], i);
		EXPECT_EQ(child_assert(&c, HV_X64_INTERRUPT_TYPE_NMI, 0, 0, 0), HV_STATUS_SUCCESS);
	}
	EXPECT_EQ(child_set(&c, 0, HV_REGISTER_INTERRUPT_STATE, HV_INTERRUPT_STATE_NMI_MASKED),
		  RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(child_get(&c, 0, HV_REGISTER_INTERRUPT_STATE).reg64,
		  HV_INTERRUPT_STATE_NMI_MASKED);
	EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
	EXPECT_EQ(count, 3);
	EXPECT_EQ(child_set(&c, 0, HV_REGISTER_INTERRUPT_STATE, 0), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
	EXPECT_EQ(count, 4);
	end();
}

static void in_idle(void)
{
	apic_on();
	for (;;) {
		seen[0]++;
		rdmsr(HV_X64_MSR_GUEST_IDLE);
		seen[1] = count;
		apic_open();
	}
}

TEST(idle, "child interrupts: one ends a guest's idling, though it is not open yet")
{
	start(in_idle);
	EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
	EXPECT_EQ(child_get(&c, 0, HV_REGISTER_INTERNAL_ACTIVITY_STATE).reg64,
		  HV_ACTIVITY_IDLE_SUSPEND);
	EXPECT_EQ(assert_fixed(0, LOW), HV_STATUS_SUCCESS);
	EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
	EXPECT_EQ(seen[0], 2);
	EXPECT_EQ(seen[1], 0);
	EXPECT_EQ(order, LOW);
	end();
}

static volatile struct {
	uint64_t error, cr2, rip;
} raised;

static void on_exception(struct trap_frame *frame)
{
	order = order << 8 | (unsigned int)frame->vector;
	raised.error = frame->error;
	raised.cr2 = read_cr2();
	raised.rip = frame->rip;
}

TEST(exceptions, "child interrupts: its parent raises exceptions in it")
{
	const union hv_register_value event = {
		.reg128 = {HV_PENDING_EVENT_VALID | HV_PENDING_EVENT_ERROR |
				   (uint64_t)VECTOR_PF << 16 | 7UL << 32,
			   0x123456789000},
	};
	uint64_t rip;

	start(in_turns);
	trap_handle(VECTOR_PF, on_exception);
	trap_handle(VECTOR_GP, on_exception);
	looked();
	rip = c.vp[0].page->rip;
	EXPECT_EQ(child_set_wide(&c, 0, HV_REGISTER_PENDING_EVENT0, &event),
		  RESULT(HV_STATUS_SUCCESS, 1));
	looked();
	EXPECT_EQ(order, VECTOR_PF);
	EXPECT_EQ(raised.error, 7);
	EXPECT_EQ(raised.cr2, 0x123456789000);
	EXPECT_EQ(raised.rip, rip);
	EXPECT_EQ(child_set(&c, 0, HV_REGISTER_PENDING_INTERRUPTION,
			    HV_PENDING_INTERRUPTION_VALID |
				    3UL << HV_PENDING_INTERRUPTION_TYPE_SHIFT |
				    HV_PENDING_INTERRUPTION_ERROR | (uint64_t)VECTOR_GP << 16 |
				    0x18UL << 32),
		  RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(child_get(&c, 0, HV_REGISTER_PENDING_INTERRUPTION).reg64 >> 32, 0x18);
	looked();
	EXPECT_EQ(order, VECTOR_PF << 8 | VECTOR_GP);
	EXPECT_EQ(raised.error, 0x18);
	EXPECT_EQ(child_set(&c, 0, HV_REGISTER_PENDING_INTERRUPTION,
			    HV_PENDING_INTERRUPTION_VALID |
				    4UL << HV_PENDING_INTERRUPTION_TYPE_SHIFT),
		  HV_STATUS_INVALID_REGISTER_VALUE);
	EXPECT_EQ(child_set(&c, 0, HV_REGISTER_PENDING_EVENT0, HV_PENDING_EVENT_VALID | 32UL << 16),
		  HV_STATUS_INVALID_REGISTER_VALUE);
	looked();
	trap_handle(VECTOR_PF, NULL);
	trap_handle(VECTOR_GP, NULL);
	end();
}

static void in_assisted(void)
{
	apic_on();
	wrmsr(HV_X64_MSR_VP_ASSIST_PAGE, ASSIST_PLACE | HV_X64_MSR_VP_ASSIST_PAGE_ENABLE);
	for (;;) {
		look();
		apic_open();
	}
}

TEST(assisted, "child interrupts: one alone needs no EOI, and a level always does")
{
	start(in_assisted);
	looked();
	granted = true;
	for (unsigned int i = 1; i < 4; i++) {
		EXPECT_EQ(assert_fixed(0, LOW), HV_STATUS_SUCCESS);
		looked();
		EXPECT_EQ(count, i);
		EXPECT_EQ(seen[7], i);
	}
	EXPECT_EQ(assert_fixed(HV_INTERRUPT_CONTROL_LEVEL, HIGH), HV_STATUS_SUCCESS);
	child_expect(&c, 0, HVMSG_X64_APIC_EOI);
	EXPECT_EQ(seen[7], 3);
	looked();
	end();
}

static void in_messages(void)
{
	apic_on();
	wrmsr(HV_X64_MSR_SIMP, SIMP_PLACE | HV_SYNIC_SIMP_ENABLE);
	wrmsr(HV_X64_MSR_SIEFP, SIEFP_PLACE | HV_SYNIC_SIEFP_ENABLE);
	wrmsr(HV_X64_MSR_SINT0 + SINT, SINT_V);
	wrmsr(HV_X64_MSR_SCONTROL, HV_SYNIC_CONTROL_ENABLE);
	wrmsr(HV_X64_MSR_STIMER0_CONFIG,
	      HV_STIMER_AUTOENABLE | (uint64_t)SINT << HV_STIMER_SINT_SHIFT);
	wrmsr(HV_X64_MSR_STIMER0_COUNT, 1);
	apic_open();
	for (;;) {
		volatile struct hv_message *slot =
			&((volatile struct hv_message_page *)SIMP_PLACE)->sint_message[SINT];

		seen[0] = slot->header.message_type;
		seen[1] = slot->header.payload_size;
		seen[2] = slot->payload[1];
		look();
		slot->header.message_type = HVMSG_NONE;
		wrmsr(HV_X64_MSR_EOM, 0);
		look();
	}
}

TEST(messages, "child interrupts: a timer's message comes to its page, and the next is announced")
{
	volatile struct hv_x64_sint_deliverable_message *m;

	start(in_messages);
	looked();
	EXPECT_EQ(seen[0], HVMSG_TIMER_EXPIRED);
	EXPECT_EQ(seen[1], sizeof(struct hv_timer_message_payload));
	EXPECT_EQ(seen[2], 1);
	EXPECT_EQ(order, SINT_V);
	/* The slot is full now. */
	EXPECT_EQ(child_set(&c, 0, HV_REGISTER_DELIVERABILITY_NOTIFICATIONS,
			    BIT(HV_DELIVERABILITY_SINTS_SHIFT + SINT)),
		  RESULT(HV_STATUS_SUCCESS, 1));
	m = child_expect(&c, 0, HVMSG_SYNIC_SINT_DELIVERABLE);
	EXPECT_EQ(c.vp[0].message->header.payload_size, sizeof(*m));
	EXPECT_EQ(m->deliverable_sints, BIT(SINT));
	EXPECT_EQ(child_get(&c, 0, HV_REGISTER_DELIVERABILITY_NOTIFICATIONS).reg64, 0);
	looked();
	end();
}

TEST(direct, "child interrupts: its parent's messages and events come to its pages")
{
	struct hv_input_post_message_direct *post;
	struct hv_input_signal_event_direct *signal;
	struct hv_message *message;

	start(in_messages);
	looked();
	looked();
	order = 0;
	post = hypercall_prepare();
	post->partition_id = c.id;
	post->sint_index = SINT;
	message = (void *)post->message;
	message->header.message_type = 5;
	message->header.payload_size = 16;
	message->payload[1] = 0x77;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_POST_MESSAGE_DIRECT)), HV_STATUS_SUCCESS);
	signal = hypercall_prepare();
	signal->target_partition = c.id;
	signal->target_sint = SINT;
	signal->flag_number = 9;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_SIGNAL_EVENT_DIRECT)), HV_STATUS_SUCCESS);
	looked();
	EXPECT_EQ(seen[0], 5);
	EXPECT_EQ(seen[1], 16);
	EXPECT_EQ(seen[2], 0x77);
	end();
}

static void in_sender(void)
{
	struct hypercall_regs regs = {.rcx = CONTROL_FAST(HVCALL_SEND_IPI), .rdx = LOW, .r8 = 3};

	apic_on();
	wrmsr(HV_X64_MSR_GUEST_OS_ID, ROOT_OS_ID);
	wrmsr(HV_X64_MSR_ICR, 1UL << 56 | LAPIC_ICR_INIT);
	wrmsr(HV_X64_MSR_ICR, 1UL << 56 | LAPIC_ICR_STARTUP | CHILD_CODE >> PAGE_SHIFT);
	look();
	hypercall_execute(&regs, vmmcall_code);
	seen[0] = regs.rax;
	apic_open();
	seen[1] = count;
	wrmsr(HV_X64_MSR_ICR, 1UL << 56 | HIGH);
}

TEST(second, "child interrupts: a VP starts another one, and interrupts it")
{
	start(in_sender);
	child_add_vp(&c, 1);
	memcpy((void *)machine_page(CHILD_MEMORY), child_peek,
	       (size_t)(child_peek_end - child_peek));
	EXPECT_EQ(child_map(&c, CHILD_CODE >> PAGE_SHIFT, RAM, CHILD_MEMORY, 3),
		  RESULT(HV_STATUS_SUCCESS, 3));
	EXPECT_EQ(child_get(&c, 1, HV_REGISTER_INTERNAL_ACTIVITY_STATE).reg64,
		  HV_ACTIVITY_STARTUP_SUSPEND);
	EXPECT_EQ(child_set(&c, 1, HV_REGISTER_EXPLICIT_SUSPEND, 0), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(child_run(&c, 1), CHILD_BLOCKED);
	EXPECT_EQ(c.vp[1].stats[202], 1);
	looked();
	EXPECT_EQ(c.vp[1].stats[202], 0);
	for (unsigned int i = 0; i < 3; i++) {
		volatile struct hv_x64_io_port_intercept_message *m = child_expect(
			&c, 1, HVMSG_X64_IO_PORT_INTERCEPT);

		EXPECT_EQ(m->header.vp_index, 1);
		EXPECT_EQ(m->header.cs.selector, CHILD_CODE >> 4);
		EXPECT_EQ(m->header.cs.base, CHILD_CODE);
		EXPECT_EQ(m->port_number, 0x80);
		child_resume(&c, 1, 0);
	}
	child_finish(&c);
	EXPECT_EQ(seen[0], HV_STATUS_SUCCESS);
	EXPECT_EQ(seen[1], 1);
	EXPECT_EQ(order, LOW);
	/* It is shut and goes on; another INIT stops it wherever it is. */
	child_expect(&c, 1, HVMSG_X64_IO_PORT_INTERCEPT);
	EXPECT_EQ(child_assert(&c, HV_X64_INTERRUPT_TYPE_INIT, 0, 1, 0), HV_STATUS_SUCCESS);
	EXPECT_EQ(child_run(&c, 1), CHILD_BLOCKED);
	EXPECT_EQ(child_get(&c, 1, HV_REGISTER_INTERNAL_ACTIVITY_STATE).reg64,
		  HV_ACTIVITY_STARTUP_SUSPEND);
	EXPECT_EQ(child_assert(&c, HV_X64_INTERRUPT_TYPE_SIPI, 0, 1, CHILD_CODE >> PAGE_SHIFT),
		  HV_STATUS_SUCCESS);
	child_expect(&c, 1, HVMSG_X64_IO_PORT_INTERCEPT);
	end();
}

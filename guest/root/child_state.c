// SPDX-License-Identifier: Apache-2.0
/*
 * State of a child's VP that is no register: what its parent reads is what the child has, and the
 * child has what its parent writes. Source: Linux's mshv driver and its VMMs.
 */
#include "abi/hv/memory.h"
#include "abi/hv/msr.h"
#include "abi/hv/status.h"
#include "abi/hv/synic.h"
#include "abi/hv/vp_state.h"
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

#define VECTOR 0x91u
#define SINT   2u

/* The child asks to be looked at. */
#define LOOK 0xe0u

/* An XSAVE image: where XMM3, the components in use and the form stand. Source: Intel SDM. */
#define IMAGE_MXCSR 24u
#define IMAGE_XMM3  208u
#define IMAGE_USED  512u
#define IMAGE_FORM  520u
#define SSE         BIT(1)

static struct child c;
static volatile uint64_t seen[8];

/* Where the state goes and comes from: a page that the child does not have. */
static uint8_t *state_page(void)
{
	return (uint8_t *)machine_page(CHILD_MEMORY);
}

static uint64_t read_page(unsigned int offset)
{
	uint64_t value;

	memcpy(&value, state_page() + offset, sizeof(value));
	return value;
}

static void write_page(unsigned int offset, uint64_t value)
{
	memcpy(state_page() + offset, &value, sizeof(value));
}

static uint64_t call(uint16_t code, uint32_t type)
{
	struct {
		struct hv_input_vp_state header;
		uint64_t page;
	} *in = hypercall_prepare();

	in->header.partition_id = c.id;
	in->header.type = type;
	in->header.xsave_states = 3;
	in->page = machine_page(CHILD_MEMORY) >> PAGE_SHIFT;
	return hypercall(CONTROL_VARIABLE(code, 1));
}

static void get(uint32_t type)
{
	memset(state_page(), 0xee, PAGE_SIZE);
	EXPECT_EQ(call(HVCALL_GET_VP_STATE, type), HV_STATUS_SUCCESS);
}

static void set(uint32_t type)
{
	EXPECT_EQ(call(HVCALL_SET_VP_STATE, type), HV_STATUS_SUCCESS);
}

static bool looked(void)
{
	volatile struct hv_x64_io_port_intercept_message *m = child_expect(
		&c, 0, HVMSG_X64_IO_PORT_INTERCEPT);

	return m && EXPECT_EQ(m->port_number, LOOK);
}

static void go_on(void)
{
	child_resume(&c, 0, 0);
	child_finish(&c);
	child_end(&c);
}

static void in_vectors(void)
{
	uint64_t value = 0x123456789abcdef0;

	__asm__ volatile("movq %0, %%xmm3; outb %%al, %1; movq %%xmm3, %0"
			 : "+r"(value)
			 : "N"(LOOK));
	seen[0] = value;
}

TEST(vectors, "child state: vector registers are the child's, in both directions")
{
	child_start(&c, in_vectors);
	looked();
	get(HV_VP_STATE_XSAVE);
	EXPECT_EQ(read_page(IMAGE_XMM3), 0x123456789abcdef0);
	EXPECT(read_page(IMAGE_USED) & SSE);
	EXPECT(read_page(IMAGE_FORM) & BIT(63));
	/* What a processor refuses, nobody takes. */
	write_page(IMAGE_XMM3, 1);
	write_page(IMAGE_USED, SSE | BIT(40));
	EXPECT_EQ(call(HVCALL_SET_VP_STATE, HV_VP_STATE_XSAVE), HV_STATUS_INVALID_PARAMETER);
	get(HV_VP_STATE_XSAVE);
	EXPECT_EQ(read_page(IMAGE_XMM3), 0x123456789abcdef0);
	write_page(IMAGE_MXCSR, UINT64_MAX);
	EXPECT_EQ(call(HVCALL_SET_VP_STATE, HV_VP_STATE_XSAVE), HV_STATUS_INVALID_PARAMETER);
	get(HV_VP_STATE_XSAVE);
	write_page(IMAGE_XMM3, 0x5a5a5a5a12345678);
	set(HV_VP_STATE_XSAVE);
	go_on();
	EXPECT_EQ(seen[0], 0x5a5a5a5a12345678);
}

static void on_vector(struct trap_frame *frame)
{
	(void)frame;
	seen[0]++;
	wrmsr(HV_X64_MSR_EOI, 0);
}

static void in_apic(void)
{
	*(volatile uint32_t *)(APIC_PAGE + LAPIC_SVR) = SVR_ENABLE | SVR_SPURIOUS;
	outb(LOOK, 0);
	apic_open();
}

TEST(apic, "child state: its APIC is what it made of it; what its parent puts there comes in")
{
	const struct hv_local_interrupt_controller_state *apic = (const void *)state_page();

	seen[0] = 0;
	trap_handle(VECTOR, on_vector);
	child_start(&c, in_apic);
	looked();
	get(HV_VP_STATE_LAPIC);
	EXPECT_EQ(apic->apic_id, 0);
	EXPECT_EQ(apic->spurious, SVR_ENABLE | SVR_SPURIOUS);
	EXPECT_EQ(apic->irr[VECTOR / 32], 0);
	write_page(offsetof(struct hv_local_interrupt_controller_state, irr[4]), BIT(VECTOR % 32));
	set(HV_VP_STATE_LAPIC);
	get(HV_VP_STATE_LAPIC);
	EXPECT_EQ(apic->irr[VECTOR / 32], BIT(VECTOR % 32));
	EXPECT_EQ(seen[0], 0);
	child_resume(&c, 0, 0);
	child_finish(&c);
	EXPECT_EQ(seen[0], 1);
	get(HV_VP_STATE_LAPIC);
	EXPECT_EQ(apic->irr[VECTOR / 32], 0);
	EXPECT_EQ(apic->isr[VECTOR / 32], 0);
	child_end(&c);
	trap_handle(VECTOR, NULL);
}

static void in_pages(void)
{
	wrmsr(HV_X64_MSR_SIMP, CHILD_HOLE | HV_SYNIC_SIMP_ENABLE);
	*(volatile uint64_t *)(CHILD_HOLE + 16) = 0x1111;
	outb(LOOK, 0);
	seen[0] = *(volatile uint64_t *)(CHILD_HOLE + 16);
	seen[1] = *(volatile uint64_t *)(CHILD_HOLE + PAGE_SIZE - 8);
}

TEST(pages, "child state: its page of messages is read and written whole")
{
	child_start(&c, in_pages);
	looked();
	get(HV_VP_STATE_SIM_PAGE);
	EXPECT_EQ(read_page(16), 0x1111);
	EXPECT_EQ(read_page(PAGE_SIZE - 8), 0);
	write_page(16, 0x2222);
	write_page(PAGE_SIZE - 8, 0x3333);
	set(HV_VP_STATE_SIM_PAGE);
	get(HV_VP_STATE_SIEF_PAGE);
	EXPECT_EQ(read_page(16), 0);
	go_on();
	EXPECT_EQ(seen[0], 0x2222);
	EXPECT_EQ(seen[1], 0x3333);
}

/* Pages of the hypervisor's, over the child's own memory. */
#define CALL_PLACE CHILD_HOLE
#define TSC_PLACE  (CHILD_HOLE + PAGE_SIZE)

static void in_overlays(void)
{
	const volatile struct hv_reference_tsc_page *tsc = (const void *)TSC_PLACE;
	struct hypercall_regs regs = {.rcx = CONTROL_FAST(HVCALL_NOTIFY_LONG_SPIN_WAIT)};

	wrmsr(HV_X64_MSR_GUEST_OS_ID, ROOT_OS_ID);
	wrmsr(HV_X64_MSR_HYPERCALL, CALL_PLACE | HV_X64_MSR_HYPERCALL_ENABLE);
	wrmsr(HV_X64_MSR_REFERENCE_TSC, TSC_PLACE | HV_X64_MSR_PAGE_ENABLE);
	hypercall_execute(&regs, (const void *)CALL_PLACE);
	seen[0] = regs.rax;
	seen[1] = tsc->tsc_sequence;
	seen[2] = rdmsr(HV_X64_MSR_TIME_REF_COUNT);
	seen[3] = (uint64_t)(((unsigned __int128)rdtsc() * tsc->tsc_scale) >> 64) +
		  (uint64_t)tsc->tsc_offset;
	seen[4] = rdmsr(HV_X64_MSR_TIME_REF_COUNT);
	seen[5] = fault_wrmsr(HV_X64_MSR_REFERENCE_TSC, CALL_PLACE | HV_X64_MSR_PAGE_ENABLE);
	seen[6] = fault_write(CALL_PLACE, 0);
	wrmsr(HV_X64_MSR_HYPERCALL, 0);
	seen[7] = *(volatile uint64_t *)CALL_PLACE;
}

TEST(overlays, "child state: pages of the hypervisor's are where it wants them, over its memory")
{
	child_start(&c, in_overlays);
	write_page(0, 0x1122334455667788);
	EXPECT_EQ(child_map(&c, CALL_PLACE >> PAGE_SHIFT, RAM, CHILD_MEMORY, 1),
		  RESULT(HV_STATUS_SUCCESS, 1));
	child_finish(&c);
	EXPECT_EQ(seen[0], HV_STATUS_SUCCESS);
	EXPECT(seen[1] != 0);
	EXPECT(seen[2] <= seen[3] && seen[3] <= seen[4]);
	EXPECT_EQ(seen[5], VECTOR_GP);
	EXPECT_EQ(seen[6], VECTOR_GP);
	EXPECT_EQ(seen[7], 0x1122334455667788);
	child_end(&c);
}

static void in_timers(void)
{
	wrmsr(HV_X64_MSR_STIMER1_CONFIG, (uint64_t)SINT << 16);
	wrmsr(HV_X64_MSR_STIMER1_COUNT, UINT64_MAX >> 1);
	outb(LOOK, 0);
	seen[0] = rdmsr(HV_X64_MSR_STIMER1_CONFIG);
	seen[1] = rdmsr(HV_X64_MSR_STIMER2_COUNT);
}

/* The timers' state is in the call itself. */
static uint64_t set_timers(const struct hv_synthetic_timers_state *timers, unsigned int words)
{
	struct {
		struct hv_input_vp_state header;
		struct hv_synthetic_timers_state timers;
	} *in = hypercall_prepare();

	in->header.partition_id = c.id;
	in->header.type = HV_VP_STATE_SYNTHETIC_TIMERS;
	in->timers = *timers;
	return hypercall(CONTROL_VARIABLE(HVCALL_SET_VP_STATE, words));
}

TEST(timers, "child state: its timers are read and set")
{
	struct hv_synthetic_timers_state timers;
	struct hv_input_vp_state *in;

	child_start(&c, in_timers);
	looked();
	in = hypercall_prepare();
	in->partition_id = c.id;
	in->type = HV_VP_STATE_SYNTHETIC_TIMERS;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_GET_VP_STATE)), HV_STATUS_SUCCESS);
	memcpy(&timers, hypercall_out, sizeof(timers));
	EXPECT_EQ(timers.timer[0].config, 0);
	EXPECT_EQ(timers.timer[1].config, (uint64_t)SINT << 16);
	EXPECT_EQ(timers.timer[1].count, UINT64_MAX >> 1);
	timers.timer[1].config = (uint64_t)(SINT + 1) << 16;
	timers.timer[2].count = 0x1234567;
	EXPECT_EQ(set_timers(&timers, sizeof(timers) / 8 - 1), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(set_timers(&timers, sizeof(timers) / 8), HV_STATUS_SUCCESS);
	go_on();
	EXPECT_EQ(seen[0], (uint64_t)(SINT + 1) << 16);
	EXPECT_EQ(seen[1], 0x1234567);
}

TEST(refusals, "child state: what there is not, and pages that are not ours to give")
{
	struct {
		struct hv_input_vp_state header;
		uint64_t page;
	} * in;

	child_start(&c, in_timers);
	looked();
	EXPECT_EQ(call(HVCALL_GET_VP_STATE, 0x80000007), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(call(HVCALL_SET_VP_STATE, 0x5), HV_STATUS_INVALID_PARAMETER);
	in = hypercall_prepare();
	in->header.partition_id = c.id;
	in->header.type = HV_VP_STATE_LAPIC;
	in->page = machine_page(CHILD_POOL) >> PAGE_SHIFT;
	EXPECT_EQ(hypercall(CONTROL_VARIABLE(HVCALL_GET_VP_STATE, 1)), HV_STATUS_INVALID_PARAMETER);
	in->header.vp_index = 1;
	EXPECT_EQ(hypercall(CONTROL_VARIABLE(HVCALL_GET_VP_STATE, 1)), HV_STATUS_INVALID_VP_INDEX);
	in->header.partition_id = HV_PARTITION_ID_SELF;
	EXPECT_EQ(hypercall(CONTROL_VARIABLE(HVCALL_GET_VP_STATE, 1)),
		  HV_STATUS_INVALID_PARTITION_ID);
	go_on();
}

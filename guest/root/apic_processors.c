// SPDX-License-Identifier: Apache-2.0
/*
 * Interrupts from one VP to another: commands, hypercalls, INIT. Source: AMD64 APM volume 2,
 * chapter 16; TLFS, HvCallSendSyntheticClusterIpi.
 */
#include "root/apic.h"

#include "abi/hv/hypercall.h"
#include "abi/hv/interrupt.h"
#include "abi/hv/msr.h"
#include "abi/hv/status.h"
#include "abi/hv/system.h"
#include "abi/hv/vp.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/test.h"
#include "root/modes.h"
#include "root/root.h"
#include "x86/cpu.h"

#define VECTOR   0x61u
#define QUESTION 0x62u
#define ANSWER   0xf1u
/* Of a device, level-triggered: above the hypervisor's own. */
#define LEVEL    0xe1u

/* Bound of a wait, and how long nothing must happen, in 100 ns. */
#define PATIENCE (20UL * 10000000)
#define QUIET    (5UL * 10000)

extern const char apic_code16[], apic_code16_end[], apic_on_interrupt16[], apic_on_nmi16[],
	apic_on_question16[];

/* What the other processor counts. */
static volatile struct {
	uint32_t starts, interrupts, nmis;
	uint32_t answer, to;
} *const counted = (volatile void *)MODES_RESULTS;

static uint32_t other;

static bool wait_for(const volatile uint32_t *count, uint32_t value)
{
	uint64_t end = rdmsr(HV_X64_MSR_TIME_REF_COUNT) + PATIENCE;

	while (*count < value && rdmsr(HV_X64_MSR_TIME_REF_COUNT) < end)
		cpu_relax();
	return *count == value;
}

static void quiet(void)
{
	uint64_t end = rdmsr(HV_X64_MSR_TIME_REF_COUNT) + QUIET;

	while (rdmsr(HV_X64_MSR_TIME_REF_COUNT) < end)
		cpu_relax();
}

static void send(uint32_t command, uint32_t destination)
{
	lapic_write_icr((uint64_t)destination << 32 | command);
}

/* A vector of the real-mode interrupt table: `handler` in the copy of the code. */
static void set_vector(unsigned int vector, const char *handler)
{
	uint32_t offset = (uint32_t)(handler - apic_code16);

	__asm__ volatile("movl %1, (%0)"
			 :
			 : "r"((uint64_t)vector * 4), "r"((MODES_PAGE >> 4) << 16 | offset)
			 : "memory");
}

static bool start_other(void)
{
	struct hv_input_add_logical_processor *add = hypercall_prepare();
	struct hv_input_create_vp *create;

	add->lp_index = 1;
	add->apic_id = other;
	if (!EXPECT_EQ(hypercall(CONTROL(HVCALL_ADD_LOGICAL_PROCESSOR)), HV_STATUS_SUCCESS))
		return false;
	create = hypercall_prepare();
	create->partition_id = HV_PARTITION_ID_SELF;
	create->vp_index = 1;
	create->flags = 1;
	if (!EXPECT_EQ(hypercall(CONTROL(HVCALL_CREATE_VP)), HV_STATUS_SUCCESS))
		return false;
	memset((void *)MODES_PAGE, 0, PAGE_SIZE);
	memcpy((void *)MODES_PAGE, apic_code16, (size_t)(apic_code16_end - apic_code16));
	set_vector(VECTOR, apic_on_interrupt16);
	set_vector(QUESTION, apic_on_question16);
	set_vector(VECTOR_NMI, apic_on_nmi16);
	send(LAPIC_ICR_INIT, other);
	send(LAPIC_ICR_STARTUP | MODES_PAGE / PAGE_SIZE, other);
	return EXPECT(wait_for(&counted->starts, 1));
}

/* Exactly one more interrupt reaches the other one. */
static void expect_one(const char *how)
{
	static uint32_t expected;

	test_about("%s", how);
	EXPECT(wait_for(&counted->interrupts, ++expected));
	test_about(NULL);
}

static void by_call(uint64_t mask)
{
	EXPECT_EQ(hypercall_fast(CONTROL_FAST(HVCALL_SEND_IPI), VECTOR, mask), HV_STATUS_SUCCESS);
}

static void by_call_ex(uint64_t format, uint64_t banks, uint64_t bank)
{
	struct hv_input_send_ipi_ex *in = hypercall_prepare();

	in->vector = VECTOR;
	in->format = format;
	in->valid_bank_mask = banks;
	memcpy(in + 1, &bank, sizeof(bank));
	EXPECT_EQ(hypercall(CONTROL_VARIABLE(HVCALL_SEND_IPI_EX, banks ? 1 : 0)),
		  HV_STATUS_SUCCESS);
}

static void expect_every_way(void)
{
	send(VECTOR, other);
	expect_one("physical");
	send((uint32_t)LAPIC_ICR_LOGICAL | VECTOR, other >> 4 << 16 | 1u << (other & 15));
	expect_one("logical");
	send((uint32_t)LAPIC_ICR_ALL_BUT_SELF | VECTOR, 0);
	expect_one("all but self");
	EXPECT(!apic_requested(VECTOR));
	wrmsr(HV_X64_MSR_ICR, (uint64_t)other << 32 | VECTOR);
	expect_one("HV_X64_MSR_ICR");
	by_call(BIT(1) | BIT(5));
	expect_one("SEND_IPI");
	by_call_ex(HV_GENERIC_SET_SPARSE_4K, 1, BIT(1));
	expect_one("SEND_IPI_EX");
	EXPECT(!apic_requested(VECTOR));
	by_call_ex(HV_GENERIC_SET_ALL, 0, 0);
	expect_one("SEND_IPI_EX to all");
	EXPECT(apic_requested(VECTOR));
	apic_open();
	/* Who is busy does not get it. */
	write_cr8(15);
	send((uint32_t)LAPIC_ICR_ALL | LAPIC_ICR_MODE_LOWEST | VECTOR, 0);
	expect_one("lowest priority");
	write_cr8(0);
}

TEST_ENDING(TEST_ALONE, processors, "apic: IPIs, NMIs and INIT reach the second VP by every way")
{
	if (!root_apic_id(1, &other) || !apic_use(true)) {
		test_skip("there is no second processor, or no x2APIC mode");
		return;
	}
	trap_handle(VECTOR, apic_count);
	if (!start_other())
		return;
	expect_every_way();
	for (uint32_t i = 1; i <= 5; i++) {
		send(LAPIC_ICR_MODE_NMI, other);
		EXPECT(wait_for(&counted->nmis, i));
	}
	/* Stopped, it takes nothing, and remembers nothing. */
	send(LAPIC_ICR_INIT, other);
	send(VECTOR, other);
	send(LAPIC_ICR_MODE_NMI, other);
	by_call(BIT(1));
	quiet();
	send(LAPIC_ICR_STARTUP | MODES_PAGE / PAGE_SIZE, other);
	EXPECT(wait_for(&counted->starts, 2));
	quiet();
	EXPECT_EQ(counted->nmis, 5);
	expect_every_way();
}

static volatile bool answered;

static void on_answer(struct trap_frame *frame)
{
	(void)frame;
	answered = true;
	lapic_write(LAPIC_EOI, 0);
}

/* Waits for the answer without leaving its handler or to the hypervisor, for a second at most. */
static void on_level(struct trap_frame *frame)
{
	uint64_t second = rdmsr(HV_X64_MSR_TSC_FREQUENCY), start;

	(void)frame;
	send(QUESTION, other);
	start = rdtsc();
	__asm__ volatile("sti");
	while (!answered && rdtsc() - start < second)
		cpu_relax();
	__asm__ volatile("cli");
	EXPECT(answered);
	apic_lower_line();
	lapic_write(LAPIC_EOI, 0);
	apic_seen.count++;
}

TEST_ENDING(TEST_ALONE, above,
	    "apic: an IPI reaches a VP that handles a device's level above the hypervisor's vector")
{
	if (!root_apic_id(1, &other) || !apic_use(true)) {
		test_skip("there is no second processor, or no x2APIC mode");
		return;
	}
	if (!start_other())
		return;
	counted->answer = ANSWER;
	counted->to = lapic_id();
	trap_handle(ANSWER, on_answer);
	trap_handle(LEVEL, on_level);
	apic_route_line(APIC_RTE_LEVEL | LEVEL);
	apic_raise_line();
	for (unsigned int i = 0; i < 1000000 && apic_seen.count == 0; i++)
		apic_open();
	EXPECT_EQ(apic_seen.count, 1);
	EXPECT_EQ(counted->nmis, 0);
}

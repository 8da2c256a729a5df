// SPDX-License-Identifier: Apache-2.0
/* Interrupts that tests count, and the SynIC that raises them. */
#include "abi/hv/msr.h"
#include "core/string.h"
#include "lib/trap.h"
#include "root/synic_setup.h"
#include "x86/cpu.h"
#include "x86/lapic.h"

/* Bound of a wait, in 100 ns. */
#define PATIENCE (2UL * 10000000)

#define SVR_ENABLE 0x100u

static volatile unsigned int counts[VECTOR_COUNT];
static volatile uint64_t last[VECTOR_COUNT];

static void on_interrupt(struct trap_frame *frame)
{
	last[frame->vector] = rdmsr(HV_X64_MSR_TIME_REF_COUNT);
	counts[frame->vector]++;
	wrmsr(HV_X64_MSR_EOI, 0);
}

void interrupts_count(unsigned int vector)
{
	lapic_init((void *)0xfee00000UL);
	lapic_write(LAPIC_SVR, lapic_read(LAPIC_SVR) | SVR_ENABLE);
	counts[vector] = 0;
	trap_handle(vector, on_interrupt);
}

unsigned int interrupts_of(unsigned int vector)
{
	return counts[vector];
}

uint64_t interrupts_last(unsigned int vector)
{
	return last[vector];
}

bool interrupts_wait(unsigned int vector, unsigned int count)
{
	uint64_t end = rdmsr(HV_X64_MSR_TIME_REF_COUNT) + PATIENCE;

	__asm__ volatile("sti" : : : "memory");
	while (counts[vector] < count && rdmsr(HV_X64_MSR_TIME_REF_COUNT) < end)
		cpu_relax();
	__asm__ volatile("cli" : : : "memory");
	return counts[vector] >= count;
}

void interrupts_pass(uint64_t time)
{
	uint64_t end = rdmsr(HV_X64_MSR_TIME_REF_COUNT) + time;

	__asm__ volatile("sti" : : : "memory");
	while (rdmsr(HV_X64_MSR_TIME_REF_COUNT) < end)
		cpu_relax();
	__asm__ volatile("cli" : : : "memory");
}

void interrupts_ignore(unsigned int vector)
{
	/* One that is on its way must find its handler. */
	interrupts_pass(0);
	trap_handle(vector, NULL);
}

static uintptr_t page_at(uint32_t msr)
{
	return rdmsr(msr) & HV_X64_MSR_PAGE_ADDRESS_MASK;
}

volatile struct hv_message *synic_slot(unsigned int sint)
{
	return &((volatile struct hv_message_page *)page_at(HV_X64_MSR_SIMP))->sint_message[sint];
}

volatile uint8_t *synic_flags(unsigned int sint)
{
	return ((volatile struct hv_synic_event_flags_page *)page_at(HV_X64_MSR_SIEFP))
		->event_flags[sint]
		.flags;
}

void synic_on(uint64_t flags)
{
	interrupts_count(SYNIC_TEST_VECTOR);
	wrmsr(HV_X64_MSR_SIMP, rdmsr(HV_X64_MSR_SIMP) | HV_SYNIC_SIMP_ENABLE);
	wrmsr(HV_X64_MSR_SIEFP, rdmsr(HV_X64_MSR_SIEFP) | HV_SYNIC_SIEFP_ENABLE);
	wrmsr(HV_X64_MSR_SINT0 + SYNIC_TEST_SINT, SYNIC_TEST_VECTOR | flags);
	wrmsr(HV_X64_MSR_SCONTROL, HV_SYNIC_CONTROL_ENABLE);
}

void synic_off(void)
{
	wrmsr(HV_X64_MSR_SINT0 + SYNIC_TEST_SINT, HV_SYNIC_SINT_RESET_VALUE);
	wrmsr(HV_X64_MSR_SCONTROL, 0);
	wrmsr(HV_X64_MSR_SIMP, rdmsr(HV_X64_MSR_SIMP) & ~HV_SYNIC_SIMP_ENABLE);
	wrmsr(HV_X64_MSR_SIEFP, rdmsr(HV_X64_MSR_SIEFP) & ~HV_SYNIC_SIEFP_ENABLE);
	memset((void *)page_at(HV_X64_MSR_SIMP), 0, PAGE_SIZE);
	memset((void *)page_at(HV_X64_MSR_SIEFP), 0, PAGE_SIZE);
	interrupts_ignore(SYNIC_TEST_VECTOR);
}

void synic_consume(void)
{
	volatile struct hv_message *slot = synic_slot(SYNIC_TEST_SINT);

	slot->header.message_type = HVMSG_NONE;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (slot->header.message_flags & HV_MESSAGE_FLAG_PENDING)
		wrmsr(HV_X64_MSR_EOM, 0);
}

// SPDX-License-Identifier: Apache-2.0
/* The synthetic registers of the root partition. Source: TLFS, the chapters of abi/hv/msr.h. */
#include "abi/hv/msr.h"

#include "abi/hv/cpuid.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"
#include "x86/lapic.h"

/* Ways to reach a register. */
#define R 1u
#define W 2u

/* Registers, the privilege in leaf 0x40000003 EAX that opens them, and how. */
static const struct {
	uint32_t first;
	uint32_t count;
	uint32_t privilege;
	unsigned int access;
} registers[] = {
	{HV_X64_MSR_GUEST_OS_ID, 2, HV_MSR_HYPERCALL_AVAILABLE, R | W},
	{HV_X64_MSR_VP_INDEX, 1, HV_MSR_VP_INDEX_AVAILABLE, R},
	{HV_X64_MSR_RESET, 1, HV_MSR_RESET_AVAILABLE, R | W},
	{HV_X64_MSR_VP_RUNTIME, 1, HV_MSR_VP_RUNTIME_AVAILABLE, R},
	{HV_X64_MSR_TIME_REF_COUNT, 1, HV_MSR_TIME_REF_COUNT_AVAILABLE, R},
	{HV_X64_MSR_REFERENCE_TSC, 1, HV_MSR_REFERENCE_TSC_AVAILABLE, R | W},
	{HV_X64_MSR_TSC_FREQUENCY, 2, HV_ACCESS_FREQUENCY_MSRS, R},
	{HV_X64_MSR_EOI, 1, HV_MSR_APIC_ACCESS_AVAILABLE, W},
	{HV_X64_MSR_ICR, 3, HV_MSR_APIC_ACCESS_AVAILABLE, R | W},
	{HV_X64_MSR_SCONTROL, 1, HV_MSR_SYNIC_AVAILABLE, R | W},
	{HV_X64_MSR_SVERSION, 1, HV_MSR_SYNIC_AVAILABLE, R},
	{HV_X64_MSR_SIEFP, 4, HV_MSR_SYNIC_AVAILABLE, R | W},
	{HV_X64_MSR_SINT0, HV_SYNIC_SINT_COUNT, HV_MSR_SYNIC_AVAILABLE, R | W},
	{HV_X64_MSR_STIMER0_CONFIG, 2 * HV_SYNIC_STIMER_COUNT, HV_MSR_SYNTIMER_AVAILABLE, R | W},
	{HV_X64_MSR_GUEST_IDLE, 1, HV_MSR_GUEST_IDLE_AVAILABLE, R},
	{HV_X64_MSR_REENLIGHTENMENT_CONTROL, 3, HV_ACCESS_REENLIGHTENMENT, R | W},
	{HV_X64_MSR_TSC_INVARIANT_CONTROL, 1, HV_ACCESS_TSC_INVARIANT, R | W},
};

/* How `msr` can be reached, as CPUID says. */
static unsigned int access_of(uint32_t msr)
{
	struct cpuid_regs features = cpuid(HYPERV_CPUID_FEATURES, 0);

	for (size_t i = 0; i < ARRAY_SIZE(registers); i++)
		if (msr - registers[i].first < registers[i].count)
			return features.eax & registers[i].privilege ? registers[i].access : 0;
	if (msr >= HV_X64_MSR_CRASH_P0 && msr <= HV_X64_MSR_CRASH_CTL)
		return features.edx & HV_FEATURE_GUEST_CRASH_MSR_AVAILABLE ? R | W : 0;
	return 0;
}

TEST(readable, "msr: the synthetic registers that CPUID offers can be read, others fault")
{
	uint64_t value;

	for (uint32_t msr = HV_X64_MSR_FIRST; msr <= 0x40000120; msr++) {
		if (msr == HV_X64_MSR_GUEST_IDLE)
			continue; /* would wait */
		test_about("msr 0x%x", msr);
		EXPECT_EQ(fault_rdmsr(msr, &value), access_of(msr) & R ? FAULT_NONE : VECTOR_GP);
	}
}

TEST(read_only, "msr: read-only registers and those that do not exist cannot be written")
{
	for (uint32_t msr = HV_X64_MSR_FIRST; msr <= 0x40000120; msr++) {
		if (access_of(msr) & W)
			continue;
		test_about("msr 0x%x", msr);
		EXPECT_FAULT(fault_wrmsr(msr, 0), VECTOR_GP);
	}
}

TEST(outside, "msr: registers of a nested hypervisor and the ends of the range fault")
{
	static const uint32_t list[] = {
		HV_X64_MSR_NESTED_SCONTROL,
		HV_X64_MSR_NESTED_SIMP,
		HV_X64_MSR_NESTED_SINT0,
		HV_X64_MSR_LAST,
		HV_X64_MSR_LAST + 1,
		0x3fffffff,
		0x4000ffff,
	};
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		test_about("msr 0x%x", list[i]);
		EXPECT_FAULT(fault_rdmsr(list[i], &value), VECTOR_GP);
		EXPECT_FAULT(fault_wrmsr(list[i], 0), VECTOR_GP);
	}
}

TEST(vp_index, "msr: VP_INDEX is 0")
{
	EXPECT_EQ(rdmsr(HV_X64_MSR_VP_INDEX), 0);
}

TEST(guest_os_id, "msr: GUEST_OS_ID keeps what is written")
{
	EXPECT_EQ(rdmsr(HV_X64_MSR_GUEST_OS_ID), ROOT_OS_ID);
	wrmsr(HV_X64_MSR_GUEST_OS_ID, 0x8100060c00000000);
	EXPECT_EQ(rdmsr(HV_X64_MSR_GUEST_OS_ID), 0x8100060c00000000);
	wrmsr(HV_X64_MSR_GUEST_OS_ID, 0);
	EXPECT_EQ(rdmsr(HV_X64_MSR_GUEST_OS_ID), 0);
}

TEST(hypercall_enable, "msr: HYPERCALL needs an identity, and loses its enable bit with it")
{
	uint64_t page = rdmsr(HV_X64_MSR_HYPERCALL) & HV_X64_MSR_PAGE_ADDRESS_MASK;

	EXPECT(page != 0);
	EXPECT_EQ(rdmsr(HV_X64_MSR_HYPERCALL), page | HV_X64_MSR_HYPERCALL_ENABLE);
	wrmsr(HV_X64_MSR_GUEST_OS_ID, 0);
	EXPECT_EQ(rdmsr(HV_X64_MSR_HYPERCALL), page);
	wrmsr(HV_X64_MSR_HYPERCALL, page | HV_X64_MSR_HYPERCALL_ENABLE);
	EXPECT_EQ(rdmsr(HV_X64_MSR_HYPERCALL), page);
	wrmsr(HV_X64_MSR_GUEST_OS_ID, ROOT_OS_ID);
	EXPECT_EQ(rdmsr(HV_X64_MSR_HYPERCALL), page);
	wrmsr(HV_X64_MSR_HYPERCALL, page | HV_X64_MSR_HYPERCALL_ENABLE);
	EXPECT_EQ(rdmsr(HV_X64_MSR_HYPERCALL), page | HV_X64_MSR_HYPERCALL_ENABLE);
}

TEST_ENDING(TEST_ALONE, hypercall_locked, "msr: HYPERCALL does not change once it is locked")
{
	uint64_t value = rdmsr(HV_X64_MSR_HYPERCALL) | HV_X64_MSR_HYPERCALL_LOCKED;

	wrmsr(HV_X64_MSR_HYPERCALL, value);
	EXPECT_EQ(rdmsr(HV_X64_MSR_HYPERCALL), value);
	wrmsr(HV_X64_MSR_HYPERCALL, 0);
	EXPECT_EQ(rdmsr(HV_X64_MSR_HYPERCALL), value);
}

/* Registers with the number of a page, which the hypervisor chose for the root. */
static const uint32_t page_registers[] = {
	HV_X64_MSR_HYPERCALL, HV_X64_MSR_REFERENCE_TSC, HV_X64_MSR_VP_ASSIST_PAGE,
	HV_X64_MSR_SIEFP,     HV_X64_MSR_SIMP,          HV_X64_MSR_SIRBP,
};

TEST(pages, "msr: each page register offers a page of its own, outside RAM")
{
	for (size_t i = 0; i < ARRAY_SIZE(page_registers); i++) {
		uint64_t page = rdmsr(page_registers[i]) & HV_X64_MSR_PAGE_ADDRESS_MASK;
		struct machine_range range;

		test_about("msr 0x%x", page_registers[i]);
		EXPECT(page != 0);
		EXPECT(!machine_range_of(page, &range) || range.type != MACHINE_RAM);
		for (size_t j = 0; j < i; j++)
			EXPECT((rdmsr(page_registers[j]) & HV_X64_MSR_PAGE_ADDRESS_MASK) != page);
	}
}

TEST(placed, "msr: page registers keep their page and take the enable and preserved bits")
{
	for (size_t i = 0; i < ARRAY_SIZE(page_registers); i++) {
		uint32_t msr = page_registers[i];
		uint64_t old = rdmsr(msr);
		uint64_t page = old & HV_X64_MSR_PAGE_ADDRESS_MASK;

		test_about("msr 0x%x", msr);
		wrmsr(msr, page | HV_X64_MSR_PAGE_ENABLE);
		EXPECT_EQ(rdmsr(msr), page | HV_X64_MSR_PAGE_ENABLE);
		wrmsr(msr, 0xabcde000 | 0xff4);
		EXPECT_EQ(rdmsr(msr), page | 0xff4);
		wrmsr(msr, 0);
		EXPECT_EQ(rdmsr(msr), page);
		wrmsr(msr, old);
		EXPECT_EQ(rdmsr(msr), old);
	}
}

TEST(synic_reset, "msr: the SynIC begins disabled, each source masked")
{
	EXPECT_EQ(rdmsr(HV_X64_MSR_SCONTROL), 0);
	EXPECT_EQ(rdmsr(HV_X64_MSR_SVERSION), HV_SYNIC_VERSION_1);
	EXPECT_EQ(rdmsr(HV_X64_MSR_EOM), 0);
	EXPECT_EQ(rdmsr(HV_X64_MSR_SIMP) & ~HV_X64_MSR_PAGE_ADDRESS_MASK, 0);
	EXPECT_EQ(rdmsr(HV_X64_MSR_SIEFP) & ~HV_X64_MSR_PAGE_ADDRESS_MASK, 0);
	EXPECT_EQ(rdmsr(HV_X64_MSR_SIRBP) & ~HV_X64_MSR_PAGE_ADDRESS_MASK, 0);
	for (uint32_t i = 0; i < HV_SYNIC_SINT_COUNT; i++) {
		test_about("sint %u", i);
		EXPECT_EQ(rdmsr(HV_X64_MSR_SINT0 + i), HV_SYNIC_SINT_RESET_VALUE);
	}
}

TEST(synic_preserved, "msr: SCONTROL, SINT and EOM take what Linux and the TLFS let be written")
{
	uint64_t sint = 0xf3 | HV_SYNIC_SINT_AS_INTERCEPT | HV_SYNIC_SINT_MASKED | BIT(40);

	wrmsr(HV_X64_MSR_SCONTROL, 0xfffffffffffffffe);
	EXPECT_EQ(rdmsr(HV_X64_MSR_SCONTROL), 0xfffffffffffffffe);
	wrmsr(HV_X64_MSR_SCONTROL, 0);
	wrmsr(HV_X64_MSR_SINT0 + 5, sint);
	EXPECT_EQ(rdmsr(HV_X64_MSR_SINT0 + 5), sint);
	wrmsr(HV_X64_MSR_SINT0 + 5, HV_SYNIC_SINT_RESET_VALUE);
	EXPECT_FINE(fault_wrmsr(HV_X64_MSR_EOM, 0));
	EXPECT_EQ(rdmsr(HV_X64_MSR_EOM), 0);
}

TEST(sint_vector, "msr: an unmasked SINT takes vectors from 16 on")
{
	EXPECT_FAULT(fault_wrmsr(HV_X64_MSR_SINT0, 15), VECTOR_GP);
	EXPECT_EQ(rdmsr(HV_X64_MSR_SINT0), HV_SYNIC_SINT_RESET_VALUE);
	EXPECT_FINE(fault_wrmsr(HV_X64_MSR_SINT0, 16));
	EXPECT_EQ(rdmsr(HV_X64_MSR_SINT0), 16);
	EXPECT_FINE(fault_wrmsr(HV_X64_MSR_SINT0, 255));
	EXPECT_FINE(fault_wrmsr(HV_X64_MSR_SINT0, HV_SYNIC_SINT_MASKED));
}

TEST(reset_register, "msr: RESET reads zero, and writing zero does nothing")
{
	EXPECT_EQ(rdmsr(HV_X64_MSR_RESET), 0);
	wrmsr(HV_X64_MSR_RESET, 0);
	wrmsr(HV_X64_MSR_RESET, 0xfffffffffffffffe);
	EXPECT_EQ(rdmsr(HV_X64_MSR_RESET), 0);
}

static uint64_t read_cr8(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr8, %0" : "=r"(v));
	return v;
}

TEST(tpr, "msr: TPR is the task priority that CR8 and the APIC show")
{
	lapic_init((void *)0xfee00000UL);
	wrmsr(HV_X64_MSR_TPR, 0x50);
	EXPECT_EQ(rdmsr(HV_X64_MSR_TPR), 0x50);
	EXPECT_EQ(lapic_read(LAPIC_TPR), 0x50);
	EXPECT_EQ(read_cr8(), 5);
	EXPECT_FAULT(fault_wrmsr(HV_X64_MSR_TPR, 0x100), VECTOR_GP);
	EXPECT_EQ(rdmsr(HV_X64_MSR_TPR), 0x50);
	wrmsr(HV_X64_MSR_TPR, 0);
	EXPECT_EQ(read_cr8(), 0);
}

static unsigned int interrupts;

static void on_interrupt(struct trap_frame *frame)
{
	(void)frame;
	interrupts++;
	wrmsr(HV_X64_MSR_EOI, 0);
}

/* Send ourselves three interrupts through the synthetic registers. */
static void expect_interrupts(void)
{
	const uint32_t vector = 0x52;

	interrupts = 0;
	lapic_init((void *)0xfee00000UL);
	lapic_write(0x0f0, lapic_read(0x0f0) | 0x100); /* software enable */
	trap_handle(vector, on_interrupt);
	for (unsigned int i = 1; i <= 3; i++) {
		/* The shorthand "self"; the destination does not matter. */
		wrmsr(HV_X64_MSR_ICR, BIT(18) | vector);
		__asm__ volatile("sti; nop; nop; nop; cli" : : : "memory");
		EXPECT_EQ(interrupts, i);
	}
	EXPECT_EQ(rdmsr(HV_X64_MSR_ICR) & 0xff, vector);
	trap_handle(vector, NULL);
}

TEST(icr, "msr: ICR sends an interrupt to oneself, EOI ends it")
{
	expect_interrupts();
}

TEST(x2apic, "msr: ICR, EOI and TPR do the same in x2APIC mode")
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if ((base & APIC_BASE_X2APIC) || !(cpuid(1, 0).ecx & BIT(21))) {
		test_skip("no x2APIC to switch to");
		return;
	}
	wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
	expect_interrupts();
	wrmsr(HV_X64_MSR_TPR, 0x60);
	EXPECT_EQ(rdmsr(HV_X64_MSR_TPR), 0x60);
	EXPECT_EQ(read_cr8(), 6);
	wrmsr(HV_X64_MSR_TPR, 0);
	EXPECT_FAULT(fault_wrmsr(HV_X64_MSR_ICR, BIT(20)), VECTOR_GP);
	wrmsr(MSR_APIC_BASE, base & ~(APIC_BASE_ENABLE | APIC_BASE_X2APIC));
	wrmsr(MSR_APIC_BASE, base);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * The virtual local APIC: its modes, its registers, the instructions that reach their page. Source:
 * AMD64 APM volume 2, chapter 16.
 */
#include "root/apic.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/msr.h"
#include "abi/hv/synic.h"
#include "core/string.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

#define FEATURE_X2APIC BIT(21)
#define FEATURE_APIC   BIT(9)

struct apic_seen apic_seen;

static struct hv_vp_assist_page *assist_page(void)
{
	return (void *)(rdmsr(HV_X64_MSR_VP_ASSIST_PAGE) & HV_X64_MSR_VP_ASSIST_PAGE_ADDRESS_MASK);
}

static uint64_t base_off(void)
{
	return rdmsr(MSR_APIC_BASE) & ~(APIC_BASE_ENABLE | APIC_BASE_X2APIC);
}

bool apic_use(bool x2apic)
{
	if (x2apic && !(cpuid(1, 0).ecx & FEATURE_X2APIC))
		return false;
	lapic_init((void *)APIC_PAGE);
	wrmsr(MSR_APIC_BASE, base_off());
	wrmsr(MSR_APIC_BASE, base_off() | APIC_BASE_ENABLE);
	if (x2apic)
		wrmsr(MSR_APIC_BASE, base_off() | APIC_BASE_ENABLE | APIC_BASE_X2APIC);
	lapic_write(LAPIC_SVR, SVR_ENABLE | SVR_SPURIOUS);
	memset(&apic_seen, 0, sizeof(apic_seen));
	return true;
}

void apic_ready(void)
{
	apic_use(rdmsr(MSR_APIC_BASE) & APIC_BASE_X2APIC);
}

void apic_count(struct trap_frame *frame)
{
	struct hv_vp_assist_page *page = assist_page();

	apic_seen.time = rdmsr(HV_X64_MSR_TIME_REF_COUNT);
	apic_seen.count++;
	apic_seen.order = apic_seen.order << 4 | (unsigned int)frame->vector >> 4;
	apic_seen.rip = frame->rip;
	apic_seen.granted = __atomic_exchange_n(&page->apic_assist, 0, __ATOMIC_SEQ_CST) &
			    HV_VP_ASSIST_NO_EOI_REQUIRED;
	if (!apic_seen.granted)
		lapic_write(LAPIC_EOI, 0);
}

void apic_send_self(uint32_t vector)
{
	lapic_write_icr(LAPIC_ICR_SELF | vector);
}

static bool bit_of(uint32_t reg, uint32_t vector)
{
	return lapic_read(reg + vector / 32 * 16) >> vector % 32 & 1;
}

bool apic_requested(uint32_t vector)
{
	return bit_of(LAPIC_IRR, vector);
}

bool apic_in_service(uint32_t vector)
{
	return bit_of(LAPIC_ISR, vector);
}

TEST(base, "apic: IA32_APIC_BASE goes through the modes in their order, and the page stays")
{
	const uint64_t off = base_off(), on = off | APIC_BASE_ENABLE, both = on | APIC_BASE_X2APIC;

	EXPECT_EQ(off & APIC_BASE_ADDRESS, APIC_PAGE);
	EXPECT(off & APIC_BASE_BSP);
	apic_use(false);
	EXPECT_FAULT(fault_wrmsr(MSR_APIC_BASE, off | APIC_BASE_X2APIC), VECTOR_GP);
	EXPECT_FAULT(fault_wrmsr(MSR_APIC_BASE, on + PAGE_SIZE), VECTOR_GP);
	EXPECT_FAULT(fault_wrmsr(MSR_APIC_BASE, on ^ APIC_BASE_BSP), VECTOR_GP);
	EXPECT_FAULT(fault_wrmsr(MSR_APIC_BASE, on | BIT(63)), VECTOR_GP);
	EXPECT_FAULT(fault_wrmsr(MSR_APIC_BASE, on | 1), VECTOR_GP);
	EXPECT_EQ(rdmsr(MSR_APIC_BASE), on);
	EXPECT(cpuid(1, 0).edx & FEATURE_APIC);
	wrmsr(MSR_APIC_BASE, off);
	EXPECT_EQ(rdmsr(MSR_APIC_BASE), off);
	EXPECT_EQ(cpuid(1, 0).edx & FEATURE_APIC, 0);
	EXPECT_FAULT(fault_wrmsr(MSR_APIC_BASE, both), VECTOR_GP);
	wrmsr(MSR_APIC_BASE, on);
	if (cpuid(1, 0).ecx & FEATURE_X2APIC) {
		wrmsr(MSR_APIC_BASE, both);
		EXPECT_EQ(rdmsr(MSR_APIC_BASE), both);
		EXPECT_FAULT(fault_wrmsr(MSR_APIC_BASE, on), VECTOR_GP);
		EXPECT_EQ(rdmsr(MSR_APIC_BASE), both);
	} else {
		EXPECT_FAULT(fault_wrmsr(MSR_APIC_BASE, both), VECTOR_GP);
	}
	apic_use(false);
}

TEST(reset, "apic: switched off and on it is as after power-on, in both modes")
{
	static const uint32_t lvts[] = {LAPIC_LVT_TIMER, LAPIC_LVT_THERMAL, LAPIC_LVT_PERFORMANCE,
					LAPIC_LVT_LINT0, LAPIC_LVT_LINT1,   LAPIC_LVT_ERROR};
	uint32_t id = cpuid(1, 0).ebx >> 24;

	for (unsigned int x2apic = 0; x2apic < 2 && apic_use(x2apic); x2apic++) {
		test_about("x2APIC mode %u", x2apic);
		EXPECT_EQ(lapic_read(LAPIC_ID), x2apic ? id : id << 24);
		EXPECT_EQ(lapic_read(LAPIC_VERSION) & 0xf0, 0x10);
		EXPECT_EQ(lapic_read(LAPIC_VERSION) >> 16 & 0xff, ARRAY_SIZE(lvts) - 1);
		EXPECT_EQ(lapic_read(LAPIC_TPR), 0);
		EXPECT_EQ(lapic_read(LAPIC_PPR), 0);
		for (size_t i = 0; i < ARRAY_SIZE(lvts); i++)
			EXPECT_EQ(lapic_read(lvts[i]), LAPIC_LVT_MASKED);
		for (uint32_t reg = LAPIC_ISR; reg < LAPIC_ESR; reg += 16)
			EXPECT_EQ(lapic_read(reg), 0);
		EXPECT_EQ(lapic_read(LAPIC_INITIAL_COUNT), 0);
		EXPECT_EQ(lapic_read(LAPIC_CURRENT_COUNT), 0);
	}
	test_about(NULL);
	apic_use(false);
}

TEST(other_way, "apic: each mode has its way to the registers, and not the other")
{
	uint64_t value;

	apic_use(false);
	EXPECT_FAULT(fault_rdmsr(MSR_X2APIC_FIRST + LAPIC_ID / 16, &value), VECTOR_GP);
	EXPECT_FAULT(fault_wrmsr(MSR_X2APIC_FIRST + LAPIC_EOI / 16, 0), VECTOR_GP);
	EXPECT_FAULT(fault_wrmsr(MSR_X2APIC_FIRST + LAPIC_SELF_IPI / 16, 0x51), VECTOR_GP);
	if (!apic_use(true))
		return;
	EXPECT_FINE(fault_rdmsr(MSR_X2APIC_FIRST + LAPIC_ID / 16, &value));
	EXPECT_FAULT(fault_rdmsr(MSR_X2APIC_FIRST + LAPIC_EOI / 16, &value), VECTOR_GP);
	EXPECT_FAULT(fault_rdmsr(MSR_X2APIC_FIRST + LAPIC_DFR / 16, &value), VECTOR_GP);
	EXPECT_FAULT(fault_rdmsr(MSR_X2APIC_FIRST + LAPIC_SELF_IPI / 16, &value), VECTOR_GP);
	EXPECT_FAULT(fault_wrmsr(MSR_X2APIC_FIRST + LAPIC_ID / 16, 0), VECTOR_GP);
	EXPECT_FAULT(fault_wrmsr(MSR_X2APIC_FIRST + LAPIC_EOI / 16, 1), VECTOR_GP);
	EXPECT_FAULT(fault_wrmsr(MSR_X2APIC_FIRST + LAPIC_TPR / 16, 0x100), VECTOR_GP);
	EXPECT_FAULT(fault_wrmsr(MSR_X2APIC_FIRST + LAPIC_ICR_LOW / 16, BIT(20)), VECTOR_GP);
	EXPECT_FAULT(fault_rdmsr(MSR_X2APIC_LAST, &value), VECTOR_GP);
	/* Nothing answers on the page. */
	EXPECT_EQ(*(volatile uint32_t *)(APIC_PAGE + LAPIC_VERSION), 0xffffffff);
	*(volatile uint32_t *)(APIC_PAGE + LAPIC_TPR) = 0x50;
	EXPECT_EQ(lapic_read(LAPIC_TPR), 0);
	apic_use(false);
	wrmsr(MSR_APIC_BASE, base_off());
	EXPECT_EQ(*(volatile uint32_t *)(APIC_PAGE + LAPIC_VERSION), 0xffffffff);
	apic_use(false);
}

TEST(hints, "apic: CPUID offers the synthetic registers and recommends cluster IPIs")
{
	uint32_t hints = cpuid(HYPERV_CPUID_ENLIGHTMENT_INFO, 0).eax;

	EXPECT(hints & HV_X64_CLUSTER_IPI_RECOMMENDED);
	EXPECT(cpuid(HYPERV_CPUID_FEATURES, 0).eax & HV_MSR_APIC_ACCESS_AVAILABLE);
	EXPECT(cpuid(HYPERV_CPUID_FEATURES, 0).eax & HV_MSR_GUEST_IDLE_AVAILABLE);
}

/* Instructions that load. LDR has something in each byte: 0x5a000000; the others are zero. */

/* `code` with the address in RDI and a register full of ones to begin with, which is its result. */
#define LOAD(code)                                                          \
	({                                                                  \
		uint64_t _value = UINT64_MAX;                               \
		__asm__ volatile(code : "+a"(_value) : "D"(at) : "memory"); \
		_value;                                                     \
	})

TEST(loads, "apic: the page answers loads of all sizes, by every form of MOV, MOVZX and MOVSX")
{
	const uint64_t at = APIC_PAGE + LAPIC_LDR;
	uint64_t result;

	apic_use(false);
	lapic_write(LAPIC_LDR, 0x9a000000);
	EXPECT_EQ(LOAD("movl (%%rdi), %%eax"), 0x9a000000);
	EXPECT_EQ(LOAD("movw 2(%%rdi), %%ax"), 0xffffffffffff9a00);
	EXPECT_EQ(LOAD("movb 3(%%rdi), %%al"), 0xffffffffffffff9a);
	EXPECT_EQ(LOAD("movb 3(%%rdi), %%ah"), 0xffffffffffff9aff);
	EXPECT_EQ(LOAD("movzbl 3(%%rdi), %%eax"), 0x9a);
	EXPECT_EQ(LOAD("movzbw 3(%%rdi), %%ax"), 0xffffffffffff009a);
	EXPECT_EQ(LOAD("movzwl 2(%%rdi), %%eax"), 0x9a00);
	EXPECT_EQ(LOAD("movzwq 2(%%rdi), %%rax"), 0x9a00);
	EXPECT_EQ(LOAD("movsbl 3(%%rdi), %%eax"), 0xffffff9a);
	EXPECT_EQ(LOAD("movswq 2(%%rdi), %%rax"), 0xffffffffffff9a00);
	EXPECT_EQ(LOAD("movabsl 0xfee000d0, %%eax"), 0x9a000000);
	EXPECT_EQ(LOAD("movabsb 0xfee000d3, %%al"), 0xffffffffffffff9a);
	EXPECT_EQ(LOAD("movl 4(%%rdi, %%rax, 4), %%eax"), 0x9a000000);
	/* 64 bits are no register. */
	EXPECT_EQ(LOAD("movq (%%rdi), %%rax"), 0);
	/* Registers that only REX names, and bytes that it names otherwise. */
	__asm__ volatile("movl (%1), %%r13d; mov %%r13, %0"
			 : "=r"(result)
			 : "D"(at)
			 : "r13", "memory");
	EXPECT_EQ(result, 0x9a000000);
	__asm__ volatile("mov $-1, %%rsi; movb 3(%1), %%sil; mov %%rsi, %0"
			 : "=r"(result)
			 : "D"(at)
			 : "rsi", "memory");
	EXPECT_EQ(result, 0xffffffffffffff9a);
	lapic_write(LAPIC_LDR, 0);
}

TEST(stores, "apic: the page takes stores of whole registers, by MOV and XCHG")
{
	const uint64_t at = APIC_PAGE + LAPIC_LDR;
	uint32_t value = 0x77000000;

	apic_use(false);
	__asm__ volatile("movl %0, (%1)" : : "r"(0x11000000), "D"(at) : "memory");
	EXPECT_EQ(lapic_read(LAPIC_LDR), 0x11000000);
	__asm__ volatile("movl $0x22000000, (%0)" : : "D"(at) : "memory");
	EXPECT_EQ(lapic_read(LAPIC_LDR), 0x22000000);
	__asm__ volatile("movabsl %%eax, 0xfee000d0" : : "a"(0x33000000) : "memory");
	EXPECT_EQ(lapic_read(LAPIC_LDR), 0x33000000);
	__asm__ volatile("mov %0, %%r14d; movl %%r14d, (%1)"
			 :
			 : "r"(0x44000000), "D"(at)
			 : "r14", "memory");
	EXPECT_EQ(lapic_read(LAPIC_LDR), 0x44000000);
	__asm__ volatile("xchgl %0, (%1)" : "+r"(value) : "D"(at) : "memory");
	EXPECT_EQ(value, 0x44000000);
	EXPECT_EQ(lapic_read(LAPIC_LDR), 0x77000000);
	/* Others are ignored. */
	__asm__ volatile("movb $0x11, 3(%0); movw $0x1111, 2(%0); movq $0x1111, (%0)"
			 :
			 : "D"(at)
			 : "memory");
	EXPECT_EQ(lapic_read(LAPIC_LDR), 0x77000000);
	lapic_write(LAPIC_LDR, 0);
}

static void add_to_page(void *arg)
{
	__asm__ volatile("addl $1, (%0)" : : "r"(arg) : "memory");
}

static void copy_from_page(void *arg)
{
	static uint8_t to[64];
	void *destination = to;
	uint64_t count = 16;

	__asm__ volatile("rep movsl" : "+S"(arg), "+D"(destination), "+c"(count) : : "memory");
}

static void load_vector(void *arg)
{
	__asm__ volatile("movups (%0), %%xmm0" : : "r"(arg));
}

TEST(other_instructions, "apic: other instructions on the page are refused, and counted")
{
	uint64_t before = root_counter("memory.access_refused"), value = LAPIC_TPR;

	apic_use(false);
	EXPECT_FAULT(fault_call(add_to_page, (void *)(APIC_PAGE + value)), VECTOR_GP);
	EXPECT_FAULT(fault_call(copy_from_page, (void *)(APIC_PAGE + value)), VECTOR_GP);
	EXPECT_FAULT(fault_call(load_vector, (void *)(APIC_PAGE + value)), VECTOR_GP);
	EXPECT_FAULT(fault_execute(APIC_PAGE + value), VECTOR_GP);
	EXPECT_EQ(root_counter("memory.access_refused") - before, 4);
	EXPECT_EQ(lapic_read(LAPIC_TPR), 0);
}

TEST(page_counted, "apic: each access to the page is one exit")
{
	uint64_t before, after;

	apic_use(false);
	before = root_counter("apic.page_access");
	for (unsigned int i = 0; i < 10; i++)
		lapic_read(LAPIC_VERSION);
	after = root_counter("apic.page_access");
	EXPECT_EQ(after - before, 10);
}

TEST(errors, "apic: illegal vectors and registers are in the error status, once")
{
	uint32_t illegal_register = 0x80, illegal_send = 0x20;

	for (unsigned int x2apic = 0; x2apic < 2 && apic_use(x2apic); x2apic++) {
		test_about("x2APIC mode %u", x2apic);
		lapic_write(LAPIC_ESR, 0);
		apic_send_self(5);
		if (!x2apic)
			lapic_read(0x40);
		lapic_write(LAPIC_ESR, 0);
		EXPECT_EQ(lapic_read(LAPIC_ESR), illegal_send | (x2apic ? 0 : illegal_register));
		lapic_write(LAPIC_ESR, 0);
		EXPECT_EQ(lapic_read(LAPIC_ESR), 0);
	}
	test_about(NULL);
	apic_use(false);
}

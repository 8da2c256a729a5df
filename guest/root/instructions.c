// SPDX-License-Identifier: Apache-2.0
/*
 * Instructions that exit to the hypervisor, and what goes on around them: debug exceptions,
 * interrupts, non-maskable ones, other levels. Source: AMD64 APM volume 2, chapters 8, 13 and 15.
 */
#include "root/instructions.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/msr.h"
#include "core/string.h"
#include "lib/layout.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"
#include "x86/lapic.h"

#define RFLAGS_ARITHMETIC 0x8d5UL
#define DR6_SINGLE_STEP   BIT(14)

/* Delivery modes of the interrupt command register, to ourselves. */
#define ICR_SELF BIT(18)
#define ICR_NMI  (4u << 8)

#define LAPIC_BASE     0xfee00000UL
#define LAPIC_SPURIOUS 0x0f0u
#define LAPIC_ENABLED  BIT(8)

#define VECTOR_TEST 0x51u

void step_enter(struct hypercall_regs *regs, const void *entry);

void instructions_fill(struct hypercall_regs *regs)
{
	uint64_t *word = (uint64_t *)regs;

	for (size_t i = 0; i < sizeof(*regs) / sizeof(*word); i++)
		word[i] = 0x1111111111111111 * (i % 15 + 1) + i;
}

void instructions_expect_same(const struct hypercall_regs *actual,
			      const struct hypercall_regs *expected)
{
	EXPECT_EQ(actual->rax, expected->rax);
	EXPECT_EQ(actual->rbx, expected->rbx);
	EXPECT_EQ(actual->rcx, expected->rcx);
	EXPECT_EQ(actual->rdx, expected->rdx);
	EXPECT_EQ(actual->rsi, expected->rsi);
	EXPECT_EQ(actual->rdi, expected->rdi);
	EXPECT_EQ(actual->rbp, expected->rbp);
	EXPECT_EQ(actual->r8, expected->r8);
	EXPECT_EQ(actual->r9, expected->r9);
	EXPECT_EQ(actual->r10, expected->r10);
	EXPECT_EQ(actual->r11, expected->r11);
	EXPECT_EQ(actual->r12, expected->r12);
	EXPECT_EQ(actual->r13, expected->r13);
	EXPECT_EQ(actual->r14, expected->r14);
	EXPECT_EQ(actual->r15, expected->r15);
	for (unsigned int i = 0; i < 16; i++) {
		test_about("xmm%u", i);
		EXPECT_EQ(actual->xmm[i][0], expected->xmm[i][0]);
		EXPECT_EQ(actual->xmm[i][1], expected->xmm[i][1]);
	}
	test_about(NULL);
}

/* What a handler of interrupts or debug exceptions saw. */
static struct {
	unsigned int count;
	unsigned int max;
	uint64_t *where;
	uint64_t rip;
	uint64_t dr6; /* what all debug exceptions had in common */
} seen;

static uint64_t read_dr6(void)
{
	uint64_t v;

	__asm__ volatile("mov %%dr6, %0" : "=r"(v));
	return v;
}

static void write_dr6(uint64_t v)
{
	__asm__ volatile("mov %0, %%dr6" : : "r"(v));
}

static void on_step(struct trap_frame *frame)
{
	if (seen.count < seen.max)
		seen.where[seen.count] = frame->rip;
	seen.count++;
	seen.dr6 &= read_dr6();
	write_dr6(0xffff0ff0);
	if (seen.count >= seen.max)
		frame->rflags &= ~RFLAGS_TF;
}

unsigned int instructions_step(struct hypercall_regs *regs, const void *entry, uint64_t *where,
			       unsigned int max)
{
	memset(&seen, 0, sizeof(seen));
	seen.where = where;
	seen.max = max;
	seen.dr6 = UINT64_MAX;
	write_dr6(0xffff0ff0);
	trap_handle(VECTOR_DB, on_step);
	step_enter(regs, entry);
	trap_handle(VECTOR_DB, NULL);
	return seen.count;
}

static void count_interrupt(struct trap_frame *frame)
{
	seen.count++;
	seen.rip = frame->rip;
	lapic_write(LAPIC_EOI, 0);
}

static void count_nmi(struct trap_frame *frame)
{
	seen.count++;
	seen.rip = frame->rip;
}

static void lapic_ready(void)
{
	memset(&seen, 0, sizeof(seen));
	lapic_init((void *)LAPIC_BASE);
	lapic_write(LAPIC_SPURIOUS, lapic_read(LAPIC_SPURIOUS) | LAPIC_ENABLED);
}

/* Debug exceptions behind an instruction: steps through the whole of hypercall_execute(). */
static void expect_step(const char *name, const void *entry, unsigned int length, uint64_t rcx)
{
	static uint64_t where[512];
	struct hypercall_regs r = {.rcx = rcx};
	unsigned int count, at = 0, behind = 0;

	count = instructions_step(&r, entry, where, ARRAY_SIZE(where));
	test_about("%s", name);
	EXPECT(count < ARRAY_SIZE(where));
	for (unsigned int i = 0; i < count; i++) {
		at += where[i] == (uintptr_t)entry;
		behind += where[i] == (uintptr_t)entry + length;
	}
	/* One exception in front of it (after the CALL), one behind it. */
	EXPECT_EQ(at, 1);
	EXPECT_EQ(behind, 1);
	EXPECT(seen.dr6 & DR6_SINGLE_STEP);
}

TEST(step, "instructions: single step stops behind CPUID, RDMSR, WRMSR, INVD and VMMCALL")
{
	expect_step("cpuid", code_cpuid, 2, 0);
	expect_step("rdmsr, synthetic", code_rdmsr, 2, HV_X64_MSR_VP_INDEX);
	expect_step("rdmsr, native", code_rdmsr, 2, MSR_EFER);
	expect_step("wrmsr, synthetic", code_wrmsr, 2, HV_X64_MSR_EOM);
	expect_step("invd", code_invd, 2, 0);
	expect_step("vmmcall", vmmcall_code, 3, CONTROL_FAST(HVCALL_NOTIFY_LONG_SPIN_WAIT));
}

static void execute_aligned(void *arg)
{
	/* The processor looks at the address in RAX before it exits. */
	struct hypercall_regs r = {.rax = machine_page(0)};

	hypercall_execute(&r, arg);
}

TEST_ENDING(TEST_ALONE, prefixed,
	    "instructions: prefixes that do nothing are stepped over with their instruction")
{
	struct hypercall_regs r = {.rax = HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS};

	hypercall_execute(&r, code_cpuid_prefixed);
	EXPECT_EQ(r.rax, HYPERV_CPUID_NESTED_FEATURES);
	r = (struct hypercall_regs){.rcx = HV_X64_MSR_VP_INDEX, .rax = 1};
	hypercall_execute(&r, code_rdmsr_prefixed);
	EXPECT_EQ(r.rax, 0);
	r = (struct hypercall_regs){.rcx = CONTROL_FAST(HVCALL_NOTIFY_LONG_SPIN_WAIT), .rax = 1};
	hypercall_execute(&r, code_vmmcall_prefixed);
	EXPECT_EQ(r.rax, 0);
}

TEST(svm, "instructions: those of SVM are undefined")
{
	static const struct {
		const char *name;
		const char *code;
	} list[] = {
		{"vmrun", code_vmrun},     {"vmload", code_vmload}, {"vmsave", code_vmsave},
		{"stgi", code_stgi},       {"clgi", code_clgi},     {"skinit", code_skinit},
		{"invlpga", code_invlpga}, {"vmcall", code_vmcall},
	};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		test_about("%s", list[i].name);
		EXPECT_FAULT(fault_call(execute_aligned, (void *)(uintptr_t)list[i].code),
			     VECTOR_UD);
		EXPECT_EQ(fault.rip, (uintptr_t)list[i].code);
	}
}

TEST(invd, "instructions: INVD loses no memory")
{
	static uint64_t words[8192];
	uint64_t exits;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = i * 0x9e3779b97f4a7c15;
	exits = root_counter("exit.invd");
	EXPECT_FINE(fault_execute((uintptr_t)code_invd));
	/* An emulator has no lines to lose: what counts is that the hypervisor took it over. */
	EXPECT_EQ(root_counter("exit.invd") - exits, 1);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!EXPECT_EQ(words[i], i * 0x9e3779b97f4a7c15))
			break;
	EXPECT_FINE(fault_execute((uintptr_t)code_wbinvd));
}

TEST(registers, "instructions: RDMSR and WRMSR keep every other register")
{
	struct hypercall_regs r, before;

	instructions_fill(&r);
	r.rcx = HV_X64_MSR_VP_INDEX;
	before = r;
	hypercall_execute(&r, code_rdmsr);
	EXPECT_EQ(r.rax, 0);
	EXPECT_EQ(r.rdx, 0);
	r.rax = before.rax;
	r.rdx = before.rdx;
	instructions_expect_same(&r, &before);

	r.rcx = HV_X64_MSR_EOM;
	before = r;
	hypercall_execute(&r, code_wrmsr);
	instructions_expect_same(&r, &before);
}

TEST(refused_rip, "instructions: a refused RDMSR faults at itself with error code 0")
{
	struct hypercall_regs r = {.rcx = MSR_VM_HSAVE_PA};
	uint64_t value;

	(void)r;
	EXPECT_FAULT(fault_rdmsr(MSR_VM_HSAVE_PA, &value), VECTOR_GP);
	EXPECT_EQ(fault.error, 0);
	EXPECT_EQ(memcmp((const void *)fault.rip, code_rdmsr, 2), 0);
}

TEST(interrupt, "instructions: an interrupt to oneself arrives, and EOI goes through its MSR")
{
	lapic_ready();
	trap_handle(VECTOR_TEST, count_interrupt);
	__asm__ volatile("sti");
	for (unsigned int i = 1; i <= 3; i++) {
		lapic_write_icr(ICR_SELF | VECTOR_TEST);
		for (unsigned int spin = 0; spin < 1000000 && seen.count < i; spin++)
			cpu_relax();
		EXPECT_EQ(seen.count, i);
	}
	__asm__ volatile("cli");
	trap_handle(VECTOR_TEST, NULL);
}

TEST(masked_interrupt, "instructions: exits with interrupts off deliver none")
{
	lapic_ready();
	trap_handle(VECTOR_TEST, count_interrupt);
	lapic_write_icr(ICR_SELF | VECTOR_TEST);
	for (unsigned int i = 0; i < 100; i++)
		cpuid(0x40000000, 0);
	EXPECT_EQ(seen.count, 0);
	__asm__ volatile("sti; nop; nop; cli" : : : "memory");
	EXPECT_EQ(seen.count, 1);
	trap_handle(VECTOR_TEST, NULL);
}

TEST(shadow, "instructions: STI holds interrupts back until CPUID behind it is done, no longer")
{
	lapic_ready();
	trap_handle(VECTOR_TEST, count_interrupt);
	lapic_write_icr(ICR_SELF | VECTOR_TEST);
	code_sti_cpuid();
	EXPECT_EQ(seen.count, 1);
	EXPECT_EQ(seen.rip, (uintptr_t)code_sti_cpuid_cli);
	trap_handle(VECTOR_TEST, NULL);
}

TEST(nmi, "instructions: a non-maskable interrupt to oneself arrives amid exits, once")
{
	lapic_ready();
	trap_handle(VECTOR_NMI, count_nmi);
	for (unsigned int i = 1; i <= 10; i++) {
		lapic_write_icr(ICR_SELF | ICR_NMI);
		for (unsigned int spin = 0; spin < 1000 && seen.count < i; spin++)
			cpuid(0x40000000, 0);
		EXPECT_EQ(seen.count, i);
	}
	for (unsigned int i = 0; i < 100; i++)
		cpuid(0x40000000, 0);
	EXPECT_EQ(seen.count, 10);
	trap_handle(VECTOR_NMI, NULL);
}

static unsigned int nmi_depth, nmi_deepest;

/* Sends itself another one, once. */
static void resend_nmi(struct trap_frame *frame)
{
	(void)frame;
	nmi_depth++;
	nmi_deepest = MAX(nmi_deepest, nmi_depth);
	if (seen.count++ == 0)
		lapic_write_icr(ICR_SELF | ICR_NMI);
	for (unsigned int i = 0; i < 100; i++)
		cpuid(0x40000000, 0);
	nmi_depth--;
}

TEST(nmi_blocked, "instructions: a second non-maskable interrupt waits for the end of the first")
{
	lapic_ready();
	nmi_depth = nmi_deepest = 0;
	trap_handle(VECTOR_NMI, resend_nmi);
	lapic_write_icr(ICR_SELF | ICR_NMI);
	for (unsigned int spin = 0; spin < 1000 && seen.count < 2; spin++)
		cpuid(0x40000000, 0);
	EXPECT_EQ(seen.count, 2);
	EXPECT_EQ(nmi_deepest, 1);
	trap_handle(VECTOR_NMI, NULL);
}

TEST(page_fault, "instructions: a page fault of our own brings its address and error code")
{
	uint64_t value;

	/* Nothing is mapped behind the first 512 GiB. */
	EXPECT_FAULT(fault_read(0x8000000000, &value), VECTOR_PF);
	EXPECT_EQ(fault.cr2, 0x8000000000);
	EXPECT_EQ(fault.error, 0);
	EXPECT_FAULT(fault_write(0x8000001008, 0), VECTOR_PF);
	EXPECT_EQ(fault.cr2, 0x8000001008);
	EXPECT_EQ(fault.error, 2);
}

TEST(breakpoint, "instructions: INT3 traps behind itself")
{
	static const uint8_t code[] = {0xcc, 0xc3};

	EXPECT_FAULT(fault_execute((uintptr_t)code), VECTOR_BP);
	EXPECT_EQ(fault.rip, (uintptr_t)code + 1);
}

TEST(debug_registers, "instructions: debug registers keep their values over exits")
{
	uint64_t v[4];

	__asm__ volatile("mov %0, %%dr0" : : "r"(0x1111UL));
	__asm__ volatile("mov %0, %%dr1" : : "r"(0x2222UL));
	__asm__ volatile("mov %0, %%dr2" : : "r"(0x3333UL));
	__asm__ volatile("mov %0, %%dr3" : : "r"(0x4444UL));
	write_dr6(0xffff0ff0 | BIT(3));
	cpuid(0x40000000, 0);
	hypercall_fast(HVCALL_NOTIFY_LONG_SPIN_WAIT, 0, 0);
	__asm__ volatile("mov %%dr0, %0" : "=r"(v[0]));
	__asm__ volatile("mov %%dr1, %0" : "=r"(v[1]));
	__asm__ volatile("mov %%dr2, %0" : "=r"(v[2]));
	__asm__ volatile("mov %%dr3, %0" : "=r"(v[3]));
	EXPECT_EQ(v[0], 0x1111);
	EXPECT_EQ(v[1], 0x2222);
	EXPECT_EQ(v[2], 0x3333);
	EXPECT_EQ(v[3], 0x4444);
	EXPECT_EQ(read_dr6(), 0xffff0ff0 | BIT(3));
	write_dr6(0xffff0ff0);
}

/* Level 3: read a port. */
static void read_port(void *arg)
{
	uint16_t *port = arg;

	*port = inb(*port);
}

TEST(user_port, "instructions: level 3 reaches the ports that the task state segment opens")
{
	extern uint8_t io_bitmap[];
	uint16_t port = 0x3fd;

	cpuid(0x40000000, 0);
	io_bitmap[0x3fd / 8] = (uint8_t)(0xff & ~BIT(0x3fd % 8));
	EXPECT_FINE(user_call(read_port, &port));
	EXPECT(port & 0x20); /* the transmitter is empty: we are not writing */
	port = 0x3fb;
	EXPECT_FAULT(user_call(read_port, &port), VECTOR_GP);
	io_bitmap[0x3fd / 8] = 0xff;
	port = 0x3fd;
	EXPECT_FAULT(user_call(read_port, &port), VECTOR_GP);
}

static void user_cpuid(void *arg)
{
	struct cpuid_regs *r = arg;

	*r = cpuid(0x40000000, 0);
}

static void user_rdmsr(void *arg)
{
	uint64_t *value = arg;

	*value = rdmsr(HV_X64_MSR_VP_INDEX);
}

TEST(user, "instructions: level 3 may use CPUID but not RDMSR")
{
	struct cpuid_regs r = {0};
	uint64_t value = 0;

	EXPECT_FINE(user_call(user_cpuid, &r));
	EXPECT_EQ(r.eax, 0x4000000a);
	EXPECT_FAULT(user_call(user_rdmsr, &value), VECTOR_GP);
}

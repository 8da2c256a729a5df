// SPDX-License-Identifier: Apache-2.0
/*
 * The processor that a child sees: MSRs, CPUID, instructions that it does not have. Source: TLFS,
 * "Intercepts"; what Linux's mshv driver and its VMMs read of the messages.
 */
#include "abi/hv/cpuid.h"
#include "abi/hv/msr.h"
#include "abi/hv/partition.h"
#include "abi/hv/status.h"
#include "lib/hypercall.h"
#include "lib/test.h"
#include "root/child.h"
#include "root/root.h"
#include "x86/cpu.h"

#define MSR_UNKNOWN   0x12345678u
#define MSR_VM_CR     0xc0010114u
#define MSR_VM_HSAVE  0xc0010117u
#define FEATURE_SVM   BIT(2)
#define FEATURE_MWAIT BIT(3)
#define FEATURE_VMX   BIT(5)

static struct child c;
static volatile uint64_t seen[8];
static volatile struct cpuid_regs leaf;
static uint32_t leaf_wanted, subleaf_wanted;

static void in_msrs(void)
{
	uint64_t value;

	seen[0] = fault_rdmsr(MSR_UNKNOWN, &value);
	seen[1] = value;
	seen[2] = fault_wrmsr(MSR_UNKNOWN, 5);
}

TEST(msr_unknown, "child processor: an MSR that nobody knows: a fault, nothing, or a message")
{
	volatile struct hv_x64_msr_intercept_message *m;

	child_start(&c, in_msrs);
	child_finish(&c);
	EXPECT_EQ(seen[0], VECTOR_GP);
	EXPECT_EQ(seen[2], VECTOR_GP);
	EXPECT_EQ(child_set_property(&c, HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION, 1),
		  HV_STATUS_SUCCESS);
	seen[1] = 1;
	child_enter(&c, 0, in_msrs);
	child_finish(&c);
	EXPECT_EQ(seen[0], FAULT_NONE);
	EXPECT_EQ(seen[1], 0);
	EXPECT_EQ(seen[2], FAULT_NONE);
	EXPECT_EQ(child_intercept(&c, HV_INTERCEPT_TYPE_X64_MSR,
				  HV_INTERCEPT_ACCESS_MASK_READ | HV_INTERCEPT_ACCESS_MASK_WRITE),
		  HV_STATUS_SUCCESS);
	child_enter(&c, 0, in_msrs);
	m = child_expect(&c, 0, HVMSG_X64_MSR_INTERCEPT);
	EXPECT_EQ(c.vp[0].message->header.payload_size, sizeof(*m));
	EXPECT_EQ(m->msr_number, MSR_UNKNOWN);
	EXPECT_EQ(m->header.instruction_length_cr8, 2);
	EXPECT_EQ(m->header.intercept_access_type, HV_INTERCEPT_ACCESS_READ);
	c.vp[0].page->gp_registers[2] = 0x11;
	child_resume(&c, 0, 0x22);
	m = child_expect(&c, 0, HVMSG_X64_MSR_INTERCEPT);
	EXPECT_EQ(m->header.intercept_access_type, HV_INTERCEPT_ACCESS_WRITE);
	EXPECT_EQ(m->rax, 5);
	EXPECT_EQ(m->rdx, 0);
	child_resume(&c, 0, 0);
	child_finish(&c);
	EXPECT_EQ(seen[0], FAULT_NONE);
	EXPECT_EQ(seen[1], 0x1100000022);
	EXPECT_EQ(seen[2], FAULT_NONE);
	EXPECT_EQ(child_intercept(&c, HV_INTERCEPT_TYPE_X64_MSR, 0), HV_STATUS_SUCCESS);
	child_enter(&c, 0, in_msrs);
	child_finish(&c);
	child_end(&c);
}

/* MSRs that are no business of a child's, one after another. */
static const struct {
	uint32_t msr;
	uint64_t value;
} forbidden_msrs[] = {
	{MSR_VM_HSAVE, 0},
	{MSR_VM_CR, 0},
	{MSR_EFER, EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE | EFER_SVME},
	{MSR_EFER, BIT(63)},
	{MSR_PAT, 0x0202020202020202},
	{HV_X64_MSR_RESET, HV_X64_MSR_RESET_RESET},
	{HV_X64_MSR_GUEST_OS_ID + 0xff, 0},
	{HV_X64_MSR_VP_INDEX, 0},
	{HV_X64_MSR_TIME_REF_COUNT, 0},
	{HV_X64_MSR_HYPERCALL, BIT(52) | HV_X64_MSR_PAGE_ENABLE},
	{HV_X64_MSR_REFERENCE_TSC, BIT(52) | HV_X64_MSR_PAGE_ENABLE},
	{HV_X64_MSR_VP_ASSIST_PAGE, BIT(52) | HV_X64_MSR_PAGE_ENABLE},
	{HV_X64_MSR_SIMP, BIT(52) | HV_X64_MSR_PAGE_ENABLE},
	{HV_X64_MSR_SIEFP, BIT(52) | HV_X64_MSR_PAGE_ENABLE},
	{HV_X64_MSR_TSC_INVARIANT_CONTROL, 2},
};

static void in_forbidden_msrs(void)
{
	wrmsr(HV_X64_MSR_GUEST_OS_ID, ROOT_OS_ID);
	for (unsigned int i = 0; i < ARRAY_SIZE(forbidden_msrs); i++) {
		seen[0] = i;
		if (fault_wrmsr(forbidden_msrs[i].msr, forbidden_msrs[i].value) != VECTOR_GP)
			return;
	}
	seen[0] = ARRAY_SIZE(forbidden_msrs);
}

TEST(msrs, "child processor: MSRs that are not a child's are a fault")
{
	child_start(&c, in_forbidden_msrs);
	child_finish(&c);
	EXPECT_EQ(seen[0], ARRAY_SIZE(forbidden_msrs));
	child_end(&c);
}

static void in_no_rights(void)
{
	uint64_t value;

	seen[0] = 0;
	for (uint32_t msr = 0x40000000; msr < 0x40000200; msr++) {
		if (msr >= HV_X64_MSR_CRASH_P0 && msr <= HV_X64_MSR_CRASH_CTL)
			continue;
		seen[0] += fault_rdmsr(msr, &value) != VECTOR_GP;
		seen[0] += fault_wrmsr(msr, 0) != VECTOR_GP;
	}
	seen[1] = fault_execute((uintptr_t)vmmcall_code);
}

TEST(no_rights, "child processor: without features it has no synthetic register and no calls")
{
	child_create(&c, 0);
	child_share_image(&c);
	child_add_vp(&c, 0);
	child_enter(&c, 0, in_no_rights);
	child_finish(&c);
	EXPECT_EQ(seen[0], 0);
	EXPECT_EQ(seen[1], VECTOR_UD);
	child_end(&c);
}

static void in_reset(void)
{
	seen[0] = fault_wrmsr(HV_X64_MSR_RESET, HV_X64_MSR_RESET_RESET);
}

TEST(reset, "child processor: the reset of the machine cannot be given away")
{
	child_create_with(&c, CHILD_FEATURES, UINT64_MAX);
	child_share_image(&c);
	child_add_vp(&c, 0);
	child_enter(&c, 0, in_reset);
	child_finish(&c);
	EXPECT_EQ(seen[0], VECTOR_GP);
	child_end(&c);
}

static void in_leaf(void)
{
	struct cpuid_regs r = cpuid(leaf_wanted, subleaf_wanted);

	leaf.eax = r.eax;
	leaf.ebx = r.ebx;
	leaf.ecx = r.ecx;
	leaf.edx = r.edx;
}

static void read_leaf(uint32_t index, uint32_t number, uint32_t subleaf)
{
	leaf_wanted = number;
	subleaf_wanted = subleaf;
	child_enter(&c, index, in_leaf);
	EXPECT_EQ(child_run(&c, index), CHILD_MESSAGE);
}

TEST(cpuid, "child processor: CPUID says what a child has, and not what it has not")
{
	struct cpuid_regs own;

	child_start(&c, in_leaf);
	own = cpuid(1, 0);
	read_leaf(0, 1, 0);
	EXPECT(leaf.ecx & HYPERV_HYPERVISOR_PRESENT_BIT);
	EXPECT_EQ(leaf.ecx & (FEATURE_MWAIT | FEATURE_VMX), 0);
	EXPECT_EQ(leaf.ebx >> 24, 0);
	EXPECT_EQ(leaf.eax, own.eax);
	EXPECT_EQ(leaf.edx & ~own.edx, 0);
	read_leaf(0, HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS, 0);
	own = cpuid(HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS, 0);
	EXPECT_EQ(leaf.ebx, own.ebx);
	EXPECT(leaf.eax >= 0x40000005);
	read_leaf(0, HYPERV_CPUID_FEATURES, 0);
	EXPECT_EQ(leaf.ebx & HV_CREATE_PARTITIONS, 0);
	EXPECT_EQ(leaf.ebx & HV_POST_MESSAGES, HV_POST_MESSAGES);
	EXPECT_EQ(leaf.eax & HV_MSR_RESET_AVAILABLE, 0);
	read_leaf(0, 0x80000001, 0);
	EXPECT_EQ(leaf.ecx & FEATURE_SVM, 0);
	read_leaf(0, 0x8000000a, 0);
	EXPECT_EQ(leaf.eax | leaf.ebx | leaf.ecx | leaf.edx, 0);
	read_leaf(0, 0x8000001f, 0);
	EXPECT_EQ(leaf.eax | leaf.ebx | leaf.ecx | leaf.edx, 0);
	child_end(&c);
}

static uint64_t register_result(uint32_t vp, uint32_t eax, uint32_t ecx, bool specific,
				uint32_t mask, uint32_t value)
{
	struct hv_input_register_intercept_result *in = hypercall_prepare();

	in->partition_id = c.id;
	in->vp_index = vp;
	in->intercept_type = HV_INTERCEPT_TYPE_X64_CPUID;
	in->eax = eax;
	in->ecx = ecx;
	in->subleaf_specific = specific;
	for (unsigned int i = 0; i < 4; i++) {
		in->result[i].value = value + i;
		in->result[i].mask = mask;
	}
	return hypercall(CONTROL(HVCALL_REGISTER_INTERCEPT_RESULT));
}

TEST(cpuid_results, "child processor: CPUID says what its parent wants, for one VP or for all")
{
	const uint32_t number = 0x40001234;

	child_start(&c, in_leaf);
	child_add_vp(&c, 1);
	EXPECT_EQ(register_result(HV_ANY_VP, number, 0, false, UINT32_MAX, 0x100),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(register_result(1, number, 5, true, 0xff, 0x42), HV_STATUS_SUCCESS);
	read_leaf(0, number, 5);
	EXPECT_EQ(leaf.eax, 0x100);
	EXPECT_EQ(leaf.edx, 0x103);
	read_leaf(1, number, 4);
	EXPECT_EQ(leaf.ebx, 0x101);
	read_leaf(1, number, 5);
	EXPECT_EQ(leaf.eax, 0x142);
	EXPECT_EQ(leaf.ecx, 0x144);
	/* A later one replaces it. */
	EXPECT_EQ(register_result(HV_ANY_VP, number, 0, false, UINT32_MAX, 0x200),
		  HV_STATUS_SUCCESS);
	read_leaf(0, number, 0);
	EXPECT_EQ(leaf.eax, 0x200);
	/* What follows the VP's own doing does not become fixed. */
	EXPECT_EQ(register_result(HV_ANY_VP, 1, 0, false, UINT32_MAX, 0), HV_STATUS_SUCCESS);
	read_leaf(1, 1, 0);
	EXPECT_EQ(leaf.ebx, 0x01000001);
	EXPECT_EQ(register_result(256, number, 0, false, 1, 1), HV_STATUS_INVALID_VP_INDEX);
	child_end(&c);
}

/* Instructions that a child does not have, and some that change nothing. */
static void monitor(void *arg)
{
	__asm__ volatile("monitor" : : "a"(arg), "c"(0), "d"(0));
}

static void mwait(void *arg)
{
	(void)arg;
	__asm__ volatile("mwait" : : "a"(0), "c"(0));
}

static void vmrun(void *arg)
{
	__asm__ volatile("vmrun" : : "a"(arg));
}

static void stgi(void *arg)
{
	(void)arg;
	__asm__ volatile("clgi; stgi");
}

static void vmload(void *arg)
{
	__asm__ volatile("vmload" : : "a"(arg));
}

static void xsetbv(void *arg)
{
	(void)arg;
	__asm__ volatile("xsetbv" : : "a"(0), "d"(0), "c"(0));
}

static void caches(void *arg)
{
	(void)arg;
	__asm__ volatile("wbinvd; invd");
}

static void in_instructions(void)
{
	static void (*const list[])(void *) = {monitor, mwait, vmrun, stgi, vmload, caches};

	for (unsigned int i = 0; i < ARRAY_SIZE(list); i++)
		seen[i] = fault_call(list[i], hypercall_in);
	write_cr4(read_cr4() | CR4_OSXSAVE);
	seen[6] = fault_call(xsetbv, NULL);
}

TEST(instructions, "child processor: instructions that it does not have, or that are kept from it")
{
	child_start(&c, in_instructions);
	child_finish(&c);
	for (unsigned int i = 0; i < 5; i++) {
		test_about("instruction %u", i);
		EXPECT_EQ(seen[i], VECTOR_UD);
	}
	test_about(NULL);
	EXPECT_EQ(seen[5], FAULT_NONE);
	if (cpuid(1, 0).ecx & BIT(26))
		EXPECT_EQ(seen[6], VECTOR_GP);
	child_end(&c);
}

// SPDX-License-Identifier: Apache-2.0
/* What CPUID tells the root partition. Source: TLFS, "Feature and Interface Discovery". */
#include "abi/hv/cpuid.h"

#include "lib/hypercall.h"
#include "lib/test.h"
#include "root/instructions.h"
#include "x86/cpu.h"

/* The versions that Linux's mshv driver knows. */
#define VERSION_BUILD_MIN 27744u
#define VERSION_BUILD_MAX 27751u

#define FEATURES_EAX                                                                              \
	(HV_MSR_VP_RUNTIME_AVAILABLE | HV_MSR_TIME_REF_COUNT_AVAILABLE | HV_MSR_SYNIC_AVAILABLE | \
	 HV_MSR_APIC_ACCESS_AVAILABLE | HV_MSR_HYPERCALL_AVAILABLE | HV_MSR_VP_INDEX_AVAILABLE |  \
	 HV_MSR_RESET_AVAILABLE | HV_MSR_REFERENCE_TSC_AVAILABLE | HV_ACCESS_FREQUENCY_MSRS)
#define FEATURES_EBX                                                              \
	(HV_CREATE_PARTITIONS | HV_ACCESS_PARTITION_ID | HV_ACCESS_MEMORY_POOL |  \
	 HV_POST_MESSAGES | HV_SIGNAL_EVENTS | HV_CREATE_PORT | HV_CONNECT_PORT | \
	 HV_ACCESS_STATS | HV_CPU_MANAGEMENT | HV_ACCESS_VP_REGISTERS)

/* CPUID 1 ECX, 7 ECX, 0x80000001 ECX */
#define FEATURE_MONITOR BIT(3)
#define FEATURE_VMX     BIT(5)
#define FEATURE_SMX     BIT(6)
#define FEATURE_XSAVE   BIT(26)
#define FEATURE_OSXSAVE BIT(27)
#define FEATURE_SVM     BIT(2)
#define FEATURE_SKINIT  BIT(12)
#define FEATURE_PKU     BIT(3)
#define FEATURE_OSPKE   BIT(4)

static void expect_zero(uint32_t leaf)
{
	struct cpuid_regs r = cpuid(leaf, 0);

	test_about("leaf 0x%x", leaf);
	EXPECT_EQ(r.eax, 0);
	EXPECT_EQ(r.ebx, 0);
	EXPECT_EQ(r.ecx, 0);
	EXPECT_EQ(r.edx, 0);
}

static void write_xcr0(uint64_t value)
{
	__asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

TEST(present, "cpuid: a hypervisor is present")
{
	EXPECT(cpuid(1, 0).ecx & HYPERV_HYPERVISOR_PRESENT_BIT);
}

TEST(vendor, "cpuid: leaf 0x40000000 names the vendor and reaches to 0x4000000a")
{
	struct cpuid_regs r = cpuid(HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS, 0);

	EXPECT_EQ(r.eax, HYPERV_CPUID_NESTED_FEATURES);
	EXPECT_EQ(r.ebx, HYPERV_CPUID_VENDOR_EBX);
	EXPECT_EQ(r.ecx, HYPERV_CPUID_VENDOR_ECX);
	EXPECT_EQ(r.edx, HYPERV_CPUID_VENDOR_EDX);
}

TEST(interface, "cpuid: leaf 0x40000001 names the interface")
{
	EXPECT_EQ(cpuid(HYPERV_CPUID_INTERFACE, 0).eax, HYPERV_CPUID_INTERFACE_EAX);
}

TEST(version, "cpuid: leaf 0x40000002 has a version that root kernels know")
{
	struct cpuid_regs r = cpuid(HYPERV_CPUID_VERSION, 0);

	EXPECT(r.eax >= VERSION_BUILD_MIN && r.eax <= VERSION_BUILD_MAX);
	EXPECT_EQ(r.ebx >> 16, 10);
}

TEST(features, "cpuid: leaf 0x40000003 grants the root what it needs")
{
	struct cpuid_regs r = cpuid(HYPERV_CPUID_FEATURES, 0);

	EXPECT_EQ(r.eax & FEATURES_EAX, FEATURES_EAX);
	EXPECT_EQ(r.ebx & FEATURES_EBX, FEATURES_EBX);
	EXPECT(r.edx & HV_FEATURE_FREQUENCY_MSRS_AVAILABLE);
}

TEST(not_offered, "cpuid: leaf 0x40000003 does not promise what is not there")
{
	struct cpuid_regs r = cpuid(HYPERV_CPUID_FEATURES, 0);

	EXPECT_EQ(r.eax & (HV_ACCESS_REENLIGHTENMENT | HV_ACCESS_TSC_INVARIANT), 0);
	EXPECT_EQ(r.ebx & (HV_ENABLE_EXTENDED_HYPERCALLS | HV_ISOLATION), 0);
	EXPECT_EQ(r.ecx & (HV_VP_DISPATCH_INTERRUPT_INJECTION_AVAILABLE |
			   HV_VP_GHCB_ROOT_MAPPING_AVAILABLE),
		  0);
	EXPECT_EQ(r.edx & HV_X64_MWAIT_AVAILABLE, 0);
}

TEST(hints,
     "cpuid: leaf 0x40000004 asks for explicit EOIs, written as to any APIC, and denies nesting")
{
	uint32_t hints = cpuid(HYPERV_CPUID_ENLIGHTMENT_INFO, 0).eax;

	EXPECT(hints & HV_DEPRECATING_AEOI_RECOMMENDED);
	EXPECT_EQ(hints & (HV_X64_HYPERV_NESTED | HV_X64_ENLIGHTENED_VMCS_RECOMMENDED |
			   HV_X64_USE_MMIO_HYPERCALLS | HV_X64_APIC_ACCESS_RECOMMENDED),
		  0);
}

TEST(limits, "cpuid: leaf 0x40000005 has limits above what runs")
{
	struct cpuid_regs r = cpuid(HYPERV_CPUID_IMPLEMENT_LIMITS, 0);

	EXPECT(r.eax >= 1);
	EXPECT(r.ebx >= 1);
}

TEST(hardware, "cpuid: leaf 0x40000006 tells of nested paging")
{
	EXPECT(cpuid(HYPERV_CPUID_HARDWARE_FEATURES, 0).eax & HV_X64_HARDWARE_SLAT);
}

TEST(other_leaves, "cpuid: every other leaf from 0x40000008 to 0x400000ff is zero")
{
	for (uint32_t leaf = 0x40000008; leaf <= HYPERV_CPUID_LAST; leaf++)
		expect_zero(leaf);
}

TEST(subleaf, "cpuid: the subleaf does not matter to the hypervisor's leaves")
{
	for (uint32_t leaf = HYPERV_CPUID_FIRST; leaf <= HYPERV_CPUID_NESTED_FEATURES; leaf++) {
		struct cpuid_regs a = cpuid(leaf, 0);
		struct cpuid_regs b = cpuid(leaf, 0x12345678);

		test_about("leaf 0x%x", leaf);
		EXPECT_EQ(a.eax, b.eax);
		EXPECT_EQ(a.ebx, b.ebx);
		EXPECT_EQ(a.ecx, b.ecx);
		EXPECT_EQ(a.edx, b.edx);
	}
}

TEST(no_virtualization, "cpuid: SVM, VMX, SMX, SKINIT, MONITOR and memory encryption are hidden")
{
	EXPECT_EQ(cpuid(1, 0).ecx & (FEATURE_MONITOR | FEATURE_VMX | FEATURE_SMX), 0);
	EXPECT_EQ(cpuid(0x80000001, 0).ecx & (FEATURE_SVM | FEATURE_SKINIT), 0);
	expect_zero(5);
	expect_zero(0x8000000a);
	expect_zero(0x8000001f);
}

TEST(osxsave, "cpuid: OSXSAVE follows CR4")
{
	uint64_t cr4 = read_cr4();

	if (!(cpuid(1, 0).ecx & FEATURE_XSAVE)) {
		test_skip("no XSAVE");
		return;
	}
	write_cr4(cr4 & ~CR4_OSXSAVE);
	EXPECT_EQ(cpuid(1, 0).ecx & FEATURE_OSXSAVE, 0);
	write_cr4(cr4 | CR4_OSXSAVE);
	EXPECT_EQ(cpuid(1, 0).ecx & FEATURE_OSXSAVE, FEATURE_OSXSAVE);
	write_cr4(cr4);
}

TEST(ospke, "cpuid: OSPKE follows CR4")
{
	uint64_t cr4 = read_cr4();

	if (!(cpuid(7, 0).ecx & FEATURE_PKU)) {
		test_skip("no protection keys");
		return;
	}
	EXPECT_EQ(cpuid(7, 0).ecx & FEATURE_OSPKE, 0);
	write_cr4(cr4 | CR4_PKE);
	EXPECT_EQ(cpuid(7, 0).ecx & FEATURE_OSPKE, FEATURE_OSPKE);
	write_cr4(cr4);
}

TEST(xsave_size, "cpuid: the size of the XSAVE area follows XCR0")
{
	uint64_t cr4 = read_cr4();

	if (!(cpuid(1, 0).ecx & FEATURE_XSAVE)) {
		test_skip("no XSAVE");
		return;
	}
	write_cr4(cr4 | CR4_OSXSAVE);
	write_xcr0(1);
	EXPECT_EQ(cpuid(0xd, 0).ebx, 576); /* the legacy area and its header */
	if (cpuid(0xd, 0).eax & BIT(2)) {
		write_xcr0(7);
		EXPECT_EQ(cpuid(0xd, 0).ebx, 576 + 256); /* and the halves of YMM */
		write_xcr0(1);
	}
	write_cr4(cr4);
}

TEST(registers, "cpuid: changes four registers, their upper halves too, and nothing else")
{
	struct hypercall_regs r, before;

	instructions_fill(&r);
	r.rax = 0xdeadbeef40000000;
	r.rcx = 0xdeadbeef00000000;
	before = r;
	hypercall_execute(&r, code_cpuid);
	EXPECT_EQ(r.rax, HYPERV_CPUID_NESTED_FEATURES);
	EXPECT_EQ(r.rbx, HYPERV_CPUID_VENDOR_EBX);
	EXPECT_EQ(r.rcx, HYPERV_CPUID_VENDOR_ECX);
	EXPECT_EQ(r.rdx, HYPERV_CPUID_VENDOR_EDX);
	r.rax = before.rax;
	r.rbx = before.rbx;
	r.rcx = before.rcx;
	r.rdx = before.rdx;
	instructions_expect_same(&r, &before);
}

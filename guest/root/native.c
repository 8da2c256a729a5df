// SPDX-License-Identifier: Apache-2.0
/* Registers of the processor itself: the root's, but for those that the hypervisor lives by. */
#include "core/string.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

TEST(efer, "native: EFER hides SVME and refuses it and what does not exist")
{
	uint64_t efer = rdmsr(MSR_EFER);

	EXPECT_EQ(efer & EFER_SVME, 0);
	EXPECT_EQ(efer & (EFER_LMA | EFER_LME), EFER_LMA | EFER_LME);
	EXPECT_FAULT(fault_wrmsr(MSR_EFER, efer | EFER_SVME), VECTOR_GP);
	EXPECT_FAULT(fault_wrmsr(MSR_EFER, efer | BIT(1)), VECTOR_GP);
	EXPECT_FAULT(fault_wrmsr(MSR_EFER, efer | BIT(63)), VECTOR_GP);
	EXPECT_FAULT(fault_wrmsr(MSR_EFER, efer & ~EFER_LME), VECTOR_GP);
	EXPECT_EQ(rdmsr(MSR_EFER), efer);
}

TEST(efer_bits, "native: EFER takes SCE and NXE, and LMA cannot be taken away")
{
	uint64_t efer = rdmsr(MSR_EFER);

	EXPECT_FINE(fault_wrmsr(MSR_EFER, efer & ~(EFER_SCE | EFER_NXE)));
	EXPECT_EQ(rdmsr(MSR_EFER), efer & ~(EFER_SCE | EFER_NXE));
	EXPECT_FINE(fault_wrmsr(MSR_EFER, efer & ~EFER_LMA));
	EXPECT_EQ(rdmsr(MSR_EFER), efer);
}

TEST(svm, "native: the registers of SVM and SEV do not exist")
{
	static const uint32_t list[] = {
		MSR_VM_CR,    MSR_VM_HSAVE_PA,     MSR_SVM_KEY, MSR_SEV_FIRST, MSR_SEV_FIRST + 1,
		MSR_SEV_LAST, MSR_FEATURE_CONTROL, 0x12345678,  0xc0020000,    0xbfffffff,
	};
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		test_about("msr 0x%x", list[i]);
		EXPECT_FAULT(fault_rdmsr(list[i], &value), VECTOR_GP);
		EXPECT_FAULT(fault_wrmsr(list[i], 0), VECTOR_GP);
	}
}

TEST(apic_base, "native: the APIC stays where it is")
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	EXPECT_EQ(base & 0xfffffffffffff000, 0xfee00000);
	EXPECT(base & APIC_BASE_ENABLE);
	EXPECT(base & APIC_BASE_BSP);
	EXPECT_FINE(fault_wrmsr(MSR_APIC_BASE, base));
	EXPECT_FAULT(fault_wrmsr(MSR_APIC_BASE, base + PAGE_SIZE), VECTOR_GP);
	EXPECT_FAULT(fault_wrmsr(MSR_APIC_BASE, base ^ APIC_BASE_BSP), VECTOR_GP);
	EXPECT_FAULT(fault_wrmsr(MSR_APIC_BASE, base | 1), VECTOR_GP);
	EXPECT_EQ(rdmsr(MSR_APIC_BASE), base);
}

TEST(apic_mode, "native: the APIC's mode changes along the ways the architecture has")
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if (base & APIC_BASE_X2APIC || !(cpuid(1, 0).ecx & BIT(21))) {
		test_skip("no x2APIC to switch to");
		return;
	}
	EXPECT_FAULT(fault_wrmsr(MSR_APIC_BASE, (base & ~APIC_BASE_ENABLE) | APIC_BASE_X2APIC),
		     VECTOR_GP);
	EXPECT_FINE(fault_wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC));
	EXPECT_EQ(rdmsr(MSR_APIC_BASE), base | APIC_BASE_X2APIC);
	EXPECT_EQ(rdmsr(MSR_X2APIC_FIRST + 2), cpuid(1, 0).ebx >> 24);
	/* Back only by way of off. */
	EXPECT_FAULT(fault_wrmsr(MSR_APIC_BASE, base), VECTOR_GP);
	EXPECT_FINE(fault_wrmsr(MSR_APIC_BASE, base & ~APIC_BASE_ENABLE));
	EXPECT_FINE(fault_wrmsr(MSR_APIC_BASE, base));
	EXPECT_EQ(rdmsr(MSR_APIC_BASE), base);
}

TEST(tsc, "native: the time stamp counter cannot be set")
{
	uint64_t before = rdtsc();

	EXPECT_FINE(fault_wrmsr(MSR_TSC, 0));
	EXPECT(rdtsc() > before);
	EXPECT_FINE(fault_wrmsr(MSR_TSC, before + (1UL << 50)));
	EXPECT(rdtsc() < before + (1UL << 50));
}

TEST(machine, "native: registers of the machine can be read, and writes change nothing")
{
	static const uint32_t list[] = {MSR_SYSCFG, MSR_TOP_MEM, MSR_TOP_MEM2, 0xc0010016,
					0xc0010017, 0xc0010018,  0xc0010019};
	uint64_t before, after;

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		test_about("msr 0x%x", list[i]);
		if (fault_rdmsr(list[i], &before) != FAULT_NONE)
			continue; /* this processor has none */
		EXPECT_FINE(fault_wrmsr(list[i], before ^ (1UL << 23)));
		EXPECT_FINE(fault_rdmsr(list[i], &after));
		EXPECT_EQ(after, before);
	}
	test_about("microcode");
	EXPECT_FINE(fault_wrmsr(MSR_PATCH_LOADER, 0));
}

TEST(own, "native: registers of the partition's own keep their values over exits")
{
	static const struct {
		uint32_t msr;
		uint64_t value;
	} list[] = {
		{0x174, 0x1230},                  /* SYSENTER_CS */
		{0x175, 0xffffffff81234567},      /* SYSENTER_ESP */
		{0x176, 0xffffffff82345678},      /* SYSENTER_EIP */
		{0xc0000081, 0x0018000800000000}, /* STAR */
		{0xc0000082, 0xffffffff83456789}, /* LSTAR */
		{0xc0000083, 0xffffffff84567890}, /* CSTAR */
		{0xc0000084, 0x47700},            /* SFMASK */
		{MSR_FS_BASE, 0x12345000},
		{MSR_GS_BASE, 0x23456000},
		{0xc0000102, 0x34567000}, /* KERNEL_GS_BASE */
		{MSR_PAT, 0x0007010600070106},
	};
	uint64_t old[ARRAY_SIZE(list)];

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		old[i] = rdmsr(list[i].msr);
		wrmsr(list[i].msr, list[i].value);
	}
	for (unsigned int i = 0; i < 10; i++)
		cpuid(0x40000000, 0);
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		test_about("msr 0x%x", list[i].msr);
		EXPECT_EQ(rdmsr(list[i].msr), list[i].value);
		wrmsr(list[i].msr, old[i]);
	}
}

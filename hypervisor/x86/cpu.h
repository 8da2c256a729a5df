// SPDX-License-Identifier: Apache-2.0
/* The processor's own instructions as functions, and the architectural numbers they take. */
#ifndef X86_CPU_H
#define X86_CPU_H

#include "core/types.h"

/* Control register and EFER bits (AMD64 APM volume 2, 3.1). */
#define CR0_PE BIT(0)
#define CR0_MP BIT(1)
#define CR0_ET BIT(4)
#define CR0_NE BIT(5)
#define CR0_WP BIT(16)
#define CR0_AM BIT(18)
#define CR0_NW BIT(29)
#define CR0_CD BIT(30)
#define CR0_PG BIT(31)

#define CR4_PSE        BIT(4)
#define CR4_PAE        BIT(5)
#define CR4_MCE        BIT(6)
#define CR4_PGE        BIT(7)
#define CR4_OSFXSR     BIT(9)
#define CR4_OSXMMEXCPT BIT(10)
#define CR4_LA57       BIT(12)
#define CR4_OSXSAVE    BIT(18)
#define CR4_SMEP       BIT(20)
#define CR4_SMAP       BIT(21)
#define CR4_PKE        BIT(22)

#define DR7_ENABLED 0xffUL

#define EFER_SCE    BIT(0)
#define EFER_LME    BIT(8)
#define EFER_LMA    BIT(10)
#define EFER_NXE    BIT(11)
#define EFER_SVME   BIT(12)
#define EFER_LMSLE  BIT(13)
#define EFER_FFXSR  BIT(14)
#define EFER_TCE    BIT(15)
#define EFER_AIBRSE BIT(21)

#define RFLAGS_FIXED BIT(1)
#define RFLAGS_TF    BIT(8)
#define RFLAGS_IF    BIT(9)
#define RFLAGS_RF    BIT(16)
#define RFLAGS_AC    BIT(18)

/* Model specific registers (AMD64 APM volume 2, appendix A). */
#define MSR_TSC                0x00000010u
#define MSR_APIC_BASE          0x0000001bu
#define MSR_TSC_ADJUST         0x0000003bu
#define MSR_PATCH_LOADER_INTEL 0x00000079u
#define MSR_FEATURE_CONTROL    0x0000003au
#define MSR_SPEC_CTRL          0x00000048u
#define MSR_PRED_CMD           0x00000049u
#define MSR_PATCH_LEVEL        0x0000008bu
#define MSR_MTRR_CAP           0x000000feu
#define MSR_SYSENTER_CS        0x00000174u
#define MSR_SYSENTER_ESP       0x00000175u
#define MSR_SYSENTER_EIP       0x00000176u
#define MSR_MCG_CAP            0x00000179u
#define MSR_MCG_STATUS         0x0000017au
#define MSR_MISC_ENABLE        0x000001a0u
#define MSR_DEBUG_CTL          0x000001d9u
#define MSR_MTRR_PHYS_BASE0    0x00000200u
#define MSR_PAT                0x00000277u
#define MSR_MTRR_DEF_TYPE      0x000002ffu
#define MSR_TSC_DEADLINE       0x000006e0u
#define MSR_X2APIC_FIRST       0x00000800u
#define MSR_X2APIC_LAST        0x000008ffu
#define MSR_XSS                0x00000da0u
#define MSR_EFER               0xc0000080u
#define MSR_STAR               0xc0000081u
#define MSR_LSTAR              0xc0000082u
#define MSR_CSTAR              0xc0000083u
#define MSR_SFMASK             0xc0000084u
#define MSR_FS_BASE            0xc0000100u
#define MSR_GS_BASE            0xc0000101u
#define MSR_KERNEL_GS_BASE     0xc0000102u
#define MSR_TSC_AUX            0xc0000103u
#define MSR_SYSCFG             0xc0010010u
#define MSR_HWCR               0xc0010015u
#define MSR_TOP_MEM            0xc001001au
#define MSR_TOP_MEM2           0xc001001du
#define MSR_PATCH_LOADER       0xc0010020u
#define MSR_NB_CFG             0xc001001fu
#define MSR_INT_PENDING        0xc0010055u
#define MSR_SMM_BASE           0xc0010111u
#define MSR_SMM_ADDR           0xc0010112u
#define MSR_SMM_MASK           0xc0010113u
#define MSR_VM_CR              0xc0010114u
#define MSR_IGNNE              0xc0010115u
#define MSR_SMM_CTL            0xc0010116u
#define MSR_VM_HSAVE_PA        0xc0010117u
#define MSR_SVM_KEY            0xc0010118u
#define MSR_DE_CFG             0xc0011029u
#define MSR_SEV_FIRST          0xc0010130u
#define MSR_SEV_LAST           0xc0010135u

#define MCG_STATUS_RIPV BIT(0)
#define MCG_STATUS_MCIP BIT(2)

#define VM_CR_SVMDIS BIT(4)

#define APIC_BASE_BSP     BIT(8)
#define APIC_BASE_X2APIC  BIT(10)
#define APIC_BASE_ENABLE  BIT(11)
#define APIC_BASE_ADDRESS 0x000ffffffffff000UL

/* The page attribute table's power-on value: WB WT UC- UC, twice. */
#define PAT_RESET 0x0007040600070406UL

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static inline uint64_t read_cr0(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr0, %0" : "=r"(v));
	return v;
}

static inline uint64_t read_cr2(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr2, %0" : "=r"(v));
	return v;
}

static inline uint64_t read_cr3(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr3, %0" : "=r"(v));
	return v;
}

static inline void write_cr3(uint64_t v)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(v) : "memory");
}

static inline uint64_t read_cr4(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr4, %0" : "=r"(v));
	return v;
}

static inline void write_cr4(uint64_t v)
{
	__asm__ volatile("mov %0, %%cr4" : : "r"(v) : "memory");
}

static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outw(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint16_t inw(uint16_t port)
{
	uint16_t v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void cpu_relax(void)
{
	__builtin_ia32_pause();
}

/* Stop this processor for good. */
static inline void __noreturn cpu_stop(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

#endif

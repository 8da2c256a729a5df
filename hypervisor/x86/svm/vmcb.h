// SPDX-License-Identifier: Apache-2.0
/* The virtual machine control block (AMD64 APM volume 2, appendix B) and the exit codes (appendix
 * C). */
#ifndef X86_SVM_VMCB_H
#define X86_SVM_VMCB_H

#include "core/types.h"

struct vmcb_segment {
	uint16_t selector;
	uint16_t attributes; /* descriptor bits 55:52 and 47:40 */
	uint32_t limit;
	uint64_t base;
};

struct vmcb {
	/* Control area */
	uint32_t intercept_cr;
	uint32_t intercept_dr;
	uint32_t intercept_exceptions;
	uint32_t intercept_1;
	uint32_t intercept_2;
	uint32_t intercept_3;
	uint8_t reserved_018[0x03c - 0x018];
	uint16_t pause_threshold;
	uint16_t pause_count;
	uint64_t iopm_base;
	uint64_t msrpm_base;
	uint64_t tsc_offset;
	uint32_t asid;
	uint8_t tlb_control;
	uint8_t reserved_05d[3];
	uint64_t interrupt_control;
	uint64_t interrupt_shadow;
	uint64_t exit_code;
	uint64_t exit_info_1;
	uint64_t exit_info_2;
	uint64_t exit_interrupt_info;
	uint64_t nested_control;
	uint64_t avic_apic_bar;
	uint64_t ghcb;
	uint64_t event_injection;
	uint64_t nested_cr3;
	uint64_t virtual_extensions;
	uint32_t clean;
	uint32_t reserved_0c4;
	uint64_t next_rip;
	uint8_t fetched;
	uint8_t instruction[15];
	uint8_t reserved_0e0[0x400 - 0x0e0];
	/* State save area */
	struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	uint8_t reserved_4a0[0x4cb - 0x4a0];
	uint8_t cpl;
	uint32_t reserved_4cc;
	uint64_t efer;
	uint8_t reserved_4d8[0x548 - 0x4d8];
	uint64_t cr4, cr3, cr0, dr7, dr6;
	uint64_t rflags, rip;
	uint8_t reserved_580[0x5d8 - 0x580];
	uint64_t rsp;
	uint8_t reserved_5e0[0x5f8 - 0x5e0];
	uint64_t rax;
	uint64_t star, lstar, cstar, sfmask, kernel_gs_base;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
	uint64_t cr2;
	uint8_t reserved_648[0x668 - 0x648];
	uint64_t g_pat;
	uint64_t debug_control;
	uint8_t reserved_678[0x1000 - 0x678];
};
_Static_assert(offsetof(struct vmcb, iopm_base) == 0x040, "APM B.1");
_Static_assert(offsetof(struct vmcb, asid) == 0x058, "APM B.1");
_Static_assert(offsetof(struct vmcb, exit_code) == 0x070, "APM B.1");
_Static_assert(offsetof(struct vmcb, nested_control) == 0x090, "APM B.1");
_Static_assert(offsetof(struct vmcb, event_injection) == 0x0a8, "APM B.1");
_Static_assert(offsetof(struct vmcb, clean) == 0x0c0, "APM B.1");
_Static_assert(offsetof(struct vmcb, next_rip) == 0x0c8, "APM B.1");
_Static_assert(offsetof(struct vmcb, es) == 0x400, "APM B.2");
_Static_assert(offsetof(struct vmcb, tr) == 0x490, "APM B.2");
_Static_assert(offsetof(struct vmcb, cpl) == 0x4cb, "APM B.2");
_Static_assert(offsetof(struct vmcb, efer) == 0x4d0, "APM B.2");
_Static_assert(offsetof(struct vmcb, cr4) == 0x548, "APM B.2");
_Static_assert(offsetof(struct vmcb, rip) == 0x578, "APM B.2");
_Static_assert(offsetof(struct vmcb, rsp) == 0x5d8, "APM B.2");
_Static_assert(offsetof(struct vmcb, rax) == 0x5f8, "APM B.2");
_Static_assert(offsetof(struct vmcb, cr2) == 0x640, "APM B.2");
_Static_assert(offsetof(struct vmcb, g_pat) == 0x668, "APM B.2");
_Static_assert(sizeof(struct vmcb) == 0x1000, "one page");

/* intercept_cr: a bit for each register's reads, and for its writes from bit 16 on */
#define INTERCEPT_CR8_WRITE BIT(24)

/* intercept_1 (offset 0x00c) */
#define INTERCEPT1_INTR     BIT(0)
#define INTERCEPT1_NMI      BIT(1)
#define INTERCEPT1_VINTR    BIT(4)
#define INTERCEPT1_CPUID    BIT(18)
#define INTERCEPT1_IRET     BIT(20)
#define INTERCEPT1_INVD     BIT(22)
#define INTERCEPT1_INVLPGA  BIT(26)
#define INTERCEPT1_IOIO     BIT(27)
#define INTERCEPT1_MSR      BIT(28)
#define INTERCEPT1_HLT      BIT(24)
#define INTERCEPT1_SHUTDOWN BIT(31)
/* intercept_2 (offset 0x010) */
#define INTERCEPT2_VMRUN    BIT(0)
#define INTERCEPT2_VMMCALL  BIT(1)
#define INTERCEPT2_VMLOAD   BIT(2)
#define INTERCEPT2_VMSAVE   BIT(3)
#define INTERCEPT2_STGI     BIT(4)
#define INTERCEPT2_CLGI     BIT(5)
#define INTERCEPT2_SKINIT   BIT(6)
#define INTERCEPT2_WBINVD   BIT(9)
#define INTERCEPT2_MONITOR  BIT(10)
#define INTERCEPT2_MWAIT    BIT(11)
#define INTERCEPT2_XSETBV   BIT(13)
#define INTERCEPT1_RDPMC    BIT(15)

/* intercept_exceptions: a bit for each vector */
#define INTERCEPT_DB BIT(1)
#define INTERCEPT_MC BIT(18)

/* interrupt_control (offset 0x060) */
#define V_TPR_MASK     0xfUL
#define V_IRQ          BIT(8)
#define V_IGN_TPR      BIT(20)
#define V_INTR_MASKING BIT(24)
#define V_VECTOR_SHIFT 32
#define V_VECTOR_MASK  (0xffUL << V_VECTOR_SHIFT)

#define NESTED_PAGING_ENABLE BIT(0)

#define TLB_CONTROL_NONE      0u
#define TLB_CONTROL_FLUSH_ALL 1u

#define INTERRUPT_SHADOW BIT(0)

/* event_injection and exit_interrupt_info */
#define EVENT_TYPE_MASK      (7UL << 8)
#define EVENT_TYPE_EXTERNAL  (0UL << 8)
#define EVENT_TYPE_NMI       (2UL << 8)
#define EVENT_TYPE_EXCEPTION (3UL << 8)
#define EVENT_TYPE_SOFTWARE  (4UL << 8)
#define EVENT_ERROR_VALID    BIT(11)
#define EVENT_VALID          BIT(31)

/* Exit codes */
#define EXIT_CR8_WRITE 0x018u
#define EXIT_DB        0x041u
#define EXIT_MC        0x052u
#define EXIT_INTR      0x060u
#define EXIT_NMI       0x061u
#define EXIT_VINTR     0x064u
#define EXIT_CPUID     0x072u
#define EXIT_IRET      0x074u
#define EXIT_INVD      0x076u
#define EXIT_HLT       0x078u
#define EXIT_INVLPGA   0x07au
#define EXIT_IOIO      0x07bu
#define EXIT_MSR       0x07cu
#define EXIT_SHUTDOWN  0x07fu
#define EXIT_VMRUN     0x080u
#define EXIT_VMMCALL   0x081u
#define EXIT_VMLOAD    0x082u
#define EXIT_VMSAVE    0x083u
#define EXIT_STGI      0x084u
#define EXIT_CLGI      0x085u
#define EXIT_SKINIT    0x086u
#define EXIT_WBINVD    0x089u
#define EXIT_XSETBV    0x08du
#define EXIT_NPF       0x400u
#define EXIT_INVALID   UINT64_MAX

/* exit_info_1 of a nested page fault */
#define NPF_PRESENT BIT(0)
#define NPF_WRITE   BIT(1)
#define NPF_FETCH   BIT(4)

#endif

// SPDX-License-Identifier: Apache-2.0
/* Synthetic MSRs. Source: TLFS, the chapters named at each group. */
#ifndef ABI_HV_MSR_H
#define ABI_HV_MSR_H

#include <stdint.h>

/* Partition identity and the hypercall page. TLFS: "Hypercall Interface". */
#define HV_X64_MSR_GUEST_OS_ID             0x40000000
#define HV_X64_MSR_HYPERCALL               0x40000001
/* Virtual processors. TLFS: "Virtual Processors", "Partition Properties". */
#define HV_X64_MSR_VP_INDEX                0x40000002
#define HV_X64_MSR_RESET                   0x40000003
#define HV_X64_MSR_VP_RUNTIME              0x40000010
/* Time. TLFS: "Timers". */
#define HV_X64_MSR_TIME_REF_COUNT          0x40000020
#define HV_X64_MSR_REFERENCE_TSC           0x40000021
#define HV_X64_MSR_TSC_FREQUENCY           0x40000022
#define HV_X64_MSR_APIC_FREQUENCY          0x40000023
/* The virtual APIC. TLFS: "Virtual Interrupts". */
#define HV_X64_MSR_EOI                     0x40000070
#define HV_X64_MSR_ICR                     0x40000071
#define HV_X64_MSR_TPR                     0x40000072
#define HV_X64_MSR_VP_ASSIST_PAGE          0x40000073
/* The synthetic interrupt controller. TLFS: "Inter-Partition Communication". */
#define HV_X64_MSR_SCONTROL                0x40000080
#define HV_X64_MSR_SVERSION                0x40000081
#define HV_X64_MSR_SIEFP                   0x40000082
#define HV_X64_MSR_SIMP                    0x40000083
#define HV_X64_MSR_EOM                     0x40000084
#define HV_X64_MSR_SIRBP                   0x40000085 /* event ring page */
#define HV_X64_MSR_SINT0                   0x40000090
#define HV_X64_MSR_SINT15                  0x4000009F
/* Synthetic timers. TLFS: "Timers". Timer n: CONFIG at + 2n, COUNT at + 2n + 1. */
#define HV_X64_MSR_STIMER0_CONFIG          0x400000B0
#define HV_X64_MSR_STIMER0_COUNT           0x400000B1
#define HV_X64_MSR_STIMER1_CONFIG          0x400000B2
#define HV_X64_MSR_STIMER1_COUNT           0x400000B3
#define HV_X64_MSR_STIMER2_CONFIG          0x400000B4
#define HV_X64_MSR_STIMER2_COUNT           0x400000B5
#define HV_X64_MSR_STIMER3_CONFIG          0x400000B6
#define HV_X64_MSR_STIMER3_COUNT           0x400000B7
/*
 * Power, crash, migration. TLFS: "Virtual Processors", "Guest Crash Enlightenment", "Nested
 * Virtualization".
 */
#define HV_X64_MSR_GUEST_IDLE              0x400000F0
#define HV_X64_MSR_CRASH_P0                0x40000100
#define HV_X64_MSR_CRASH_P1                0x40000101
#define HV_X64_MSR_CRASH_P2                0x40000102
#define HV_X64_MSR_CRASH_P3                0x40000103
#define HV_X64_MSR_CRASH_P4                0x40000104
#define HV_X64_MSR_CRASH_CTL               0x40000105
#define HV_X64_MSR_REENLIGHTENMENT_CONTROL 0x40000106
#define HV_X64_MSR_TSC_EMULATION_CONTROL   0x40000107
#define HV_X64_MSR_TSC_EMULATION_STATUS    0x40000108
#define HV_X64_MSR_TSC_INVARIANT_CONTROL   0x40000118
/* SynIC registers of the hypervisor below a nested one; served only where hint 12 is given. */
#define HV_X64_MSR_NESTED_SCONTROL         0x40001080
#define HV_X64_MSR_NESTED_SVERSION         0x40001081
#define HV_X64_MSR_NESTED_SIEFP            0x40001082
#define HV_X64_MSR_NESTED_SIMP             0x40001083
#define HV_X64_MSR_NESTED_EOM              0x40001084
#define HV_X64_MSR_NESTED_SINT0            0x40001090

/* The range that belongs to synthetic MSRs. */
#define HV_X64_MSR_FIRST 0x40000000
#define HV_X64_MSR_LAST  0x400010FF

/*
 * Registers that place a page: HYPERCALL, REFERENCE_TSC, VP_ASSIST_PAGE, SIEFP, SIMP, SIRBP share
 * one layout: bit 0 enable, 63:12 guest page number, the bits between preserved (RsvdP).
 */
#define HV_X64_MSR_PAGE_ENABLE        (UINT64_C(1) << 0)
#define HV_X64_MSR_PAGE_ADDRESS_SHIFT 12
#define HV_X64_MSR_PAGE_ADDRESS_MASK  (~UINT64_C(0xFFF))

#define HV_X64_MSR_HYPERCALL_ENABLE             (UINT64_C(1) << 0)
#define HV_X64_MSR_HYPERCALL_LOCKED             (UINT64_C(1) << 1)
#define HV_X64_MSR_HYPERCALL_PAGE_ADDRESS_SHIFT 12
#define HV_X64_MSR_HYPERCALL_PAGE_ADDRESS_MASK  HV_X64_MSR_PAGE_ADDRESS_MASK

#define HV_X64_MSR_VP_ASSIST_PAGE_ENABLE        (UINT64_C(1) << 0)
#define HV_X64_MSR_VP_ASSIST_PAGE_ADDRESS_SHIFT 12
#define HV_X64_MSR_VP_ASSIST_PAGE_ADDRESS_MASK  HV_X64_MSR_PAGE_ADDRESS_MASK

#define HV_X64_MSR_TSC_REFERENCE_ENABLE        (UINT64_C(1) << 0)
#define HV_X64_MSR_TSC_REFERENCE_ADDRESS_SHIFT 12

/* HV_X64_MSR_RESET. */
#define HV_X64_MSR_RESET_RESET (UINT64_C(1) << 0)

/* SCONTROL, SIEFP, SIMP, SIRBP. TLFS: "SynIC Registers". */
#define HV_SYNIC_CONTROL_ENABLE (UINT64_C(1) << 0)
#define HV_SYNIC_SIEFP_ENABLE   (UINT64_C(1) << 0)
#define HV_SYNIC_SIMP_ENABLE    (UINT64_C(1) << 0)
#define HV_SYNIC_SIRBP_ENABLE   (UINT64_C(1) << 0)
#define HV_SYNIC_VERSION_1      UINT64_C(1)

/* SINTn. Bits 19 and 20 are known from Linux's headers only. */
#define HV_SYNIC_SINT_VECTOR_MASK   UINT64_C(0xFF)
#define HV_SYNIC_SINT_MASKED        (UINT64_C(1) << 16)
#define HV_SYNIC_SINT_AUTO_EOI      (UINT64_C(1) << 17)
#define HV_SYNIC_SINT_POLLING       (UINT64_C(1) << 18)
#define HV_SYNIC_SINT_AS_INTERCEPT  (UINT64_C(1) << 19)
#define HV_SYNIC_SINT_PROXY         (UINT64_C(1) << 20)
#define HV_SYNIC_SINT_RESET_VALUE   HV_SYNIC_SINT_MASKED
#define HV_SYNIC_FIRST_VALID_VECTOR 16
#define HV_SYNIC_SINT_COUNT         16
#define HV_SYNIC_STIMER_COUNT       4

/* STIMERn_CONFIG. TLFS: "Synthetic Timer Configuration Register". */
#define HV_STIMER_ENABLE            (UINT64_C(1) << 0)
#define HV_STIMER_PERIODIC          (UINT64_C(1) << 1)
#define HV_STIMER_LAZY              (UINT64_C(1) << 2)
#define HV_STIMER_AUTOENABLE        (UINT64_C(1) << 3)
#define HV_STIMER_APIC_VECTOR_SHIFT 4
#define HV_STIMER_APIC_VECTOR_MASK  (UINT64_C(0xFF) << 4)
#define HV_STIMER_DIRECT_MODE       (UINT64_C(1) << 12)
#define HV_STIMER_SINT_SHIFT        16
#define HV_STIMER_SINT_MASK         (UINT64_C(0xF) << 16)

/* CRASH_CTL. TLFS: "Guest Crash Enlightenment Registers". */
#define HV_CRASH_CTL_CRASH_NOTIFY_MSG (UINT64_C(1) << 62)
#define HV_CRASH_CTL_CRASH_NOTIFY     (UINT64_C(1) << 63)

/* TSC_INVARIANT_CONTROL. */
#define HV_EXPOSE_INVARIANT_TSC (UINT64_C(1) << 0)

#endif

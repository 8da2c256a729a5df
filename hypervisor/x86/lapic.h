// SPDX-License-Identifier: Apache-2.0
/* This processor's local APIC, in whichever mode it is in (APM volume 2, chapter 16). */
#ifndef X86_LAPIC_H
#define X86_LAPIC_H

#include "core/types.h"

/* Register offsets of the memory-mapped form; the x2APIC MSR is 0x800 + offset / 16. */
#define LAPIC_ID              0x020u
#define LAPIC_VERSION         0x030u
#define LAPIC_TPR             0x080u
#define LAPIC_PPR             0x0a0u
#define LAPIC_EOI             0x0b0u
#define LAPIC_LDR             0x0d0u
#define LAPIC_DFR             0x0e0u
#define LAPIC_SVR             0x0f0u
#define LAPIC_ISR             0x100u
#define LAPIC_TMR             0x180u
#define LAPIC_IRR             0x200u
#define LAPIC_ESR             0x280u
#define LAPIC_ICR_LOW         0x300u
#define LAPIC_ICR_HIGH        0x310u
#define LAPIC_LVT_TIMER       0x320u
#define LAPIC_LVT_THERMAL     0x330u
#define LAPIC_LVT_PERFORMANCE 0x340u
#define LAPIC_LVT_LINT0       0x350u
#define LAPIC_LVT_LINT1       0x360u
#define LAPIC_LVT_ERROR       0x370u
#define LAPIC_INITIAL_COUNT   0x380u
#define LAPIC_CURRENT_COUNT   0x390u
#define LAPIC_DIVIDE          0x3e0u
#define LAPIC_SELF_IPI        0x3f0u

#define LAPIC_LVT_MASKED      BIT(16)
#define LAPIC_LVT_MODE_FIXED  0x000u
#define LAPIC_LVT_MODE_NMI    0x400u
#define LAPIC_LVT_MODE_EXTINT 0x700u
#define LAPIC_DIVIDE_BY_1     0xbu

/* Interrupt command: delivery modes (with the assert level where it matters) and fields. */
#define LAPIC_ICR_NMI          0x4400u
#define LAPIC_ICR_INIT         0x4500u
#define LAPIC_ICR_STARTUP      0x4600u
#define LAPIC_ICR_VECTOR       0xffu
#define LAPIC_ICR_MODE         0x700u
#define LAPIC_ICR_MODE_FIXED   0x000u
#define LAPIC_ICR_MODE_LOWEST  0x100u
#define LAPIC_ICR_MODE_NMI     0x400u
#define LAPIC_ICR_MODE_INIT    0x500u
#define LAPIC_ICR_MODE_STARTUP 0x600u
#define LAPIC_ICR_LOGICAL      BIT(11)
#define LAPIC_ICR_BUSY         BIT(12)
#define LAPIC_ICR_ASSERT       BIT(14)
#define LAPIC_ICR_LEVEL        BIT(15)
#define LAPIC_ICR_SHORTHAND    (3UL << 18)
#define LAPIC_ICR_SELF         (1UL << 18)
#define LAPIC_ICR_ALL          (2UL << 18)
#define LAPIC_ICR_ALL_BUT_SELF (3UL << 18)

/*
 * Bits of the ICR that exist; in x2APIC mode setting another one faults (APM 16.13.4, Intel SDM 3A
 * 12.12.9).
 */
#define LAPIC_ICR_DEFINED 0xffffffff000ccfffUL

/* Tell where the registers are mapped; used in xAPIC mode. */
void lapic_init(void *registers);

uint32_t lapic_id(void);
/* True in x2APIC mode. */
bool lapic_is_x2apic(void);

/* True if this processor has the mode. Switch to it: the registers are MSRs from then on. */
bool lapic_has_x2apic(void);
void lapic_use_x2apic(void);

/*
 * Bring this processor's APIC to a known state: everything masked, nothing in service, the timer
 * stopped; enabled, with `spurious_vector` for interrupts that were withdrawn.
 */
void lapic_reset(uint8_t spurious_vector);

/* Send the interrupt `command` (LAPIC_ICR_ values) to the processor with `apic_id`. */
void lapic_send(uint32_t apic_id, uint32_t command);

uint32_t lapic_read(uint32_t reg);
void lapic_write(uint32_t reg, uint32_t value);

/* The interrupt command register as HV_X64_MSR_ICR shows it: bits 63:56 the destination in xAPIC
 * mode, 63:32 in x2APIC mode. */
uint64_t lapic_read_icr(void);
/* Returns false where the value has reserved bits that fault in x2APIC mode. */
bool lapic_write_icr(uint64_t value);

#endif

// SPDX-License-Identifier: Apache-2.0
/* This processor's local APIC, in whichever mode it is in (APM volume 2, chapter 16). */
#ifndef X86_LAPIC_H
#define X86_LAPIC_H

#include "core/types.h"

/* Register offsets of the memory-mapped form; the x2APIC MSR is 0x800 + offset / 16. */
#define LAPIC_ID            0x020u
#define LAPIC_TPR           0x080u
#define LAPIC_EOI           0x0b0u
#define LAPIC_ICR_LOW       0x300u
#define LAPIC_ICR_HIGH      0x310u
#define LAPIC_LVT_TIMER     0x320u
#define LAPIC_INITIAL_COUNT 0x380u
#define LAPIC_CURRENT_COUNT 0x390u
#define LAPIC_DIVIDE        0x3e0u

#define LAPIC_LVT_MASKED  BIT(16)
#define LAPIC_DIVIDE_BY_1 0xbu

/* Tell where the registers are mapped; used in xAPIC mode. */
void lapic_init(void *registers);

uint32_t lapic_id(void);
uint32_t lapic_read(uint32_t reg);
void lapic_write(uint32_t reg, uint32_t value);

/* The interrupt command register as HV_X64_MSR_ICR shows it: bits 63:56 the destination in xAPIC
 * mode, 63:32 in x2APIC mode. */
uint64_t lapic_read_icr(void);
/* Returns false where the value has reserved bits that fault in x2APIC mode. */
bool lapic_write_icr(uint64_t value);

#endif

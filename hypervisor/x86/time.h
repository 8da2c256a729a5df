// SPDX-License-Identifier: Apache-2.0
/* Time: the frequencies of the TSC and the APIC timer, measured once, and reference time made of
 * the TSC. */
#ifndef X86_TIME_H
#define X86_TIME_H

#include "core/types.h"

/*
 * Measure both clocks against the ACPI PM timer at I/O port `pm_timer` and start reference time at
 * 0. Takes about 50 ms. Returns false if the PM timer does not count.
 */
bool time_calibrate(uint16_t pm_timer);

/* Busy wait. After time_calibrate(). */
void time_wait(uint64_t microseconds);

/* Ticks of the physical APIC timer (divide by 1) in `units` of 100 ns, cut off; of ten minutes at
 * most. */
uint64_t time_to_apic_ticks(uint64_t units);

/* What the reference TSC page says: time = (tsc * scale >> 64) + offset. */
uint64_t time_scale(void);
int64_t time_offset(void);

#endif

// SPDX-License-Identifier: Apache-2.0
#include "x86/time.h"

#include "core/machine.h"
#include "x86/cpu.h"
#include "x86/lapic.h"

/* The ACPI PM timer (ACPI 6.5, 4.8.3.3): 24 bits at least. */
#define PM_FREQUENCY 3579545u
#define PM_MASK      0xffffffu
/* How long to measure, 50 ms, and how often to look at a clock that may stand still. */
#define PM_TICKS     (PM_FREQUENCY / 20)
#define PM_PATIENCE  100000000u
/* Readings of one moment; the one that was interrupted least counts. */
#define READINGS     16u

#define REFERENCE_FREQUENCY 10000000u

static uint64_t tsc_frequency, apic_frequency;
static uint64_t scale;
static int64_t offset;

struct moment {
	uint64_t tsc;
	uint32_t pm;
	uint32_t apic;
};

static uint32_t read_pm(uint16_t port)
{
	return inl(port) & PM_MASK;
}

/* All three clocks at one moment. */
static struct moment now(uint16_t port)
{
	struct moment best = {0};
	uint64_t best_width = UINT64_MAX;

	for (unsigned int i = 0; i < READINGS; i++) {
		uint64_t before = rdtsc();
		uint32_t pm = read_pm(port);
		uint32_t apic = lapic_read(LAPIC_CURRENT_COUNT);
		uint64_t after = rdtsc();

		if (after - before < best_width) {
			best_width = after - before;
			best = (struct moment){before + (after - before) / 2, pm, apic};
		}
	}
	return best;
}

/* a * b / c without losing the high half; the result must fit. */
static uint64_t multiply_divide(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t low, high, rest;

	__asm__("mulq %3" : "=a"(low), "=d"(high) : "a"(a), "r"(b));
	__asm__("divq %4" : "=a"(low), "=d"(rest) : "a"(low), "d"(high), "r"(c));
	return low;
}

/* The high half of a * b. */
static uint64_t multiply_high(uint64_t a, uint64_t b)
{
	return (uint64_t)((unsigned __int128)a * b >> 64);
}

bool time_calibrate(uint16_t pm_timer)
{
	struct moment first, last;
	uint32_t elapsed = 0, looks = 0;
	uint64_t rest;

	lapic_write(LAPIC_LVT_TIMER, LAPIC_LVT_MASKED);
	lapic_write(LAPIC_DIVIDE, LAPIC_DIVIDE_BY_1);
	lapic_write(LAPIC_INITIAL_COUNT, UINT32_MAX);

	first = now(pm_timer);
	while (elapsed < PM_TICKS) {
		if (++looks > PM_PATIENCE)
			return false;
		elapsed = (read_pm(pm_timer) - first.pm) & PM_MASK;
	}
	last = now(pm_timer);
	elapsed = (last.pm - first.pm) & PM_MASK;
	lapic_write(LAPIC_INITIAL_COUNT, 0);

	tsc_frequency = multiply_divide(last.tsc - first.tsc, PM_FREQUENCY, elapsed);
	apic_frequency = multiply_divide(first.apic - last.apic, PM_FREQUENCY, elapsed);
	if (tsc_frequency <= REFERENCE_FREQUENCY)
		return false;
	__asm__("divq %4"
		: "=a"(scale), "=d"(rest)
		: "a"(0UL), "d"((uint64_t)REFERENCE_FREQUENCY), "r"(tsc_frequency));
	offset = -(int64_t)multiply_high(rdtsc(), scale);
	return true;
}

void time_wait(uint64_t microseconds)
{
	uint64_t end = rdtsc() + tsc_frequency * microseconds / 1000000;

	while (rdtsc() < end)
		cpu_relax();
}

uint64_t time_to_apic_ticks(uint64_t units)
{
	return multiply_divide(MIN(units, 600UL * REFERENCE_FREQUENCY), apic_frequency,
			       REFERENCE_FREQUENCY);
}

uint64_t time_scale(void)
{
	return scale;
}

int64_t time_offset(void)
{
	return offset;
}

uint64_t machine_tsc(void)
{
	return rdtsc();
}

uint64_t machine_tsc_frequency(void)
{
	return tsc_frequency;
}

uint64_t machine_apic_frequency(void)
{
	return apic_frequency;
}

uint64_t machine_reference_time(void)
{
	/* Before the calibration there is no time: 0. */
	return multiply_high(rdtsc(), scale) + (uint64_t)offset;
}

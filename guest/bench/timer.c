// SPDX-License-Identifier: Apache-2.0
/* The synthetic timer as Linux uses it: number 0, one-shot, in direct mode. */
#include "abi/hv/cpuid.h"
#include "abi/hv/msr.h"
#include "abi/hv/synic.h"
#include "bench/bench.h"
#include "lib/test.h"
#include "lib/trap.h"
#include "x86/cpu.h"

#define VECTOR_TIMER 0xedu

/* From arming the timer to its expiry, and how much more every further time, in 100 ns. */
#define DELAY      5000u
#define DELAY_STEP 7u

static uint8_t tsc_page[PAGE_SIZE] __aligned(PAGE_SIZE);

static const volatile struct hv_reference_tsc_page *page;

/* Reference time now, in 100 ns. */
static uint64_t reference_time(void)
{
	return (uint64_t)((unsigned __int128)rdtsc() * page->tsc_scale >> 64) +
	       (uint64_t)page->tsc_offset;
}

/* The first value of the TSC at which reference time is `time`: its page's formula, backwards. */
static uint64_t tsc_at(uint64_t time)
{
	uint64_t high = time - (uint64_t)page->tsc_offset, low = 0;
	uint64_t quotient, remainder;

	/* `high` is below the scale by the age of the machine. */
	__asm__("divq %4"
		: "=a"(quotient), "=d"(remainder)
		: "a"(low), "d"(high), "r"(page->tsc_scale));
	return quotient + (remainder != 0);
}

/* Arm the timer and take its interrupt; returns how many of the TSC it came after its time. */
static uint64_t tick(uint64_t delay)
{
	uint64_t time = reference_time() + delay, before;

	return bench_raise(HV_X64_MSR_STIMER0_COUNT, time, &before) - tsc_at(time);
}

/* Why there is nothing to measure, or NULL. */
static const char *what_is_missing(void)
{
	if (!(bench_hypervisor.msrs & HV_MSR_SYNTIMER_AVAILABLE) ||
	    !(bench_hypervisor.misc & HV_STIMER_DIRECT_MODE_AVAILABLE))
		return "there are no synthetic timers with direct mode";
	if (!(bench_hypervisor.msrs & HV_MSR_REFERENCE_TSC_AVAILABLE))
		return "there is no reference TSC page";
	if (!bench_apic())
		return "the processor has no x2APIC mode";
	page = bench_place_page(HV_X64_MSR_REFERENCE_TSC, tsc_page);
	if (page->tsc_sequence == 0)
		return "the reference TSC page is not valid";
	return NULL;
}

TEST(timer, "root-timer: from a timer's expiry to the first instruction of its handler")
{
	struct bench_samples samples = {.count = 0};
	const char *missing = what_is_missing();
	uint64_t before;

	if (missing) {
		test_skip(missing);
		return;
	}
	trap_gate(VECTOR_TIMER, bench_on_timer);
	wrmsr(HV_X64_MSR_STIMER0_CONFIG, HV_STIMER_ENABLE | HV_STIMER_AUTOENABLE |
						 HV_STIMER_DIRECT_MODE |
						 VECTOR_TIMER << HV_STIMER_APIC_VECTOR_SHIFT);
	for (unsigned int i = 0; i < BENCH_WARM_UP; i++)
		tick(DELAY);
	before = bench_switches();
	for (unsigned int i = 0; i < BENCH_ROUNDS; i++)
		bench_sample(&samples, tick(DELAY + i * DELAY_STEP));
	bench_report_switches("root-timer", before, BENCH_ROUNDS);
	bench_report("root-timer", "instructions", &samples);
	/* Early is wrong, and looks like very late. */
	EXPECT(samples.value[BENCH_ROUNDS - 1] < BIT(63));
	wrmsr(HV_X64_MSR_STIMER0_COUNT, 0);
	wrmsr(HV_X64_MSR_STIMER0_CONFIG, 0);
	trap_gate(VECTOR_TIMER, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* Reference time and frequencies. Source: TLFS, "Timers". */
#include "abi/hv/msr.h"
#include "abi/hv/synic.h"
#include "lib/test.h"
#include "x86/cpu.h"
#include "x86/lapic.h"

#define ROUNDS 2000u

/* Measurements of a frequency until one is believed. */
#define TRIES 20u

/* The programmable interval timer's third channel, gated by a bit of port 0x61. */
#define PIT_FREQUENCY 1193182u
#define PIT_CHANNEL2  0x42
#define PIT_MODE      0x43
#define PIT_GATE      0x61
#define PIT_OUTPUT    0x20

static const volatile struct hv_reference_tsc_page *tsc_page(void)
{
	return (const volatile void *)(rdmsr(HV_X64_MSR_REFERENCE_TSC) &
				       HV_X64_MSR_PAGE_ADDRESS_MASK);
}

/* The page's formula on a value of the counter. */
static uint64_t page_time(uint64_t tsc)
{
	const volatile struct hv_reference_tsc_page *page = tsc_page();

	return (uint64_t)((unsigned __int128)tsc * page->tsc_scale >> 64) +
	       (uint64_t)page->tsc_offset;
}

TEST(page, "time: the reference TSC page is valid and its scale is that of the frequency")
{
	const volatile struct hv_reference_tsc_page *page = tsc_page();
	uint64_t frequency = rdmsr(HV_X64_MSR_TSC_FREQUENCY);
	unsigned __int128 product;

	EXPECT(page->tsc_sequence != 0);
	/* scale * frequency = 10^7 * 2^64, less than one unit of frequency short. */
	product = (unsigned __int128)page->tsc_scale * frequency;
	EXPECT_EQ((uint64_t)((product + frequency) >> 64), 10000000);
}

TEST(agree, "time: the page and the register agree and never go back")
{
	uint64_t last = 0;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint64_t before = page_time(rdtsc());
		uint64_t count = rdmsr(HV_X64_MSR_TIME_REF_COUNT);
		uint64_t after = page_time(rdtsc());

		test_about("round %u", i);
		if (!EXPECT(before >= last) || !EXPECT(count >= before) || !EXPECT(after >= count))
			break;
		last = after;
	}
}

TEST(start, "time: it began with the hypervisor, less than ten minutes ago")
{
	EXPECT(rdmsr(HV_X64_MSR_TIME_REF_COUNT) < 600 * 10000000UL);
}

TEST(vp_runtime, "time: the VP's run time grows, not faster than time")
{
	uint64_t time = rdmsr(HV_X64_MSR_TIME_REF_COUNT);
	uint64_t run = rdmsr(HV_X64_MSR_VP_RUNTIME);
	uint64_t time_later, run_later;

	while ((time_later = rdmsr(HV_X64_MSR_TIME_REF_COUNT)) < time + 10000)
		cpu_relax();
	run_later = rdmsr(HV_X64_MSR_VP_RUNTIME);
	EXPECT(run_later > run);
	EXPECT(run_later <= rdmsr(HV_X64_MSR_TIME_REF_COUNT));
	EXPECT(time_later > time);
}

/* Wait `ticks` (at most 65535) of the interval timer; returns how many of the TSC passed. */
static uint64_t pit_wait(uint16_t ticks)
{
	uint64_t start;

	outb(PIT_GATE, (uint8_t)((inb(PIT_GATE) & ~2u) | 1u));
	outb(PIT_MODE, 0xb0); /* channel 2, both bytes, mode 0: output rises at the end */
	outb(PIT_CHANNEL2, (uint8_t)ticks);
	start = rdtsc();
	outb(PIT_CHANNEL2, (uint8_t)(ticks >> 8));
	for (unsigned int i = 0; i < 100000000 && !(inb(PIT_GATE) & PIT_OUTPUT); i++)
		cpu_relax();
	return rdtsc() - start;
}

static bool is_near(uint64_t measured, uint64_t frequency)
{
	return measured > frequency / 100 * 98 && measured < frequency / 100 * 102;
}

TEST(tsc_frequency, "time: the TSC's frequency is what the interval timer measures")
{
	const uint16_t ticks = 59659; /* 50 ms */
	uint64_t frequency = rdmsr(HV_X64_MSR_TSC_FREQUENCY);
	uint64_t measured = 0;

	/* A busy emulator disturbs some measurements, not all of them by the same. */
	for (unsigned int i = 0; i < TRIES && !is_near(measured, frequency); i++)
		measured = pit_wait(ticks) * PIT_FREQUENCY / ticks;
	test_note("TSC %lu Hz, measured %lu Hz", frequency, measured);
	EXPECT(is_near(measured, frequency));
}

/* The APIC timer's frequency, by a twentieth of a second of the TSC. */
static uint64_t measure_apic(uint64_t tsc_frequency)
{
	uint64_t start, passed, count;

	lapic_write(LAPIC_LVT_TIMER, (uint32_t)LAPIC_LVT_MASKED);
	lapic_write(LAPIC_DIVIDE, LAPIC_DIVIDE_BY_1);
	start = rdtsc();
	lapic_write(LAPIC_INITIAL_COUNT, UINT32_MAX);
	while (rdtsc() - start < tsc_frequency / 20)
		cpu_relax();
	count = UINT32_MAX - lapic_read(LAPIC_CURRENT_COUNT);
	passed = rdtsc() - start;
	lapic_write(LAPIC_INITIAL_COUNT, 0);
	/* The count is below 2^32, the frequency in kHz too. */
	return count * (tsc_frequency / 1000) / passed * 1000;
}

TEST(apic_frequency, "time: the APIC's frequency is that of its timer, undivided")
{
	uint64_t frequency = rdmsr(HV_X64_MSR_APIC_FREQUENCY);
	uint64_t measured = 0;

	lapic_init((void *)0xfee00000UL);
	for (unsigned int i = 0; i < TRIES && !is_near(measured, frequency); i++)
		measured = measure_apic(rdmsr(HV_X64_MSR_TSC_FREQUENCY));
	test_note("APIC %lu Hz, measured %lu Hz", frequency, measured);
	EXPECT(is_near(measured, frequency));
}

// SPDX-License-Identifier: Apache-2.0
/* The local APIC: interrupts that a processor sends itself, and what ending one costs. */
#include "abi/hv/cpuid.h"
#include "abi/hv/msr.h"
#include "bench/bench.h"
#include "lib/test.h"
#include "lib/trap.h"
#include "x86/cpu.h"
#include "x86/lapic.h"

#define VECTOR_SELF     0x71u
#define VECTOR_SPURIOUS 0xffu
#define SVR_ENABLE      0x100u

static uint32_t assist_page[PAGE_SIZE / sizeof(uint32_t)] __aligned(PAGE_SIZE);

struct bench_eoi bench_eoi;

bool bench_apic(void)
{
	if (!lapic_has_x2apic())
		return false;
	if (!lapic_is_x2apic())
		lapic_use_x2apic();
	lapic_write(LAPIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
	bench_eoi = (struct bench_eoi){.assist = assist_page,
				       .msr = MSR_X2APIC_FIRST + LAPIC_EOI / 16};
	if (bench_hypervisor.msrs & HV_MSR_APIC_ACCESS_AVAILABLE) {
		bench_eoi.assist = bench_place_page(HV_X64_MSR_VP_ASSIST_PAGE, assist_page);
		bench_eoi.msr = HV_X64_MSR_EOI;
	}
	return true;
}

_Static_assert(offsetof(struct bench_eoi, msr) == 8, "as code.S reads it");

void bench_end_interrupt(void)
{
	if (!(__atomic_exchange_n(bench_eoi.assist, 0, __ATOMIC_SEQ_CST) & 1))
		wrmsr(bench_eoi.msr, 0);
}

/* The TSC's advance from the command to the end of its interrupt. */
static uint64_t self_ipi(void)
{
	uint64_t before;
	uint64_t after = bench_raise(BENCH_MSR_ICR, LAPIC_ICR_SELF | VECTOR_SELF, &before);

	return after - before;
}

bool bench_self_ipi_begin(void)
{
	if (!bench_apic())
		return false;
	trap_gate(VECTOR_SELF, bench_on_ipi);
	for (unsigned int i = 0; i < BENCH_WARM_UP; i++)
		self_ipi();
	return true;
}

void bench_self_ipi_end(void)
{
	trap_gate(VECTOR_SELF, NULL);
}

void bench_self_ipi(struct bench_samples *samples)
{
	uint64_t empty = bench_empty();

	for (unsigned int i = 0; i < BENCH_ROUNDS; i++)
		bench_sample(samples, self_ipi() - empty);
}

TEST(self_ipi, "root-self-ipi: from the interrupt command to the end of its handler")
{
	struct bench_samples samples = {.count = 0};
	uint64_t before;

	if (!bench_self_ipi_begin()) {
		test_skip("the processor has no x2APIC mode");
		return;
	}
	before = bench_switches();
	bench_self_ipi(&samples);
	bench_report_switches("root-self-ipi", before, BENCH_ROUNDS);
	bench_report("root-self-ipi", "instructions", &samples);
	bench_self_ipi_end();
}

/* What the handler found: the switches from before the end of the interrupt to behind it. */
static volatile uint64_t end_before, end_after;
static volatile bool ended;

static void on_interrupt(struct trap_frame *frame)
{
	(void)frame;
	end_before = bench_switches();
	bench_end_interrupt();
	end_after = bench_switches();
	ended = true;
}

TEST(eoi, "root-eoi: the end of an edge-triggered interrupt")
{
	uint64_t own, switches = 0;

	if (!bench_hypervisor.is_root) {
		test_skip("the hypervisor shows no counters");
		return;
	}
	if (!bench_apic()) {
		test_skip("the processor has no x2APIC mode");
		return;
	}
	end_before = bench_switches();
	own = bench_switches() - end_before;
	trap_handle(VECTOR_SELF, on_interrupt);
	for (unsigned int i = 0; i < BENCH_ROUNDS; i++) {
		ended = false;
		wrmsr(BENCH_MSR_ICR, LAPIC_ICR_SELF | VECTOR_SELF);
		__asm__ volatile("sti; nop; cli");
		if (!EXPECT(ended))
			break;
		switches += end_after - end_before - own;
	}
	trap_handle(VECTOR_SELF, NULL);
	bench_figure_exact("root-eoi", "switches", switches * 100 / BENCH_ROUNDS);
}

// SPDX-License-Identifier: Apache-2.0
/* A second processor, and interrupts that the first one sends it while it works. */
#include "abi/hv/hypercall.h"
#include "abi/hv/msr.h"
#include "abi/hv/status.h"
#include "abi/hv/system.h"
#include "abi/hv/vp.h"
#include "bench/bench.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/test.h"
#include "lib/trap.h"
#include "x86/cpu.h"
#include "x86/lapic.h"

#define VECTOR_CROSS 0x72u

/* The highest APIC id that is tried. */
#define APIC_ID_MAX 254u

/* Looks at a flag until the other processor counts as lost. */
#define PATIENCE 1000000000u

static volatile bool running;
static volatile uint32_t received;

static void on_interrupt(struct trap_frame *frame)
{
	(void)frame;
	received++;
	bench_end_interrupt();
}

void bench_second_processor(void)
{
	EXPECT(bench_apic());
	running = true;
	__asm__ volatile("sti");
	for (;;)
		cpu_relax();
}

/* Make another processor VP 1. Returns false if there is none. */
static bool create(uint32_t *apic_id)
{
	uint32_t id = 0;

	for (; id <= APIC_ID_MAX; id++) {
		struct hv_input_add_logical_processor *in = hypercall_prepare();

		in->lp_index = 1;
		in->apic_id = id;
		if (hypercall(CONTROL(HVCALL_ADD_LOGICAL_PROCESSOR)) == HV_STATUS_SUCCESS) {
			struct hv_input_create_vp *create = hypercall_prepare();

			create->partition_id = HV_PARTITION_ID_SELF;
			create->vp_index = 1;
			create->flags = 1; /* the LP */
			*apic_id = id;
			return EXPECT_EQ(hypercall(CONTROL(HVCALL_CREATE_VP)), HV_STATUS_SUCCESS);
		}
	}
	return false;
}

static void send(uint32_t apic_id, uint32_t command)
{
	wrmsr(BENCH_MSR_ICR, (uint64_t)apic_id << 32 | command);
}

static bool start(uint32_t apic_id)
{
	bench_start_cr3 = read_cr3();
	__asm__ volatile("sidt %0" : "=m"(bench_start_idt));
	memcpy((void *)BENCH_PAGE, bench_start16, (size_t)(bench_start16_end - bench_start16));
	send(apic_id, LAPIC_ICR_INIT);
	send(apic_id, LAPIC_ICR_STARTUP | BENCH_PAGE >> PAGE_SHIFT);
	for (unsigned int i = 0; i < PATIENCE && !running; i++)
		cpu_relax();
	return running;
}

/* Send an interrupt; returns the TSC's advance until its handler's mark is seen. */
static uint64_t cross(uint32_t apic_id)
{
	uint32_t before = received;
	uint64_t begin = rdtsc();

	send(apic_id, VECTOR_CROSS);
	for (unsigned int i = 0; i < PATIENCE && received == before; i++)
		cpu_relax();
	EXPECT_EQ(received, before + 1);
	return rdtsc() - begin;
}

TEST_ENDING(TEST_ALONE, cross, "root-cross-ipi: to a processor that works, until it answers")
{
	struct bench_samples samples = {.count = 0};
	uint64_t before, mhz;
	uint32_t apic_id;

	if (!bench_hypervisor.is_root || !bench_apic() || !create(&apic_id)) {
		test_skip("there is no second processor with x2APIC mode that is ours to start");
		return;
	}
	trap_handle(VECTOR_CROSS, on_interrupt);
	if (!EXPECT(start(apic_id)))
		return;
	for (unsigned int i = 0; i < BENCH_WARM_UP; i++)
		cross(apic_id);
	before = bench_switches();
	for (unsigned int i = 0; i < BENCH_ROUNDS; i++)
		bench_sample(&samples, cross(apic_id));
	bench_report_switches("root-cross-ipi", before, BENCH_ROUNDS);
	mhz = rdmsr(HV_X64_MSR_TSC_FREQUENCY) / 1000000;
	bench_figure_exact("root-cross-ipi", "us", bench_median(&samples) * 100 / mhz);
}

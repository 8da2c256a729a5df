// SPDX-License-Identifier: Apache-2.0
/* Single instructions that enter the hypervisor. */
#include "abi/hv/cpuid.h"
#include "abi/hv/hypercall.h"
#include "abi/hv/msr.h"
#include "bench/bench.h"
#include "lib/hypercall.h"
#include "lib/test.h"
#include "x86/cpu.h"

static uint64_t perform(const struct bench_operation *op)
{
	return bench_time(op->code, op->rax, op->rcx, op->rdx, op->r8);
}

void bench_warm_up(const struct bench_operation *op)
{
	for (unsigned int i = 0; i < BENCH_WARM_UP; i++)
		perform(op);
}

void bench_perform(const struct bench_operation *op, struct bench_samples *samples)
{
	uint64_t empty = bench_empty();

	for (unsigned int i = 0; i < BENCH_ROUNDS; i++)
		bench_sample(samples, perform(op) - empty);
}

static void measure(const char *probe, const struct bench_operation *op)
{
	struct bench_samples samples = {.count = 0};
	uint64_t before;

	bench_warm_up(op);
	before = bench_switches();
	bench_perform(op, &samples);
	bench_report_switches(probe, before, BENCH_ROUNDS);
	bench_report(probe, "instructions", &samples);
}

TEST(cpuid, "root-cpuid: leaf 0x40000000")
{
	measure("root-cpuid",
		&(struct bench_operation){.code = bench_cpuid,
					  .rax = HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS});
}

TEST(hypercall, "root-hypercall: HvCallNotifyLongSpinWait, fast")
{
	struct bench_operation op = {.code = vmmcall_code,
				     .rcx = CONTROL_FAST(HVCALL_NOTIFY_LONG_SPIN_WAIT)};

	if (bench_hypervisor.present)
		measure("root-hypercall", &op);
	else
		test_skip("there is no hypervisor");
}

TEST(hypercall_memory, "root-hypercall-memory: HvCallNotifyLongSpinWait, its input in memory")
{
	struct bench_operation op = {.code = vmmcall_code,
				     .rcx = CONTROL(HVCALL_NOTIFY_LONG_SPIN_WAIT),
				     .rdx = (uintptr_t)hypercall_in};

	hypercall_prepare();
	if (bench_hypervisor.present)
		measure("root-hypercall-memory", &op);
	else
		test_skip("there is no hypervisor");
}

TEST(msr, "root-msr: reading HV_X64_MSR_TIME_REF_COUNT")
{
	struct bench_operation op = {.code = bench_rdmsr, .rcx = HV_X64_MSR_TIME_REF_COUNT};

	if (bench_hypervisor.msrs & HV_MSR_TIME_REF_COUNT_AVAILABLE)
		measure("root-msr", &op);
	else
		test_skip("there is no such register");
}

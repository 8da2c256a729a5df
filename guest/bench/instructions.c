// SPDX-License-Identifier: Apache-2.0
/* Single instructions that enter the hypervisor. */
#include "abi/hv/cpuid.h"
#include "abi/hv/hypercall.h"
#include "abi/hv/msr.h"
#include "bench/bench.h"
#include "lib/hypercall.h"
#include "lib/test.h"
#include "x86/cpu.h"

/* What bench_time() is called with. */
struct operation {
	const char *code;
	uint64_t rax, rcx, rdx, r8;
};

static uint64_t perform(const struct operation *op)
{
	return bench_time(op->code, op->rax, op->rcx, op->rdx, op->r8);
}

static void measure(const char *probe, const struct operation *op)
{
	struct bench_samples samples = {.count = 0};
	uint64_t empty = bench_empty(), before;

	for (unsigned int i = 0; i < BENCH_WARM_UP; i++)
		perform(op);
	before = bench_switches();
	for (unsigned int i = 0; i < BENCH_ROUNDS; i++)
		bench_sample(&samples, perform(op) - empty);
	bench_report_switches(probe, before, BENCH_ROUNDS);
	bench_report(probe, "instructions", &samples);
}

TEST(cpuid, "root-cpuid: leaf 0x40000000")
{
	measure("root-cpuid", &(struct operation){.code = bench_cpuid,
						  .rax = HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS});
}

TEST(hypercall, "root-hypercall: HvCallNotifyLongSpinWait, fast")
{
	struct operation op = {.code = vmmcall_code,
			       .rcx = CONTROL_FAST(HVCALL_NOTIFY_LONG_SPIN_WAIT)};

	if (bench_hypervisor.present)
		measure("root-hypercall", &op);
	else
		test_skip("there is no hypervisor");
}

TEST(hypercall_memory, "root-hypercall-memory: HvCallNotifyLongSpinWait, its input in memory")
{
	struct operation op = {.code = vmmcall_code,
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
	struct operation op = {.code = bench_rdmsr, .rcx = HV_X64_MSR_TIME_REF_COUNT};

	if (bench_hypervisor.msrs & HV_MSR_TIME_REF_COUNT_AVAILABLE)
		measure("root-msr", &op);
	else
		test_skip("there is no such register");
}

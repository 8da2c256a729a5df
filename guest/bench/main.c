// SPDX-License-Identifier: Apache-2.0
/*
 * Measures what a partition pays for its hypervisor. Everything here goes by what CPUID says, so
 * that the same image runs as Bulkhead's root, as a guest of another hypervisor, or on the machine
 * itself.
 */
#include "abi/hv/cpuid.h"
#include "abi/hv/msr.h"
#include "bench/bench.h"
#include "core/string.h"
#include "lib/console.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "lib/trap.h"
#include "x86/cpu.h"

/* The sixteen vectors of the PC's own interrupt controllers. */
#define VECTOR_PIC 0x20u

struct bench_hypervisor bench_hypervisor;

static uint8_t hypercall_page[PAGE_SIZE] __aligned(PAGE_SIZE);

void guest_main(void);

void bench_discover(void)
{
	struct cpuid_regs features;

	if (!(cpuid(1, 0).ecx & HYPERV_HYPERVISOR_PRESENT_BIT) ||
	    cpuid(HYPERV_CPUID_INTERFACE, 0).eax != HYPERV_CPUID_INTERFACE_EAX)
		return;
	features = cpuid(HYPERV_CPUID_FEATURES, 0);
	bench_hypervisor.present = true;
	bench_hypervisor.is_root = features.ebx & HV_CPU_MANAGEMENT;
	bench_hypervisor.msrs = features.eax;
	bench_hypervisor.misc = features.edx;
}

void *bench_place_page(uint32_t msr, void *own)
{
	uint64_t value = rdmsr(msr);

	if (!bench_hypervisor.is_root)
		value = (uintptr_t)own;
	wrmsr(msr, value | HV_X64_MSR_PAGE_ENABLE);
	return (void *)(value & HV_X64_MSR_PAGE_ADDRESS_MASK);
}

static void identify(void)
{
	if (!bench_hypervisor.present)
		return;
	wrmsr(HV_X64_MSR_GUEST_OS_ID, BENCH_OS_ID);
	bench_place_page(HV_X64_MSR_HYPERCALL, hypercall_page);
}

static void ignore(struct trap_frame *frame)
{
	(void)frame;
}

/*
 * Take what firmware's devices still ask for, by vectors that no exception has: an interrupt that
 * waits all the time would be part of what every operation costs.
 */
static void settle(void)
{
	static const uint16_t command[] = {0x20, 0xa0};

	for (unsigned int i = 0; i < ARRAY_SIZE(command); i++) {
		outb(command[i], 0x11); /* begin again; four words follow */
		outb((uint16_t)(command[i] + 1), (uint8_t)(VECTOR_PIC + 8 * i));
		outb((uint16_t)(command[i] + 1), i == 0 ? 0x04 : 0x02); /* one behind the other */
		outb((uint16_t)(command[i] + 1), 0x01);
	}
	machine_quiet();
	for (unsigned int i = 0; i < 16; i++)
		trap_handle(VECTOR_PIC + i, ignore);
	__asm__ volatile("sti; nop; nop; cli");
	for (unsigned int i = 0; i < 16; i++)
		trap_handle(VECTOR_PIC + i, NULL);
}

static void nothing(void)
{
}

void guest_main(void)
{
	console_init();
	trap_init();
	settle();
	bench_discover();
	machine_exit(test_run(machine_option("tests="), identify, nothing) == 0);
}

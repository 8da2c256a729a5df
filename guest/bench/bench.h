/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the probes share. A probe is a test whose report has figures in it, one a line:
 *
 *	# figure root-cpuid instructions 274
 *
 * Included by C and assembly.
 */
#ifndef GUEST_BENCH_H
#define GUEST_BENCH_H

/* A page below 1 MiB for the 16-bit code of a processor that starts. */
#define BENCH_PAGE 0x8000

/* The port that bench_out writes to: nobody's, and POST codes' on a PC. */
#define BENCH_PORT 0x80

#ifndef __ASSEMBLER__

#include "core/types.h"

/* Times an operation is done before it is measured, and then measured. */
#define BENCH_WARM_UP 10u
#define BENCH_ROUNDS  101u

/* What the hypervisor says of itself in CPUID, nothing but zeros where there is none. */
struct bench_hypervisor {
	bool present;  /* its interface is Hyper-V's */
	bool is_root;  /* we manage its processors: it places our pages and shows its counters */
	uint32_t msrs; /* leaf 0x40000003 EAX */
	uint32_t misc; /* leaf 0x40000003 EDX */
};
extern struct bench_hypervisor bench_hypervisor;

/* Find that out: a child does for itself, and its root again afterwards. */
void bench_discover(void);

/* An open source system of no particular vendor, version 1 (TLFS: Guest OS Identity). */
#define BENCH_OS_ID 0x8f00000000010000UL

/* Enable the page that `msr` places: where the hypervisor chose for its root, else at `own` (one
 * page). */
void *bench_place_page(uint32_t msr, void *own);

/* Report that an operation of `probe` takes `value` `unit`s, or `hundredths` of them. */
void bench_figure(const char *probe, const char *unit, uint64_t value);
void bench_figure_exact(const char *probe, const char *unit, uint64_t hundredths);

/* Samples of a probe, kept sorted, and what is in the middle of them. */
struct bench_samples {
	unsigned int count;
	uint64_t value[BENCH_ROUNDS];
};
void bench_sample(struct bench_samples *samples, uint64_t value);
uint64_t bench_median(const struct bench_samples *samples);

/* Report the median of `samples`, and say in a comment how far they lie apart. */
void bench_report(const char *probe, const char *unit, const struct bench_samples *samples);

/* Times the hypervisor has been entered, by its counters; 0 where it shows none. */
uint64_t bench_switches(void);

/*
 * Report how often a round of `probe` enters the hypervisor: `before` is what bench_switches() said
 * before `rounds` rounds. Nothing where it does not count.
 */
void bench_report_switches(const char *probe, uint64_t before, unsigned int rounds);

/*
 * Call `code` with RAX, RCX, RDX and R8 as given; returns the TSC's advance, that of reading it
 * included: bench_empty() is what must be subtracted. It may change all registers that a function
 * may, and RBX.
 */
uint64_t bench_time(const void *code, uint64_t rax, uint64_t rcx, uint64_t rdx, uint64_t r8);
uint64_t bench_empty(void);

/* What bench_time() can call, beside vmmcall_code: single instructions. */
extern const char bench_nothing[], bench_cpuid[], bench_rdmsr[];
extern const char bench_out[];                  /* AL to port BENCH_PORT */
extern const char bench_load[], bench_loaded[]; /* EAX from the address in R8, and behind that */

/* What it is called with, and samples of it after some that do not count. */
struct bench_operation {
	const char *code;
	uint64_t rax, rcx, rdx, r8;
};
void bench_warm_up(const struct bench_operation *op);
void bench_perform(const struct bench_operation *op, struct bench_samples *samples);

/*
 * How an interrupt ends: as Linux does it, "no EOI required" in the VP assist page first, then the
 * register. Where there is no such page the word is one of ours, always 0.
 */
struct bench_eoi {
	volatile uint32_t *assist;
	uint32_t msr;
};
extern struct bench_eoi bench_eoi;

/*
 * Switch this processor's local APIC to x2APIC mode, let interrupts in, and fill in bench_eoi.
 * Returns false without that mode.
 */
bool bench_apic(void);

/* Its interrupt command register: the destination in the upper half. */
#define BENCH_MSR_ICR 0x830u

/* End an interrupt that a handler in C took. */
void bench_end_interrupt(void);

/* Handlers for trap_gate(): the TSC into R9 after the end of the interrupt, or before anything
 * else. */
extern const char bench_on_ipi[], bench_on_timer[];

/*
 * An interrupt that a processor sends itself: what it takes, some that do not count included
 * (returns false without x2APIC mode); samples of it; the end of that.
 */
bool bench_self_ipi_begin(void);
void bench_self_ipi(struct bench_samples *samples);
void bench_self_ipi_end(void);

/*
 * Write `value` to `msr`, with interrupts on, and wait for one of these handlers. Returns the TSC
 * it read; *before becomes that before the write.
 */
uint64_t bench_raise(uint32_t msr, uint64_t value, uint64_t *before);

/* The code of a second processor, for BENCH_PAGE; from there it calls second_processor() for good.
 */
extern const char bench_start16[], bench_start16_end[];
/* What it needs to know: CR3 and the interrupt descriptor table. */
struct __packed bench_table_pointer {
	uint16_t limit;
	uint64_t base;
};
extern uint64_t bench_start_cr3;
extern struct bench_table_pointer bench_start_idt;
void bench_second_processor(void) __noreturn;

#endif
#endif

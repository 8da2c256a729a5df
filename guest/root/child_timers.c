// SPDX-License-Identifier: Apache-2.0
/*
 * Timers of children: they expire whether the child runs or not, and its parent is told that it can
 * go on. Source: TLFS, "Timers"; AMD64 APM volume 2, "APIC Timer Interrupt".
 */
#include "abi/hv/msr.h"
#include "abi/hv/stats.h"
#include "abi/hv/synic.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "lib/trap.h"
#include "root/apic.h"
#include "root/child.h"
#include "root/root.h"
#include "x86/cpu.h"

#define VECTOR       0x41u
#define LVT_PERIODIC BIT(17)

/* Units of 100 ns: until a timer of the child expires, and until we give up waiting for it. */
#define PERIOD   20000u
#define PATIENCE 20000000u

#define ROUNDS 20u

static struct child c;

/* What the child says: halts that ended, interrupts, those that came before they were `due`. */
static volatile unsigned int halts, count, early;
static volatile uint64_t due,
	step; /* and how much later the next one is, if one starts by itself */

static uint64_t now(void)
{
	return rdmsr(HV_X64_MSR_TIME_REF_COUNT);
}

static void on_vector(struct trap_frame *frame)
{
	(void)frame;
	count++;
	early += now() < due;
	due += step;
	wrmsr(HV_X64_MSR_EOI, 0);
}

static volatile uint32_t *apic(uint32_t reg)
{
	return (volatile uint32_t *)(APIC_PAGE + reg);
}

static void halt(void)
{
	__asm__ volatile("sti; hlt; cli" : : : "memory");
	halts++;
}

static void start(void (*fn)(void))
{
	halts = count = early = 0;
	due = step = 0;
	trap_handle(VECTOR, on_vector);
	child_start(&c, fn);
}

static void end(void)
{
	child_end(&c);
	trap_handle(VECTOR, NULL);
}

static bool blocked(void)
{
	return c.vp[0].stats[HV_COUNTER_VP_ROOT_DISPATCH_THREAD_BLOCKED] != 0;
}

/* Wait until the child is not blocked any more. Returns whether that came. */
static bool wait_unblocked(void)
{
	uint64_t limit = now() + PATIENCE;

	while (blocked() && now() < limit)
		cpu_relax();
	return !blocked();
}

/* The child halts for its timer again and again. */
static void expect_woken(void (*fn)(void))
{
	start(fn);
	for (unsigned int i = 1; i < ROUNDS; i++) {
		test_about("round %u", i);
		EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
		/* On a slow machine some expire before the child halts. */
		EXPECT(count >= halts);
		EXPECT(wait_unblocked());
	}
	test_about(NULL);
	EXPECT(count >= ROUNDS - 2);
	EXPECT_EQ(early, 0);
	end();
}

static void in_synthetic(void)
{
	*apic(LAPIC_SVR) = SVR_ENABLE | SVR_SPURIOUS;
	wrmsr(HV_X64_MSR_STIMER0_CONFIG,
	      HV_STIMER_AUTOENABLE | HV_STIMER_DIRECT_MODE | VECTOR << HV_STIMER_APIC_VECTOR_SHIFT);
	for (;;) {
		due = now() + PERIOD;
		wrmsr(HV_X64_MSR_STIMER0_COUNT, due);
		halt();
	}
}

TEST(synthetic, "child timers: a synthetic one wakes it, also while it does not run, never early")
{
	expect_woken(in_synthetic);
}

/* The count after which the APIC's timer expires. */
static uint32_t timer_count(void)
{
	*apic(LAPIC_SVR) = SVR_ENABLE | SVR_SPURIOUS;
	*apic(LAPIC_DIVIDE) = LAPIC_DIVIDE_BY_1;
	return (uint32_t)(rdmsr(HV_X64_MSR_APIC_FREQUENCY) * PERIOD / 10000000);
}

static void in_one_shot(void)
{
	uint32_t initial = timer_count();

	*apic(LAPIC_LVT_TIMER) = VECTOR;
	for (;;) {
		due = now() + PERIOD;
		*apic(LAPIC_INITIAL_COUNT) = initial;
		halt();
	}
}

TEST(one_shot, "child timers: its APIC's wakes it, also while it does not run, never early")
{
	expect_woken(in_one_shot);
}

static void in_periodic(void)
{
	uint32_t initial = timer_count();

	*apic(LAPIC_LVT_TIMER) = LVT_PERIODIC | VECTOR;
	step = PERIOD;
	due = now() + PERIOD;
	*apic(LAPIC_INITIAL_COUNT) = initial;
	for (;;)
		halt();
}

TEST(periodic, "child timers: its APIC's comes by itself again, at most once for each period")
{
	expect_woken(in_periodic);
}

static void in_masked(void)
{
	uint32_t initial = timer_count();

	*apic(LAPIC_LVT_TIMER) = LAPIC_LVT_MASKED | VECTOR;
	due = now() + PERIOD;
	*apic(LAPIC_INITIAL_COUNT) = initial;
	halt();
}

TEST(masked, "child timers: its APIC's expires without a word while it is masked")
{
	start(in_masked);
	EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
	while (now() < due + PERIOD)
		cpu_relax();
	/* It may be looked after once more, in vain. */
	EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
	EXPECT_EQ(count, 0);
	EXPECT_EQ(halts, 0);
	end();
}

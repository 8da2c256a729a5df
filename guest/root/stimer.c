// SPDX-License-Identifier: Apache-2.0
/* Synthetic timers. Source: TLFS, "Synthetic Timers". */
#include "abi/hv/cpuid.h"
#include "abi/hv/msr.h"
#include "lib/test.h"
#include "root/synic_setup.h"
#include "x86/cpu.h"

#define CONFIG(n) (HV_X64_MSR_STIMER0_CONFIG + 2 * (n))
#define COUNT(n)  (HV_X64_MSR_STIMER0_COUNT + 2 * (n))

#define VECTOR       0x81u
#define DIRECT(v)    (HV_STIMER_DIRECT_MODE | (uint64_t)(v) << HV_STIMER_APIC_VECTOR_SHIFT)
#define ONE_SHOT     (DIRECT(VECTOR) | HV_STIMER_AUTOENABLE)
#define MESSAGE_MODE ((uint64_t)SYNIC_TEST_SINT << HV_STIMER_SINT_SHIFT | HV_STIMER_AUTOENABLE)

#define MILLISECOND 10000UL

static bool has_timers(void)
{
	struct cpuid_regs features = cpuid(HYPERV_CPUID_FEATURES, 0);

	if ((features.eax & HV_MSR_SYNTIMER_AVAILABLE) &&
	    (features.edx & HV_STIMER_DIRECT_MODE_AVAILABLE))
		return true;
	test_skip("no synthetic timers");
	return false;
}

static uint64_t now(void)
{
	return rdmsr(HV_X64_MSR_TIME_REF_COUNT);
}

static void stop(uint32_t n)
{
	wrmsr(COUNT(n), 0);
	wrmsr(CONFIG(n), 0);
}

TEST(stimer_registers, "stimer: registers begin with zero and keep what is defined")
{
	if (!has_timers())
		return;
	for (uint32_t n = 0; n < HV_SYNIC_STIMER_COUNT; n++) {
		test_about("timer %u", n);
		EXPECT_EQ(rdmsr(CONFIG(n)), 0);
		EXPECT_EQ(rdmsr(COUNT(n)), 0);
		for (unsigned int bit = 0; bit < 64; bit++)
			if ((bit > 12 && bit < 16) || bit > 19)
				EXPECT_FAULT(fault_wrmsr(CONFIG(n), BIT(bit)), VECTOR_GP);
		EXPECT_FAULT(fault_wrmsr(CONFIG(n), DIRECT(15)), VECTOR_GP);
		wrmsr(CONFIG(n), 0xfffefUL & ~(7UL << 13));
		EXPECT_EQ(rdmsr(CONFIG(n)), 0xfffefUL & ~(7UL << 13));
		stop(n);
		EXPECT_EQ(rdmsr(CONFIG(n)), 0);
	}
}

TEST(stimer_enable, "stimer: what enables a timer, and what does not")
{
	if (!has_timers())
		return;
	wrmsr(COUNT(0), now() + 1000 * MILLISECOND);
	/* Messages to SINT 0 are the hypervisor's. */
	wrmsr(CONFIG(0), HV_STIMER_ENABLE);
	EXPECT_EQ(rdmsr(CONFIG(0)), 0);
	wrmsr(CONFIG(0), ONE_SHOT);
	EXPECT_EQ(rdmsr(CONFIG(0)), ONE_SHOT);
	wrmsr(COUNT(0), now() + 1000 * MILLISECOND);
	EXPECT_EQ(rdmsr(CONFIG(0)), ONE_SHOT | HV_STIMER_ENABLE);
	wrmsr(COUNT(0), 0);
	EXPECT_EQ(rdmsr(CONFIG(0)), ONE_SHOT);
	stop(0);
}

TEST(stimer_early, "stimer: a one-shot timer interrupts once, and never early")
{
	static const uint64_t deltas[] = {1, 10, 100, 1000, 5000, MILLISECOND, 3 * MILLISECOND};
	uint64_t latest = 0;

	if (!has_timers())
		return;
	interrupts_count(VECTOR);
	wrmsr(CONFIG(0), ONE_SHOT | HV_STIMER_ENABLE);
	interrupts_pass(MILLISECOND); /* without a count it is idle */
	EXPECT_EQ(interrupts_of(VECTOR), 0);
	for (unsigned int i = 0; i < 20 * ARRAY_SIZE(deltas); i++) {
		uint64_t due = now() + deltas[i % ARRAY_SIZE(deltas)];

		test_about("round %u", i);
		wrmsr(COUNT(0), due);
		if (!EXPECT(interrupts_wait(VECTOR, i + 1)))
			break;
		EXPECT(interrupts_last(VECTOR) >= due);
		latest = MAX(latest, interrupts_last(VECTOR) - due);
		EXPECT_EQ(interrupts_of(VECTOR), i + 1);
		EXPECT_EQ(rdmsr(CONFIG(0)), ONE_SHOT);
	}
	test_note("at most %lu us late", latest / 10);
	stop(0);
	interrupts_ignore(VECTOR);
}

TEST(stimer_past, "stimer: a count in the past expires at once, none stops it")
{
	uint64_t due;

	if (!has_timers())
		return;
	interrupts_count(VECTOR);
	wrmsr(CONFIG(1), ONE_SHOT);
	wrmsr(COUNT(1), 1);
	EXPECT(interrupts_wait(VECTOR, 1));
	wrmsr(COUNT(1), now());
	EXPECT(interrupts_wait(VECTOR, 2));
	/* Stopped, or replaced by a later count, unless the emulator took so long with that. */
	for (uint64_t later = 0; later <= 1; later++) {
		interrupts_count(VECTOR);
		due = now() + 20 * MILLISECOND;
		wrmsr(COUNT(1), due);
		wrmsr(COUNT(1), later * (due + 10000 * MILLISECOND));
		if (now() >= due)
			continue;
		interrupts_pass(30 * MILLISECOND);
		EXPECT_EQ(interrupts_of(VECTOR), 0);
	}
	stop(1);
	interrupts_ignore(VECTOR);
}

TEST(stimer_hlt, "stimer: a timer ends a halt")
{
	if (!has_timers())
		return;
	interrupts_count(VECTOR);
	wrmsr(CONFIG(0), ONE_SHOT);
	for (unsigned int i = 1; i <= 10; i++) {
		uint64_t due = now() + 2 * MILLISECOND;

		wrmsr(COUNT(0), due);
		while (interrupts_of(VECTOR) < i)
			__asm__ volatile("sti; hlt; cli" : : : "memory");
		EXPECT(interrupts_last(VECTOR) >= due);
	}
	stop(0);
	interrupts_ignore(VECTOR);
}

TEST(stimer_periodic, "stimer: a periodic timer keeps its grid until it is stopped")
{
	const uint64_t period = 4 * MILLISECOND;
	unsigned int count;
	uint64_t start, begin;

	if (!has_timers())
		return;
	interrupts_count(VECTOR);
	wrmsr(CONFIG(2), DIRECT(VECTOR) | HV_STIMER_PERIODIC | HV_STIMER_AUTOENABLE);
	start = now();
	wrmsr(COUNT(2), period);
	for (unsigned int i = 1; i <= 10; i++) {
		test_about("expiration %u", i);
		if (!EXPECT(interrupts_wait(VECTOR, i)))
			break;
		EXPECT(interrupts_last(VECTOR) >= start + i * period);
	}
	EXPECT(rdmsr(CONFIG(2)) & HV_STIMER_ENABLE);
	EXPECT_EQ(rdmsr(COUNT(2)), period);
	/* Nobody listens for many periods: they do not all come afterwards. */
	while (now() < start + 40 * period)
		cpu_relax();
	count = interrupts_of(VECTOR);
	begin = now();
	interrupts_pass(period / 2);
	EXPECT(interrupts_of(VECTOR) <= count + 2 + (now() - begin) / period);
	stop(2);
	interrupts_pass(MILLISECOND);
	count = interrupts_of(VECTOR);
	interrupts_pass(3 * period);
	EXPECT_EQ(interrupts_of(VECTOR), count);
	interrupts_ignore(VECTOR);
}

static volatile unsigned int storm;

static void on_storm(struct trap_frame *frame)
{
	(void)frame;
	if (++storm == 100)
		stop(0);
	wrmsr(HV_X64_MSR_EOI, 0);
}

TEST(stimer_storm, "stimer: a period of 100 ns comes no faster than it can be stopped")
{
	uint64_t end;

	if (!has_timers())
		return;
	storm = 0;
	interrupts_count(VECTOR);
	trap_handle(VECTOR, on_storm);
	wrmsr(CONFIG(0), DIRECT(VECTOR) | HV_STIMER_PERIODIC | HV_STIMER_AUTOENABLE);
	wrmsr(COUNT(0), 1);
	end = now() + 5000 * MILLISECOND;
	while (storm < 100 && now() < end)
		interrupts_pass(MILLISECOND);
	interrupts_pass(MILLISECOND);
	EXPECT(storm == 100 || storm == 101); /* one may have been on its way */
	interrupts_ignore(VECTOR);
}

TEST(stimer_all, "stimer: four timers, each with its own vector and time")
{
	uint64_t start;

	if (!has_timers())
		return;
	for (uint32_t n = 0; n < HV_SYNIC_STIMER_COUNT; n++) {
		interrupts_count(VECTOR + n);
		wrmsr(CONFIG(n), DIRECT(VECTOR + n) | HV_STIMER_AUTOENABLE);
	}
	start = now() + 2 * MILLISECOND;
	for (uint32_t n = 0; n < HV_SYNIC_STIMER_COUNT; n++)
		wrmsr(COUNT(n), start + (3 - n) * MILLISECOND);
	EXPECT(interrupts_wait(VECTOR, 1));
	for (uint32_t n = 0; n < HV_SYNIC_STIMER_COUNT; n++) {
		test_about("timer %u", n);
		EXPECT_EQ(interrupts_of(VECTOR + n), 1);
		EXPECT(interrupts_last(VECTOR + n) >= start + (3 - n) * MILLISECOND);
		stop(n);
		interrupts_ignore(VECTOR + n);
	}
}

static struct hv_timer_message_payload said(void)
{
	volatile struct hv_message *slot = synic_slot(SYNIC_TEST_SINT);

	EXPECT_EQ(slot->header.message_type, HVMSG_TIMER_EXPIRED);
	EXPECT_EQ(slot->header.payload_size, sizeof(struct hv_timer_message_payload));
	EXPECT_EQ(slot->header.origination_id, 0);
	return (struct hv_timer_message_payload){
		.timer_index = (uint32_t)slot->payload[0],
		.expiration_time = slot->payload[1],
		.delivery_time = slot->payload[2],
	};
}

TEST(stimer_message, "stimer: a timer in message mode says which it is, and when it expired")
{
	struct hv_timer_message_payload message;
	uint64_t due;

	if (!has_timers())
		return;
	synic_on(0);
	wrmsr(CONFIG(3), MESSAGE_MODE);
	for (unsigned int i = 1; i <= 3; i++) {
		due = now() + MILLISECOND;
		wrmsr(COUNT(3), due);
		EXPECT(interrupts_wait(SYNIC_TEST_VECTOR, i));
		message = said();
		EXPECT_EQ(message.timer_index, 3);
		EXPECT_EQ(message.expiration_time, due);
		EXPECT(message.delivery_time >= due && message.delivery_time <= now());
		EXPECT_EQ(rdmsr(CONFIG(3)), MESSAGE_MODE);
		synic_consume();
	}
	stop(3);
	synic_off();
}

TEST(stimer_message_waits, "stimer: a timer's message waits for its slot, and comes by EOM")
{
	volatile struct hv_message *slot = synic_slot(SYNIC_TEST_SINT);
	uint64_t due;

	if (!has_timers())
		return;
	synic_on(0);
	wrmsr(CONFIG(0), MESSAGE_MODE);
	wrmsr(CONFIG(1), MESSAGE_MODE);
	due = now() + MILLISECOND;
	wrmsr(COUNT(0), due);
	EXPECT(interrupts_wait(SYNIC_TEST_VECTOR, 1));
	wrmsr(COUNT(1), due + MILLISECOND);
	interrupts_pass(5 * MILLISECOND);
	EXPECT_EQ(said().timer_index, 0);
	EXPECT_EQ(slot->header.message_flags, HV_MESSAGE_FLAG_PENDING);
	EXPECT_EQ(interrupts_of(SYNIC_TEST_VECTOR), 1);
	synic_consume();
	EXPECT(interrupts_wait(SYNIC_TEST_VECTOR, 2));
	EXPECT_EQ(said().timer_index, 1);
	EXPECT_EQ(said().expiration_time, due + MILLISECOND);
	EXPECT_EQ(slot->header.message_flags, 0);
	stop(0);
	stop(1);
	synic_off();
}

// SPDX-License-Identifier: Apache-2.0
/* Synthetic timers: their registers, when they expire, and what comes of it. */
#include "test.h"

#include "fake.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/synic.h"
#include "synic/synic.h"

#define CONFIG(n) (HV_X64_MSR_STIMER0_CONFIG + 2 * (n))
#define COUNT(n)  (HV_X64_MSR_STIMER0_COUNT + 2 * (n))

#define VECTOR       0xEDu
#define DIRECT       (HV_STIMER_DIRECT_MODE | (uint64_t)VECTOR << HV_STIMER_APIC_VECTOR_SHIFT)
/* As Linux has it. */
#define LINUX        (DIRECT | HV_STIMER_ENABLE | HV_STIMER_AUTOENABLE)
#define TO_SINT(n)   ((uint64_t)(n) << HV_STIMER_SINT_SHIFT)
#define SINT         3u
#define SINT_VECTOR  0xF3u
#define MESSAGE_MODE (TO_SINT(SINT) | HV_STIMER_AUTOENABLE)

static int setup(void **state)
{
	(void)state;
	fake_reset();
	fake.root.privileges |= HV_MSR_SYNTIMER_AVAILABLE;
	fake.root.features |= HV_STIMER_DIRECT_MODE_AVAILABLE;
	fake.reference_time = 1000000;
	return 0;
}

static bool writes(uint32_t msr, uint64_t value)
{
	return synic_write_msr(&fake.vp, msr, value);
}

static void write_msr(uint32_t msr, uint64_t value)
{
	assert_true(writes(msr, value));
}

static uint64_t read_msr(uint32_t msr)
{
	uint64_t value;

	assert_true(synic_read_msr(&fake.vp, msr, &value));
	return value;
}

static uint64_t next(void)
{
	return synic_timer_next(&fake.vp);
}

/* Let time go to `now` and the timers know it. */
static void at(uint64_t now)
{
	fake.reference_time = now;
	synic_timer_expire(&fake.vp, now);
	assert_true(next() > now);
}

static void enable_synic(void)
{
	write_msr(HV_X64_MSR_SCONTROL, 1);
	write_msr(HV_X64_MSR_SIMP, 1);
	write_msr(HV_X64_MSR_SINT0 + SINT, SINT_VECTOR);
}

static struct hv_message *slot(unsigned int sint)
{
	return &((struct hv_message_page *)(void *)(fake_memory + FAKE_SIMP))->sint_message[sint];
}

static struct hv_timer_message_payload payload(unsigned int sint)
{
	struct hv_timer_message_payload result;

	assert_int_equal(slot(sint)->header.message_type, HVMSG_TIMER_EXPIRED);
	assert_int_equal(slot(sint)->header.payload_size, sizeof(result));
	assert_int_equal(slot(sint)->header.origination_id, 0);
	memcpy(&result, slot(sint)->payload, sizeof(result));
	assert_int_equal(result.reserved, 0);
	return result;
}

/* The reader's part: empty the slot, then see whether to write EOM. */
static void consume(unsigned int sint)
{
	slot(sint)->header.message_type = HVMSG_NONE;
	if (slot(sint)->header.message_flags & HV_MESSAGE_FLAG_PENDING)
		write_msr(HV_X64_MSR_EOM, 0);
}

static void test_registers(void **state)
{
	uint64_t value;

	(void)state;
	for (uint32_t n = 0; n < SYNIC_TIMER_COUNT; n++) {
		assert_int_equal(read_msr(CONFIG(n)), 0);
		assert_int_equal(read_msr(COUNT(n)), 0);
	}
	/* Each has registers of its own. */
	for (uint32_t n = 0; n < SYNIC_TIMER_COUNT; n++) {
		write_msr(CONFIG(n), TO_SINT(n + 1) | HV_STIMER_LAZY);
		write_msr(COUNT(n), 77 + n);
	}
	for (uint32_t n = 0; n < SYNIC_TIMER_COUNT; n++) {
		assert_int_equal(read_msr(CONFIG(n)), TO_SINT(n + 1) | HV_STIMER_LAZY);
		assert_int_equal(read_msr(COUNT(n)), 77 + n);
	}
	assert_true(next() == UINT64_MAX);

	fake.root.privileges &= ~(uint64_t)HV_MSR_SYNTIMER_AVAILABLE;
	for (uint32_t msr = CONFIG(0); msr <= COUNT(3); msr++) {
		assert_false(synic_read_msr(&fake.vp, msr, &value));
		assert_false(writes(msr, 0));
	}
	/* They need nothing of the SynIC's. */
	fake.root.privileges |= HV_MSR_SYNTIMER_AVAILABLE;
	fake.root.privileges &= ~(uint64_t)HV_MSR_SYNIC_AVAILABLE;
	write_msr(COUNT(0), 5);
	assert_false(writes(HV_X64_MSR_SCONTROL, 1));
}

static void test_config_refused(void **state)
{
	(void)state;
	write_msr(CONFIG(1), TO_SINT(2));
	write_msr(COUNT(1), 9);
	for (unsigned int bit = 0; bit < 64; bit++) {
		bool defined = bit < 13 || (bit >= 16 && bit < 20);

		/* The vector is there for bit 12, which asks for one. */
		assert_int_equal(writes(CONFIG(0), BIT(bit) | (uint64_t)VECTOR << 4), defined);
		if (!defined)
			assert_false(writes(CONFIG(1), BIT(bit)));
	}
	assert_int_equal(read_msr(CONFIG(1)), TO_SINT(2));
	assert_int_equal(read_msr(COUNT(1)), 9);

	/* Direct mode: a vector that can be raised, and the feature. */
	assert_false(writes(CONFIG(0), HV_STIMER_DIRECT_MODE));
	assert_false(writes(CONFIG(0), HV_STIMER_DIRECT_MODE | 15 << 4));
	assert_true(writes(CONFIG(0), HV_STIMER_DIRECT_MODE | 16 << 4));
	assert_true(writes(CONFIG(0), HV_STIMER_DIRECT_MODE | 255 << 4));
	fake.root.features &= ~HV_STIMER_DIRECT_MODE_AVAILABLE;
	assert_false(writes(CONFIG(0), DIRECT));
	assert_true(writes(CONFIG(0), TO_SINT(1)));
}

static void test_enable(void **state)
{
	(void)state;
	/* Message mode needs a SINT that is not the hypervisor's. */
	write_msr(COUNT(0), 2000000);
	write_msr(CONFIG(0), HV_STIMER_ENABLE);
	assert_int_equal(read_msr(CONFIG(0)), 0);
	assert_true(next() == UINT64_MAX);
	write_msr(CONFIG(0), HV_STIMER_AUTOENABLE);
	write_msr(COUNT(0), 2000000);
	assert_int_equal(read_msr(CONFIG(0)), HV_STIMER_AUTOENABLE);
	assert_true(next() == UINT64_MAX);
	write_msr(CONFIG(0), HV_STIMER_ENABLE | TO_SINT(1));
	assert_int_equal(read_msr(CONFIG(0)), HV_STIMER_ENABLE | TO_SINT(1));
	assert_int_equal(next(), 2000000);

	/* A count without anything that enables it. */
	write_msr(CONFIG(0), DIRECT);
	write_msr(COUNT(0), 3000000);
	assert_int_equal(read_msr(CONFIG(0)), DIRECT);
	assert_true(next() == UINT64_MAX);
	write_msr(CONFIG(0), DIRECT | HV_STIMER_ENABLE);
	assert_int_equal(next(), 3000000);
	/* A new count of an enabled timer moves it. */
	write_msr(COUNT(0), 2500000);
	assert_int_equal(next(), 2500000);
	write_msr(CONFIG(0), DIRECT);
	assert_true(next() == UINT64_MAX);
	assert_int_equal(read_msr(COUNT(0)), 2500000);
}

static void test_changes_are_told(void **state)
{
	(void)state;
	write_msr(CONFIG(0), LINUX);
	assert_int_equal(fake.timer_changes, 1);
	write_msr(COUNT(0), 2000000);
	assert_int_equal(fake.timer_changes, 2);
	write_msr(COUNT(0), 0);
	assert_int_equal(fake.timer_changes, 3);
	assert_false(writes(CONFIG(0), BIT(63)));
	assert_int_equal(fake.timer_changes, 3);
}

/* The way of Linux's clock event device through a period of its life. */
static void test_as_linux_does(void **state)
{
	(void)state;
	write_msr(CONFIG(0), LINUX);
	assert_int_equal(read_msr(CONFIG(0)), LINUX);
	assert_true(next() == UINT64_MAX); /* no count yet: idle */
	at(1500000);
	assert_int_equal(fake.interrupts[VECTOR], 0);
	for (unsigned int i = 1; i <= 3; i++) {
		uint64_t due = fake.reference_time + 1000;

		write_msr(COUNT(0), due);
		assert_int_equal(read_msr(CONFIG(0)), LINUX);
		assert_int_equal(next(), due);
		at(due - 1);
		assert_int_equal(fake.interrupts[VECTOR], i - 1);
		at(due);
		assert_int_equal(fake.interrupts[VECTOR], i);
		assert_ptr_equal(fake.interrupted, &fake.vp);
		assert_int_equal(read_msr(CONFIG(0)), LINUX & ~HV_STIMER_ENABLE);
		assert_true(next() == UINT64_MAX);
		at(due + 100000);
		assert_int_equal(fake.interrupts[VECTOR], i);
	}
	write_msr(COUNT(0), fake.reference_time + 1000);
	write_msr(COUNT(0), 0);
	assert_int_equal(read_msr(CONFIG(0)), LINUX & ~HV_STIMER_ENABLE);
	assert_true(next() == UINT64_MAX);
	write_msr(CONFIG(0), 0);
	at(9000000);
	assert_int_equal(fake.interrupts[VECTOR], 3);
}

/* A count that has passed expires at once. */
static void test_past(void **state)
{
	(void)state;
	write_msr(CONFIG(0), LINUX);
	write_msr(COUNT(0), 1);
	assert_true(next() <= fake.reference_time);
	at(fake.reference_time);
	assert_int_equal(fake.interrupts[VECTOR], 1);
	write_msr(COUNT(0), fake.reference_time);
	at(fake.reference_time);
	assert_int_equal(fake.interrupts[VECTOR], 2);
	write_msr(COUNT(0), UINT64_MAX);
	assert_true(next() == UINT64_MAX);
}

static void test_periodic(void **state)
{
	const uint64_t start = 1000000;
	const uint64_t period = 10000;

	(void)state;
	write_msr(CONFIG(2), DIRECT | HV_STIMER_PERIODIC | HV_STIMER_AUTOENABLE);
	write_msr(COUNT(2), period);
	assert_int_equal(next(), start + period);
	at(start + period - 1);
	assert_int_equal(fake.interrupts[VECTOR], 0);
	for (unsigned int i = 1; i <= 5; i++) {
		/* Late by some: the grid stays. */
		at(start + i * period + 100 * i);
		assert_int_equal(fake.interrupts[VECTOR], i);
		assert_int_equal(next(), start + (i + 1) * period);
	}
	/* Far too late: one signal, and on with the grid. */
	at(start + 1000 * period + 1);
	assert_int_equal(fake.interrupts[VECTOR], 6);
	assert_int_equal(next(), start + 1001 * period);
	assert_int_equal(read_msr(COUNT(2)), period);
	assert_true(read_msr(CONFIG(2)) & HV_STIMER_ENABLE);
	write_msr(CONFIG(2), 0);
	assert_true(next() == UINT64_MAX);
}

static void test_lazy(void **state)
{
	const uint64_t start = 1000000;
	const uint64_t period = 8000;

	(void)state;
	write_msr(CONFIG(0), DIRECT | HV_STIMER_PERIODIC | HV_STIMER_LAZY | HV_STIMER_AUTOENABLE);
	write_msr(COUNT(0), period);
	at(start + period);
	assert_int_equal(fake.interrupts[VECTOR], 1);
	/* Late, but not shortly before the next one. */
	at(start + 3 * period - 1000);
	assert_int_equal(fake.interrupts[VECTOR], 2);
	/* Too late. */
	at(start + 4 * period - 999);
	assert_int_equal(fake.interrupts[VECTOR], 2);
	assert_int_equal(next(), start + 4 * period);
	at(start + 4 * period);
	assert_int_equal(fake.interrupts[VECTOR], 3);
}

/* A period of nothing cannot keep the hypervisor busy, and no sum wraps. */
static void test_periods_are_bounded(void **state)
{
	const uint64_t start = fake.reference_time;

	(void)state;
	write_msr(CONFIG(0), DIRECT | HV_STIMER_PERIODIC | HV_STIMER_AUTOENABLE);
	write_msr(COUNT(0), 1);
	assert_int_equal(next(), start + SYNIC_TIMER_PERIOD_MIN);
	for (uint64_t now = start; now < start + 100 * SYNIC_TIMER_PERIOD_MIN; now++)
		synic_timer_expire(&fake.vp, now);
	assert_int_equal(fake.interrupts[VECTOR], 99);

	for (uint64_t period = UINT64_MAX - 2; period != 1; period++) {
		write_msr(COUNT(0), period);
		assert_true(period == 0 || next() == UINT64_MAX);
	}
	write_msr(COUNT(0), UINT64_MAX / 2);
	at(UINT64_MAX - 10);
	assert_true(next() == UINT64_MAX);
}

static void test_several(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < SYNIC_TIMER_COUNT; n++) {
		write_msr(CONFIG(n),
			  HV_STIMER_DIRECT_MODE | HV_STIMER_AUTOENABLE | (uint64_t)(0x40 + n) << 4);
		write_msr(COUNT(n), 2000000 + (n ^ 2) * 10);
	}
	assert_int_equal(next(), 2000000);
	at(2000010);
	assert_int_equal(fake.interrupts[0x42], 1);
	assert_int_equal(fake.interrupts[0x43], 1);
	assert_int_equal(fake.interrupts[0x40], 0);
	assert_int_equal(next(), 2000020);
	at(3000000);
	for (uint32_t n = 0; n < SYNIC_TIMER_COUNT; n++)
		assert_int_equal(fake.interrupts[0x40 + n], 1);
}

static void test_message(void **state)
{
	struct hv_timer_message_payload said;

	(void)state;
	enable_synic();
	write_msr(CONFIG(1), MESSAGE_MODE);
	write_msr(COUNT(1), 2000000);
	at(1999999);
	assert_int_equal(slot(SINT)->header.message_type, HVMSG_NONE);
	at(2000500);
	said = payload(SINT);
	assert_int_equal(said.timer_index, 1);
	assert_int_equal(said.expiration_time, 2000000);
	assert_int_equal(said.delivery_time, 2000500);
	assert_int_equal(slot(SINT)->header.message_flags, 0);
	assert_int_equal(fake.interrupts[SINT_VECTOR], 1);
}

/* With its slot full, a timer's message waits; the slot says so; each timer has its own. */
static void test_message_waits(void **state)
{
	struct hv_timer_message_payload said;

	(void)state;
	enable_synic();
	for (uint32_t n = 0; n < SYNIC_TIMER_COUNT; n++) {
		write_msr(CONFIG(n), MESSAGE_MODE);
		write_msr(COUNT(n), 2000000 + n);
	}
	at(2000003);
	assert_int_equal(payload(SINT).timer_index, 0);
	assert_int_equal(slot(SINT)->header.message_flags, HV_MESSAGE_FLAG_PENDING);
	for (uint32_t n = 0; n < SYNIC_TIMER_COUNT; n++) {
		fake.reference_time = 3000000 + n;
		said = payload(SINT);
		assert_int_equal(said.timer_index, n);
		assert_int_equal(said.expiration_time, 2000000 + n);
		assert_int_equal(fake.interrupts[SINT_VECTOR], n + 1);
		consume(SINT);
	}
	assert_int_equal(slot(SINT)->header.message_type, HVMSG_NONE);
	assert_int_equal(said.delivery_time, 3000002);
}

/* A timer that expires again before its message was delivered: one message, saying the last. */
static void test_message_says_the_last(void **state)
{
	(void)state;
	enable_synic();
	slot(SINT)->header.message_type = 1; /* still being read */
	write_msr(CONFIG(0), MESSAGE_MODE | HV_STIMER_PERIODIC);
	write_msr(COUNT(0), 10000);
	for (unsigned int i = 1; i <= 4; i++)
		at(1000000 + i * 10000);
	consume(SINT);
	assert_int_equal(payload(SINT).expiration_time, 1040000);
	assert_int_equal(fake.interrupts[SINT_VECTOR], 1);
	consume(SINT);
	assert_int_equal(slot(SINT)->header.message_type, HVMSG_NONE);
	at(1050000);
	assert_int_equal(payload(SINT).expiration_time, 1050000);
}

/* Without a SynIC the message waits for one. */
static void test_message_without_synic(void **state)
{
	(void)state;
	write_msr(CONFIG(0), MESSAGE_MODE);
	write_msr(COUNT(0), 2000000);
	at(2000000);
	assert_int_equal(slot(SINT)->header.message_type, HVMSG_NONE);
	write_msr(HV_X64_MSR_SINT0 + SINT, SINT_VECTOR);
	write_msr(HV_X64_MSR_SIMP, 1);
	assert_int_equal(slot(SINT)->header.message_type, HVMSG_NONE);
	write_msr(HV_X64_MSR_SCONTROL, 1);
	assert_int_equal(payload(SINT).timer_index, 0);
	assert_int_equal(fake.interrupts[SINT_VECTOR], 1);
}

static void test_init(void **state)
{
	(void)state;
	enable_synic();
	slot(SINT)->header.message_type = 1;
	for (uint32_t n = 0; n < SYNIC_TIMER_COUNT; n++) {
		write_msr(CONFIG(n), MESSAGE_MODE | HV_STIMER_PERIODIC);
		write_msr(COUNT(n), 10000);
	}
	at(1010000);
	fake.timer_changes = 0;
	synic_init(&fake.vp);
	assert_true(next() == UINT64_MAX);
	assert_int_equal(fake.timer_changes, 1);
	for (uint32_t n = 0; n < SYNIC_TIMER_COUNT; n++) {
		assert_int_equal(read_msr(CONFIG(n)), 0);
		assert_int_equal(read_msr(COUNT(n)), 0);
	}
	enable_synic();
	write_msr(HV_X64_MSR_EOM, 0);
	assert_int_equal(slot(SINT)->header.message_type, HVMSG_NONE);
	/* Their buffers are theirs again. */
	write_msr(CONFIG(0), MESSAGE_MODE);
	write_msr(COUNT(0), 1010500);
	at(1010500);
	assert_int_equal(payload(SINT).expiration_time, 1010500);
}

/* Against a timer that is looked at in every tick of time. */
static void test_random(void **state)
{
	uint64_t due = UINT64_MAX; /* the model: one direct timer, one-shot or periodic */
	uint64_t period = 0;
	unsigned int raised = 0;

	(void)state;
	srand(20);
	for (unsigned int i = 0; i < 200000; i++) {
		uint64_t now = fake.reference_time + (uint64_t)(rand() % 500);

		fake.reference_time = now;
		if (rand() % 8 == 0) {
			bool periodic = rand() % 2;
			uint64_t count = periodic ? 2000 + (uint64_t)(rand() % 5000)
						  : now + (uint64_t)(rand() % 20000) - 5000;

			write_msr(CONFIG(0), DIRECT | HV_STIMER_AUTOENABLE |
						     (periodic ? HV_STIMER_PERIODIC : 0));
			write_msr(COUNT(0), count);
			period = periodic ? count : 0;
			due = periodic ? now + count : count;
		}
		assert_true(next() == due);
		synic_timer_expire(&fake.vp, now);
		if (due <= now) {
			raised++;
			while (period && due <= now)
				due += period;
			if (!period)
				due = UINT64_MAX;
		}
		assert_int_equal(fake.interrupts[VECTOR], raised);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_registers, setup),
		cmocka_unit_test_setup(test_config_refused, setup),
		cmocka_unit_test_setup(test_enable, setup),
		cmocka_unit_test_setup(test_changes_are_told, setup),
		cmocka_unit_test_setup(test_as_linux_does, setup),
		cmocka_unit_test_setup(test_past, setup),
		cmocka_unit_test_setup(test_periodic, setup),
		cmocka_unit_test_setup(test_lazy, setup),
		cmocka_unit_test_setup(test_periods_are_bounded, setup),
		cmocka_unit_test_setup(test_several, setup),
		cmocka_unit_test_setup(test_message, setup),
		cmocka_unit_test_setup(test_message_waits, setup),
		cmocka_unit_test_setup(test_message_says_the_last, setup),
		cmocka_unit_test_setup(test_message_without_synic, setup),
		cmocka_unit_test_setup(test_init, setup),
		cmocka_unit_test_setup(test_random, setup),
	};

	return cmocka_run_group_tests_name("timer", tests, NULL, NULL);
}

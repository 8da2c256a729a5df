// SPDX-License-Identifier: Apache-2.0
/* The timer of the virtual APIC, in reference time. */
#include "test.h"

#include "apic_fake.h"

#define VP (&fake.vp[0])

#define VECTOR   0xe0u
#define ONE_SHOT VECTOR
#define PERIODIC (0x20000u | VECTOR)
#define MASKED   ((uint32_t)LAPIC_LVT_MASKED)

/* A reference time that is no round number. */
#define START 123456789UL

static int setup(void **state)
{
	(void)state;
	apic_fake_reset(true, NULL);
	fake.time = START;
	apic_fake_write(VP, LAPIC_DIVIDE, LAPIC_DIVIDE_BY_1);
	return 0;
}

static void program(uint32_t lvt, uint32_t count)
{
	apic_fake_write(VP, LAPIC_LVT_TIMER, lvt);
	apic_fake_write(VP, LAPIC_INITIAL_COUNT, count);
}

static uint32_t count(void)
{
	return apic_fake_read(VP, LAPIC_CURRENT_COUNT);
}

/* The processor's timer comes, now. Returns whether an interrupt was raised, and ends it. */
static bool expire(void)
{
	int vector;

	apic_timer_expire(VP, fake.time);
	vector = apic_next(VP, true).vector;
	if (vector == APIC_NONE)
		return false;
	assert_int_equal(vector, VECTOR);
	apic_eoi(VP);
	return true;
}

/* `units` of reference time pass. */
static bool pass(uint64_t units)
{
	fake.time += units;
	return expire();
}

static void test_one_shot(void **state)
{
	unsigned int changes = fake.timer_changes;

	(void)state;
	assert_int_equal(count(), 0);
	program(ONE_SHOT, 2000);
	assert_true(fake.timer_changes > changes);
	assert_int_equal(count(), 2000);
	assert_true(apic_timer_next(VP) == START + 100);
	assert_false(pass(99));
	assert_int_equal(count(), 20);
	assert_true(pass(1));
	assert_int_equal(count(), 0);
	assert_true(apic_timer_next(VP) == APIC_NEVER);
	assert_false(pass(1000));
	/* The initial count stays. */
	assert_int_equal(apic_fake_read(VP, LAPIC_INITIAL_COUNT), 2000);
}

/* Never before its time, for which the clock may be too coarse. */
static void test_never_early(void **state)
{
	(void)state;
	for (uint32_t ticks = 1; ticks < 100; ticks++) {
		uint64_t start = fake.time, expired;

		program(ONE_SHOT, ticks);
		expired = apic_timer_next(VP);
		assert_true((expired - start) * APIC_TICKS_PER_UNIT >= ticks);
		assert_true((expired - start - 1) * APIC_TICKS_PER_UNIT < ticks);
		assert_false(pass(expired - start - 1));
		assert_true(pass(1));
	}
}

static void test_divide(void **state)
{
	static const struct {
		uint32_t code, by;
	} table[] = {{0x0, 2},  {0x1, 4},  {0x2, 8},   {0x3, 16},
		     {0x8, 32}, {0x9, 64}, {0xa, 128}, {0xb, 1}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		apic_fake_write(VP, LAPIC_DIVIDE, table[i].code);
		program(ONE_SHOT, 40000);
		assert_int_equal(count(), 40000);
		assert_true(apic_timer_next(VP) == fake.time + 2000UL * table[i].by);
		assert_false(pass(500UL * table[i].by));
		assert_int_equal(count(), 30000);
		assert_false(pass(1500UL * table[i].by - 1));
		assert_true(pass(1));
	}
	/* As far as it goes: 2749 seconds. */
	apic_fake_write(VP, LAPIC_DIVIDE, 0xa);
	program(ONE_SHOT, UINT32_MAX);
	assert_int_equal(count(), UINT32_MAX);
	assert_false(pass(0xffffffffUL * 128 / 20 - 1));
	assert_int_equal(count(), 1);
	assert_true(pass(1));
}

static void test_divide_in_flight(void **state)
{
	unsigned int changes;

	(void)state;
	program(ONE_SHOT, 2000);
	assert_false(pass(50));
	changes = fake.timer_changes;
	apic_fake_write(VP, LAPIC_DIVIDE, 0x1);
	assert_true(fake.timer_changes > changes);
	/* What is left, at the new pace. */
	assert_int_equal(count(), 1000);
	assert_false(pass(199));
	assert_true(pass(1));
	/* When nothing runs nothing begins to. */
	apic_fake_write(VP, LAPIC_DIVIDE, 0xb);
	assert_true(apic_timer_next(VP) == APIC_NEVER);
	assert_int_equal(count(), 0);
}

static void test_periodic(void **state)
{
	(void)state;
	program(PERIODIC, 2000);
	for (unsigned int i = 0; i < 10; i++) {
		assert_int_equal(count(), 2000);
		assert_false(pass(99));
		assert_true(pass(1));
	}
	/* What follows no expiration yet is counted from its time. */
	fake.time += 130;
	assert_int_equal(count(), 1400);
	assert_true(expire());
	assert_int_equal(count(), 1400);
	assert_false(pass(69));
	assert_true(pass(1));
	/* Periods that were missed are one interrupt; the grid stays. */
	assert_true(pass(1030));
	assert_int_equal(count(), 1400);
	assert_true(pass(70));
	program(PERIODIC, 0);
	assert_false(pass(1000));
	assert_int_equal(count(), 0);
}

/* A period below the clock's resolution. */
static void test_shortest_period(void **state)
{
	(void)state;
	program(PERIODIC, 1);
	for (unsigned int i = 0; i < 10; i++) {
		assert_true(apic_timer_next(VP) <= fake.time + 1);
		assert_true(pass(1));
		assert_true(apic_timer_next(VP) > fake.time);
	}
}

static void test_stop_and_restart(void **state)
{
	(void)state;
	program(ONE_SHOT, 2000);
	assert_false(pass(50));
	apic_fake_write(VP, LAPIC_INITIAL_COUNT, 4000);
	assert_false(pass(199));
	assert_true(pass(1));
	apic_fake_write(VP, LAPIC_INITIAL_COUNT, 4000);
	apic_fake_write(VP, LAPIC_INITIAL_COUNT, 0);
	assert_true(apic_timer_next(VP) == APIC_NEVER);
	assert_false(pass(1000));
}

static void test_masked(void **state)
{
	(void)state;
	program(MASKED | ONE_SHOT, 2000);
	assert_false(pass(40));
	assert_int_equal(count(), 1200);
	/* Unmasked on its way it raises; what expired before is over. */
	apic_fake_write(VP, LAPIC_LVT_TIMER, ONE_SHOT);
	assert_true(pass(60));
	program(MASKED | ONE_SHOT, 2000);
	assert_false(pass(100));
	apic_fake_write(VP, LAPIC_LVT_TIMER, ONE_SHOT);
	assert_false(pass(100));
	/* Also where the hypervisor had not seen it yet. */
	program(MASKED | ONE_SHOT, 2000);
	fake.time += 100;
	apic_fake_write(VP, LAPIC_LVT_TIMER, ONE_SHOT);
	assert_false(expire());
	program(ONE_SHOT, 2000);
	fake.time += 100;
	apic_fake_write(VP, LAPIC_LVT_TIMER, MASKED | ONE_SHOT);
	assert_true(expire());
}

/* Late as the hypervisor may be: what has expired before a register changes has raised. */
static void test_late(void **state)
{
	(void)state;
	program(ONE_SHOT, 2000);
	fake.time += 150;
	assert_int_equal(count(), 0);
	apic_fake_write(VP, LAPIC_INITIAL_COUNT, 2000);
	assert_true(expire());
	assert_int_equal(count(), 2000);
	fake.time += 150;
	apic_fake_write(VP, LAPIC_INITIAL_COUNT, 0);
	assert_true(expire());
	program(PERIODIC, 2000);
	fake.time += 150;
	apic_fake_write(VP, LAPIC_DIVIDE, 0x1);
	assert_int_equal(count(), 1000);
	assert_true(expire());
	assert_false(pass(199));
	assert_true(pass(1));
	/* Long after its time. */
	apic_fake_write(VP, LAPIC_DIVIDE, 0xb);
	program(ONE_SHOT, 1);
	assert_true(pass(1000000000));
	assert_false(expire());
}

/* Kernels and processors agree that it keeps counting. */
static void test_mode_change(void **state)
{
	(void)state;
	program(ONE_SHOT, 2000);
	assert_false(pass(50));
	apic_fake_write(VP, LAPIC_LVT_TIMER, PERIODIC);
	assert_int_equal(count(), 1000);
	assert_true(pass(50));
	assert_int_equal(count(), 2000);
	assert_false(pass(50));
	apic_fake_write(VP, LAPIC_LVT_TIMER, ONE_SHOT);
	assert_int_equal(count(), 1000);
	assert_true(pass(50));
	assert_int_equal(count(), 0);
	/* At zero it stays there. */
	apic_fake_write(VP, LAPIC_LVT_TIMER, PERIODIC);
	assert_int_equal(count(), 0);
	assert_false(pass(1000));
}

/* Whatever is written when: never early, and never more than asked for. */
static void test_random(void **state)
{
	static const uint32_t codes[] = {0x0, 0x1, 0x2, 0x3, 0x8, 0x9, 0xa, 0xb};

	(void)state;
	srand(2);
	program(ONE_SHOT, 0);
	for (unsigned int i = 0; i < 200000; i++) {
		uint32_t before;
		uint64_t next;

		switch (rand() % 5) {
		case 0:
			apic_fake_write(VP, LAPIC_INITIAL_COUNT, (uint32_t)rand() % 10000);
			break;
		case 1:
			apic_fake_write(VP, LAPIC_DIVIDE, codes[rand() % 8]);
			break;
		case 2:
			before = count();
			apic_fake_write(VP, LAPIC_LVT_TIMER, rand() % 2 ? PERIODIC : ONE_SHOT);
			assert_int_equal(count(), before);
			break;
		default:
			fake.time += (uint64_t)rand() % 3000;
			break;
		}
		expire();
		next = apic_timer_next(VP);
		assert_true(next > fake.time);
		assert_int_equal(count() == 0, next == APIC_NEVER);
		assert_true(count() <= apic_fake_read(VP, LAPIC_INITIAL_COUNT));
		if (next == APIC_NEVER || rand() % 2)
			continue;
		assert_false(pass(next - fake.time - 1));
		assert_true(pass(1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_one_shot, setup),
		cmocka_unit_test_setup(test_never_early, setup),
		cmocka_unit_test_setup(test_divide, setup),
		cmocka_unit_test_setup(test_divide_in_flight, setup),
		cmocka_unit_test_setup(test_periodic, setup),
		cmocka_unit_test_setup(test_shortest_period, setup),
		cmocka_unit_test_setup(test_stop_and_restart, setup),
		cmocka_unit_test_setup(test_masked, setup),
		cmocka_unit_test_setup(test_late, setup),
		cmocka_unit_test_setup(test_mode_change, setup),
		cmocka_unit_test_setup(test_random, setup),
	};

	return cmocka_run_group_tests_name("APIC timer", tests, NULL, NULL);
}

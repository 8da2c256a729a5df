// SPDX-License-Identifier: Apache-2.0
/* The registers of the virtual APIC: values, modes, what faults and what is ignored. */
#include "test.h"

#include "apic_fake.h"

#define VP (&fake.vp[0])

#define RESERVED_OFFSET 0x040u
#define ENABLED_SVR     0x1ffu

static int setup_xapic(void **state)
{
	(void)state;
	apic_fake_reset(false, NULL);
	return 0;
}

static int setup_x2apic(void **state)
{
	(void)state;
	apic_fake_reset(true, NULL);
	return 0;
}

static bool msr_reads(uint32_t reg)
{
	uint64_t value;

	return apic_read_msr(VP, MSR_X2APIC_FIRST + reg / 16, &value);
}

static bool msr_writes(uint32_t reg, uint64_t value)
{
	return apic_write_msr(VP, MSR_X2APIC_FIRST + reg / 16, value);
}

static uint32_t page(uint32_t reg)
{
	return (uint32_t)apic_read_page(VP, reg, 4);
}

/* Write ESR and read what it then says: which errors there were since the last time. */
static uint32_t errors(void)
{
	apic_fake_write(VP, LAPIC_ESR, 0);
	return apic_fake_read(VP, LAPIC_ESR);
}

static const uint32_t lvts[] = {LAPIC_LVT_TIMER, LAPIC_LVT_THERMAL, LAPIC_LVT_PERFORMANCE,
				LAPIC_LVT_LINT0, LAPIC_LVT_LINT1,   LAPIC_LVT_ERROR};

static void assert_reset(uint32_t id)
{
	static const uint32_t zero[] = {LAPIC_TPR,          LAPIC_PPR,           LAPIC_ESR,
					LAPIC_ICR_LOW,      LAPIC_INITIAL_COUNT, LAPIC_DIVIDE,
					LAPIC_CURRENT_COUNT};

	assert_int_equal(apic_fake_read(VP, LAPIC_ID), id);
	/* Six entries in the local vector table. */
	assert_int_equal(apic_fake_read(VP, LAPIC_VERSION), 0x50014);
	assert_int_equal(apic_fake_read(VP, LAPIC_SVR), 0xff);
	for (size_t i = 0; i < ARRAY_SIZE(zero); i++)
		assert_int_equal(apic_fake_read(VP, zero[i]), 0);
	for (uint32_t reg = LAPIC_ISR; reg < LAPIC_ESR; reg += 16)
		assert_int_equal(apic_fake_read(VP, reg), 0);
	for (size_t i = 0; i < ARRAY_SIZE(lvts); i++)
		assert_int_equal(apic_fake_read(VP, lvts[i]), LAPIC_LVT_MASKED);
	assert_true(apic_timer_next(VP) == APIC_NEVER);
}

/* Leave nothing at its reset value. */
static void disturb(void)
{
	apic_fake_write(VP, LAPIC_SVR, ENABLED_SVR);
	apic_fake_write(VP, LAPIC_LVT_LINT0, 0x700);
	apic_fake_write(VP, LAPIC_LVT_TIMER, 0x200e0);
	apic_fake_write(VP, LAPIC_DIVIDE, 0xb);
	apic_fake_write(VP, LAPIC_INITIAL_COUNT, 1000);
	apic_raise_level(VP, 0x90);
	assert_int_equal(apic_next(VP, true).vector, 0x90);
	apic_raise(VP, 0x41);
	apic_fake_write(VP, LAPIC_TPR, 0x50);
	apic_fake_send(VP, (uint32_t)LAPIC_ICR_SELF | 3, 0);
	VP->apic.extint_pending = true;
}

static void test_reset_xapic(void **state)
{
	static const uint32_t ids[FAKE_VPS] = {0x42, 0x43, 0x44, 0x45};

	(void)state;
	apic_fake_reset(false, ids);
	apic_init(VP);
	assert_reset(0x42000000);
	assert_int_equal(page(LAPIC_LDR), 0);
	assert_int_equal(page(LAPIC_DFR), 0xffffffff);
	assert_int_equal(page(LAPIC_ICR_HIGH), 0);
	disturb();
	apic_write_page(VP, LAPIC_LDR, 4, 0xff000000);
	apic_write_page(VP, LAPIC_DFR, 4, 0);
	fake.lvt_resets = 0;
	apic_init(VP);
	assert_int_equal(fake.lvt_resets, 1);
	assert_reset(0x42000000);
	assert_int_equal(page(LAPIC_LDR), 0);
	assert_int_equal(page(LAPIC_DFR), 0xffffffff);
	assert_false(VP->apic.extint_pending);
}

static void test_reset_x2apic(void **state)
{
	static const uint32_t ids[FAKE_VPS] = {0x12345, 1, 2, 3};

	(void)state;
	apic_fake_reset(true, ids);
	disturb();
	apic_init(VP);
	/* INIT keeps the mode. */
	assert_true(apic_is_x2apic(VP));
	assert_reset(0x12345);
	assert_int_equal(apic_fake_read(VP, LAPIC_LDR), 0x1234 << 16 | 1 << 5);
}

/* A window that was open for what is gone must be looked at. */
static void test_reset_looks(void **state)
{
	(void)state;
	apic_raise(VP, 0x41);
	assert_int_equal(apic_next(VP, false).window, 0x41);
	apic_init(VP);
	assert_true(VP->apic.look);
	assert_int_equal(apic_next(VP, false).window, APIC_NONE);
	assert_false(VP->apic.look);
}

static void test_reset_takes_the_grant_back(void **state)
{
	(void)state;
	apic_raise(VP, 0x41);
	assert_int_equal(apic_next(VP, true).vector, 0x41);
	assert_true(apic_fake_granted(VP));
	apic_init(VP);
	assert_false(apic_fake_granted(VP));
}

/* Every MSR of the range: readable, writable with 0, writable with all 32 bits. */
static void test_x2apic_registers(void **state)
{
	static const struct {
		uint32_t reg;
		bool reads, writes;
		uint32_t defined; /* what can be written */
	} table[] = {
		{LAPIC_ID, true, false, 0},
		{LAPIC_VERSION, true, false, 0},
		{LAPIC_TPR, true, true, 0xff},
		{LAPIC_PPR, true, false, 0},
		{LAPIC_EOI, false, true, 0},
		{LAPIC_LDR, true, false, 0},
		{LAPIC_SVR, true, true, 0x3ff},
		{LAPIC_ESR, true, true, 0},
		{LAPIC_ICR_LOW, true, true, 0xccfff},
		{LAPIC_LVT_TIMER, true, true, 0x350ff},
		{LAPIC_LVT_THERMAL, true, true, 0x157ff},
		{LAPIC_LVT_PERFORMANCE, true, true, 0x157ff},
		{LAPIC_LVT_LINT0, true, true, 0x1f7ff},
		{LAPIC_LVT_LINT1, true, true, 0x1f7ff},
		{LAPIC_LVT_ERROR, true, true, 0x150ff},
		{LAPIC_INITIAL_COUNT, true, true, 0xffffffff},
		{LAPIC_CURRENT_COUNT, true, false, 0},
		{LAPIC_DIVIDE, true, true, 0xb},
		{LAPIC_SELF_IPI, false, true, 0xff},
	};

	(void)state;
	for (uint32_t msr = MSR_X2APIC_FIRST; msr <= MSR_X2APIC_LAST; msr++) {
		uint32_t reg = (msr - MSR_X2APIC_FIRST) * 16;
		bool reads = reg >= LAPIC_ISR && reg < LAPIC_ESR, writes = false;
		uint32_t defined = 0;

		for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
			if (table[i].reg != reg)
				continue;
			reads = table[i].reads;
			writes = table[i].writes;
			defined = table[i].defined;
		}
		assert_int_equal(msr_reads(reg), reads);
		assert_int_equal(msr_writes(reg, 0), writes);
		for (unsigned int bit = 0; bit < 32; bit++)
			assert_int_equal(msr_writes(reg, 1u << bit), writes && defined >> bit & 1);
		for (unsigned int bit = 32; bit < 64; bit++)
			assert_int_equal(msr_writes(reg, BIT(bit)), reg == LAPIC_ICR_LOW);
	}
}

static void test_msrs_need_x2apic_mode(void **state)
{
	(void)state;
	for (uint32_t reg = 0; reg < 0x1000; reg += 16) {
		assert_false(msr_reads(reg));
		assert_false(msr_writes(reg, 0));
	}
}

/* A refused write has changed nothing. */
static void test_refused_writes(void **state)
{
	(void)state;
	apic_fake_write(VP, LAPIC_TPR, 0x20);
	assert_false(msr_writes(LAPIC_TPR, 0x130));
	assert_int_equal(apic_fake_read(VP, LAPIC_TPR), 0x20);
	assert_false(msr_writes(LAPIC_SVR, 0x1000));
	assert_int_equal(apic_fake_read(VP, LAPIC_SVR), ENABLED_SVR);
	apic_raise(VP, 0x61);
	assert_int_equal(apic_next(VP, true).vector, 0x61);
	assert_false(msr_writes(LAPIC_EOI, 1));
	assert_true(apic_fake_bit(VP, LAPIC_ISR, 0x61));
	assert_false(msr_writes(LAPIC_SELF_IPI, 0x141));
	assert_false(apic_fake_bit(VP, LAPIC_IRR, 0x41));
	assert_false(msr_writes(LAPIC_ICR_LOW, LAPIC_ICR_SELF | LAPIC_ICR_BUSY | 0x41));
	assert_false(apic_fake_bit(VP, LAPIC_IRR, 0x41));
	assert_false(apic_write_tpr(VP, 0x100));
	assert_int_equal(VP->apic.tpr, 0x20);
	assert_true(apic_write_tpr(VP, 0xff));
	assert_int_equal(apic_fake_read(VP, LAPIC_TPR), 0xff);
}

/* What stays of bits that a register does not have. */
static void test_page_keeps_what_is_defined(void **state)
{
	static const struct {
		uint32_t reg, stays;
	} table[] = {
		{LAPIC_TPR, 0xff},
		{LAPIC_LDR, 0xff000000},
		{LAPIC_SVR, 0x3ff},
		{LAPIC_LVT_TIMER, 0x300ff},
		{LAPIC_LVT_THERMAL, 0x107ff},
		{LAPIC_LVT_PERFORMANCE, 0x107ff},
		{LAPIC_LVT_LINT0, 0x1a7ff},
		{LAPIC_LVT_LINT1, 0x1a7ff},
		{LAPIC_LVT_ERROR, 0x100ff},
		{LAPIC_INITIAL_COUNT, 0xffffffff},
		{LAPIC_DIVIDE, 0xb},
		{LAPIC_ICR_HIGH, 0xff000000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		apic_write_page(VP, table[i].reg, 4, 0xffffffff);
		assert_int_equal(page(table[i].reg), table[i].stays);
	}
	/* Reserved bits of DFR are ones. */
	apic_write_page(VP, LAPIC_DFR, 4, 0);
	assert_int_equal(page(LAPIC_DFR), 0x0fffffff);
	apic_write_page(VP, LAPIC_ICR_LOW, 4, 0xfff33000 | 0x41 | (uint32_t)LAPIC_ICR_SELF);
	assert_int_equal(page(LAPIC_ICR_LOW), 0x40041);
	assert_int_equal(errors(), 0);
}

static void test_read_only(void **state)
{
	static const uint32_t registers[] = {LAPIC_ID,           LAPIC_VERSION, LAPIC_PPR,
					     LAPIC_ISR,          LAPIC_TMR,     LAPIC_IRR + 0x70,
					     LAPIC_CURRENT_COUNT};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(registers); i++) {
		uint32_t before = page(registers[i]);

		apic_write_page(VP, registers[i], 4, ~before);
		assert_int_equal(page(registers[i]), before);
	}
	assert_int_equal(page(LAPIC_EOI), 0);
	assert_int_equal(errors(), 0);
}

static void test_reserved_offsets(void **state)
{
	static const uint32_t offsets[] = {0x000,          RESERVED_OFFSET, 0x2f0,
					   LAPIC_SELF_IPI, 0x400,           0xff0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		assert_int_equal(page(offsets[i]), 0);
		assert_int_equal(errors(), APIC_ERROR_ILLEGAL_REGISTER);
		apic_write_page(VP, offsets[i], 4, 0x41);
		assert_int_equal(errors(), APIC_ERROR_ILLEGAL_REGISTER);
	}
	assert_int_equal(errors(), 0);
}

static void test_access_sizes(void **state)
{
	(void)state;
	apic_write_page(VP, LAPIC_LDR, 4, 0x5a000000);
	assert_int_equal(apic_read_page(VP, LAPIC_LDR + 3, 1), 0x5a);
	assert_int_equal(apic_read_page(VP, LAPIC_LDR, 1), 0);
	assert_int_equal(apic_read_page(VP, LAPIC_LDR + 2, 2), 0x5a00);
	assert_int_equal(apic_read_page(VP, LAPIC_LDR + 1, 2), 0);
	assert_int_equal(apic_read_page(VP, LAPIC_SVR, 2), ENABLED_SVR);
	/* Beyond the four bytes of a register there is nothing. */
	for (unsigned int size = 1; size <= 8; size++)
		for (uint32_t within = 0; within < 16; within++)
			if (within + size > 4)
				assert_int_equal(apic_read_page(VP, LAPIC_LDR + within, size), 0);
	/* Only whole registers can be written. */
	for (unsigned int size = 1; size <= 8; size *= 2)
		for (uint32_t within = 0; within < 16; within++)
			if (size != 4 || within != 0)
				apic_write_page(VP, LAPIC_LDR + within, size, UINT64_MAX);
	assert_int_equal(page(LAPIC_LDR), 0x5a000000);
	/* Up to the last byte of the page. */
	apic_read_page(VP, 0xfff, 8);
	apic_write_page(VP, 0xfff, 8, 0);
}

static void test_modes(void **state)
{
	const uint64_t off = FAKE_APIC_BASE | APIC_BASE_BSP, on = off | APIC_BASE_ENABLE,
		       extended = on | APIC_BASE_X2APIC;

	(void)state;
	assert_true(VP->apic.base == on);
	assert_true(apic_write_base(VP, on));
	assert_false(apic_write_base(VP, off | APIC_BASE_X2APIC));
	/* It neither moves, nor becomes another processor's. */
	assert_false(apic_write_base(VP, on + PAGE_SIZE));
	assert_false(apic_write_base(VP, on & ~APIC_BASE_BSP));
	assert_false(apic_write_base(VP, on | 1));
	assert_false(apic_write_base(VP, on | BIT(60)));
	assert_true(apic_enabled(VP) && !apic_is_x2apic(VP));

	assert_true(apic_write_base(VP, extended));
	assert_true(apic_enabled(VP) && apic_is_x2apic(VP));
	assert_true(apic_write_base(VP, extended));
	assert_false(apic_write_base(VP, on));
	assert_false(apic_write_base(VP, off | APIC_BASE_X2APIC));
	assert_true(apic_write_base(VP, off));
	assert_false(apic_enabled(VP) || apic_is_x2apic(VP));

	assert_false(apic_write_base(VP, extended));
	assert_true(apic_write_base(VP, on));
	fake.has_x2apic = false;
	assert_false(apic_write_base(VP, extended));
	assert_true(VP->apic.base == on);
}

/* What survives: everything on the way to x2APIC mode, nothing on the way off. */
static void test_mode_changes_keep(void **state)
{
	(void)state;
	apic_write_page(VP, LAPIC_TPR, 4, 0x33);
	apic_write_page(VP, LAPIC_LVT_LINT0, 4, 0x10700);
	apic_write_page(VP, LAPIC_ICR_HIGH, 4, 0x12000000);
	apic_raise(VP, 0x91);
	fake.lvt_resets = 0;
	assert_true(apic_write_base(VP, VP->apic.base | APIC_BASE_X2APIC));
	assert_int_equal(fake.lvt_resets, 0);
	assert_int_equal(apic_fake_read(VP, LAPIC_TPR), 0x33);
	assert_int_equal(apic_fake_read(VP, LAPIC_LVT_LINT0), 0x10700);
	assert_true(apic_read_icr(VP) >> 32 == 0);
	assert_true(apic_fake_bit(VP, LAPIC_IRR, 0x91));
	assert_true(apic_write_base(VP, FAKE_APIC_BASE | APIC_BASE_BSP));
	assert_int_equal(fake.lvt_resets, 1);
	apic_raise(VP, 0x92);
	assert_int_equal(apic_next(VP, true).vector, APIC_NONE);
	assert_true(apic_write_base(VP, FAKE_APIC_BASE | APIC_BASE_BSP | APIC_BASE_ENABLE));
	assert_reset(0);
}

static void test_icr_msr(void **state)
{
	(void)state;
	/* HV_X64_MSR_ICR in xAPIC mode has the destination in its upper eight bits. */
	assert_true(apic_write_icr(VP, 0x01ffffff00000041));
	assert_int_equal(page(LAPIC_ICR_HIGH), 0x01000000);
	assert_int_equal(page(LAPIC_ICR_LOW), 0x41);
	assert_true(apic_fake_bit(&fake.vp[1], LAPIC_IRR, 0x41));
	assert_true(apic_read_icr(VP) == 0x0100000000000041);
	assert_false(apic_write_icr(VP, 0x0100000000001042));
	assert_false(apic_fake_bit(&fake.vp[1], LAPIC_IRR, 0x42));
}

static void test_icr_msr_x2apic(void **state)
{
	(void)state;
	assert_true(apic_write_icr(VP, 0x0000000100000041));
	assert_true(apic_fake_bit(&fake.vp[1], LAPIC_IRR, 0x41));
	assert_true(apic_read_icr(VP) == 0x0000000100000041);
}

/* Software disable masks the table, drops what comes, keeps what is there. */
static void test_software_disable(void **state)
{
	(void)state;
	apic_fake_write(VP, LAPIC_LVT_LINT1, 0x400);
	apic_fake_write(VP, LAPIC_LVT_ERROR, 0xfe);
	apic_raise(VP, 0x41);
	apic_fake_requests(VP);
	memset(fake.lvt_changes, 0, sizeof(fake.lvt_changes));
	apic_fake_write(VP, LAPIC_SVR, 0xff);
	for (size_t i = 0; i < ARRAY_SIZE(lvts); i++)
		assert_true(apic_fake_read(VP, lvts[i]) & LAPIC_LVT_MASKED);
	assert_int_equal(fake.lvt_changes[APIC_LVT_LINT1], 1);
	assert_int_equal(fake.lvt[APIC_LVT_LINT1], 0x10400);
	apic_raise(VP, 0x51);
	assert_false(apic_raise_level(VP, 0x52));
	assert_int_equal(apic_fake_requests(VP), 0);
	/* Entries stay masked whatever is written. */
	for (size_t i = 0; i < ARRAY_SIZE(lvts); i++) {
		apic_fake_write(VP, lvts[i], 0x40);
		assert_int_equal(apic_fake_read(VP, lvts[i]), 0x10040);
	}
	/* What had been accepted is still taken. */
	assert_int_equal(apic_next(VP, true).vector, 0x41);
	fake.enables = 0;
	apic_fake_write(VP, LAPIC_SVR, ENABLED_SVR);
	apic_fake_write(VP, LAPIC_SVR, ENABLED_SVR - 1);
	assert_int_equal(fake.enables, 1);
	assert_true(apic_fake_read(VP, LAPIC_LVT_LINT1) & LAPIC_LVT_MASKED);
	assert_true(apic_raise_level(VP, 0x52));
}

static void test_lvt_is_told(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < APIC_LVT_COUNT; i++) {
		apic_fake_write(VP, lvts[i], 0x45);
		/* The timer's source is here. */
		assert_int_equal(fake.lvt_changes[i], i != APIC_LVT_TIMER);
	}
}

static void test_errors(void **state)
{
	const uint32_t bad_ipi = (uint32_t)LAPIC_ICR_SELF | 15;

	(void)state;
	apic_fake_write(VP, LAPIC_LVT_ERROR, 0xfe);
	apic_fake_send(VP, bad_ipi, 0);
	assert_true(apic_fake_bit(VP, LAPIC_IRR, 0xfe));
	assert_int_equal(apic_fake_read(VP, LAPIC_ESR), 0);
	assert_int_equal(errors(), APIC_ERROR_SEND_ILLEGAL_VECTOR);
	/* Still there until the next write, which finds none. */
	assert_int_equal(apic_fake_read(VP, LAPIC_ESR), APIC_ERROR_SEND_ILLEGAL_VECTOR);
	assert_int_equal(errors(), 0);
	/* Masked, it is only noted. */
	assert_int_equal(apic_next(VP, true).vector, 0xfe);
	apic_fake_write(VP, LAPIC_LVT_ERROR, 0x100fe);
	apic_fake_send(VP, bad_ipi, 0);
	assert_false(apic_fake_bit(VP, LAPIC_IRR, 0xfe));
	assert_int_equal(errors(), APIC_ERROR_SEND_ILLEGAL_VECTOR);
	/* An illegal vector of its own is one more error, and no end of them. */
	apic_fake_write(VP, LAPIC_LVT_ERROR, 15);
	apic_fake_send(VP, bad_ipi, 0);
	assert_int_equal(errors(),
			 APIC_ERROR_SEND_ILLEGAL_VECTOR | APIC_ERROR_RECEIVE_ILLEGAL_VECTOR);
	assert_false(apic_fake_bit(VP, LAPIC_IRR, 15));
}

static void test_illegal_timer_vector(void **state)
{
	(void)state;
	apic_fake_write(VP, LAPIC_LVT_ERROR, 0xfe);
	apic_fake_write(VP, LAPIC_LVT_TIMER, 14);
	apic_fake_write(VP, LAPIC_INITIAL_COUNT, 1);
	fake.time += 10;
	apic_timer_expire(VP, fake.time);
	assert_false(apic_fake_bit(VP, LAPIC_IRR, 14));
	assert_true(apic_fake_bit(VP, LAPIC_IRR, 0xfe));
	assert_int_equal(errors(), APIC_ERROR_RECEIVE_ILLEGAL_VECTOR);
}

/* The same in both modes. */
#define BOTH(test)                                                \
	{#test " (xAPIC)", test, setup_xapic, NULL, NULL},        \
	{                                                         \
#test " (x2APIC)", test, setup_x2apic, NULL, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reset_xapic),
		cmocka_unit_test(test_reset_x2apic),
		BOTH(test_reset_looks),
		BOTH(test_reset_takes_the_grant_back),
		cmocka_unit_test_setup(test_x2apic_registers, setup_x2apic),
		cmocka_unit_test_setup(test_msrs_need_x2apic_mode, setup_xapic),
		cmocka_unit_test_setup(test_refused_writes, setup_x2apic),
		cmocka_unit_test_setup(test_page_keeps_what_is_defined, setup_xapic),
		cmocka_unit_test_setup(test_read_only, setup_xapic),
		cmocka_unit_test_setup(test_reserved_offsets, setup_xapic),
		cmocka_unit_test_setup(test_access_sizes, setup_xapic),
		cmocka_unit_test_setup(test_modes, setup_xapic),
		cmocka_unit_test_setup(test_mode_changes_keep, setup_xapic),
		cmocka_unit_test_setup(test_icr_msr, setup_xapic),
		cmocka_unit_test_setup(test_icr_msr_x2apic, setup_x2apic),
		BOTH(test_software_disable),
		BOTH(test_lvt_is_told),
		BOTH(test_errors),
		BOTH(test_illegal_timer_vector),
	};

	return cmocka_run_group_tests_name("APIC registers", tests, NULL, NULL);
}

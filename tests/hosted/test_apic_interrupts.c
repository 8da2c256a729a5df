// SPDX-License-Identifier: Apache-2.0
/* Requests, priorities, service and its end, with and without EOI; and all of it against a model.
 */
#include "test.h"

#include "apic_fake.h"

#define VP (&fake.vp[0])

static int setup(void **state)
{
	(void)state;
	apic_fake_reset(true, NULL);
	return 0;
}

static int take(void)
{
	return apic_next(VP, true).vector;
}

static int window(bool open)
{
	return apic_next(VP, open).window;
}

static bool in_service(unsigned int vector)
{
	return apic_fake_bit(VP, LAPIC_ISR, vector);
}

static bool requested(unsigned int vector)
{
	return apic_fake_bit(VP, LAPIC_IRR, vector);
}

static void set_tpr(uint32_t tpr)
{
	apic_fake_write(VP, LAPIC_TPR, tpr);
}

static uint32_t ppr(void)
{
	return apic_fake_read(VP, LAPIC_PPR);
}

/* End it as a kernel does: without the register if it may. */
static void end(void)
{
	if (!apic_fake_take_grant(VP))
		apic_eoi(VP);
}

static void test_every_vector(void **state)
{
	(void)state;
	for (unsigned int vector = APIC_VECTOR_MIN; vector < 256; vector++) {
		apic_raise(VP, (uint8_t)vector);
		assert_int_equal(apic_fake_requests(VP), VP_REQUEST_INTERRUPT);
		assert_true(requested(vector));
		assert_false(in_service(vector));
		assert_int_equal(take(), vector);
		assert_false(requested(vector));
		assert_true(in_service(vector));
		assert_int_equal(ppr(), vector & 0xf0);
		apic_eoi(VP);
		assert_false(in_service(vector));
		assert_int_equal(fake.ended[vector], 1);
		assert_int_equal(fake.ended_here[vector], 1);
	}
}

static void test_once(void **state)
{
	(void)state;
	apic_raise(VP, 0x41);
	apic_raise(VP, 0x41);
	assert_int_equal(take(), 0x41);
	assert_int_equal(take(), APIC_NONE);
	/* One more may wait while it is in service. */
	apic_raise(VP, 0x41);
	apic_raise(VP, 0x41);
	assert_int_equal(take(), APIC_NONE);
	apic_eoi(VP);
	assert_int_equal(take(), 0x41);
	apic_eoi(VP);
	assert_int_equal(take(), APIC_NONE);
}

static void test_order(void **state)
{
	static const uint8_t order[] = {0xf1, 0xf0, 0x80, 0x7f, 0x41, 0x40, 0x10};

	(void)state;
	for (size_t i = ARRAY_SIZE(order); i-- > 0;)
		apic_raise(VP, order[i]);
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		assert_int_equal(take(), order[i]);
		/* Nothing of its class or below comes until it has ended. */
		assert_int_equal(take(), APIC_NONE);
		apic_eoi(VP);
	}
	assert_int_equal(take(), APIC_NONE);
	/* Nothing in service: an EOI does nothing. */
	apic_eoi(VP);
}

static void test_nesting(void **state)
{
	(void)state;
	apic_raise(VP, 0x41);
	assert_int_equal(take(), 0x41);
	apic_raise(VP, 0x4f);
	assert_int_equal(take(), APIC_NONE); /* the same class */
	apic_raise(VP, 0x50);
	assert_int_equal(take(), 0x50);
	apic_raise(VP, 0x91);
	assert_int_equal(take(), 0x91);
	assert_int_equal(ppr(), 0x90);
	/* An EOI is of the highest in service. */
	apic_eoi(VP);
	assert_true(in_service(0x50) && in_service(0x41) && !in_service(0x91));
	assert_int_equal(ppr(), 0x50);
	apic_eoi(VP);
	assert_int_equal(take(), APIC_NONE);
	apic_eoi(VP);
	assert_int_equal(take(), 0x4f);
}

static void test_priorities(void **state)
{
	(void)state;
	apic_raise(VP, 0x55);
	for (uint32_t tpr = 0; tpr < 256; tpr += 5) {
		set_tpr(tpr);
		assert_int_equal(ppr(), tpr);
		assert_int_equal(apic_has_interrupt(VP), tpr >> 4 < 5);
		assert_int_equal(apic_next(VP, false).vector, APIC_NONE);
	}
	set_tpr(0x50);
	assert_int_equal(window(true), 0x55);
	assert_true(requested(0x55));
	set_tpr(0x4f);
	assert_int_equal(take(), 0x55);
	/* Of what is in service and of TPR, the higher one. */
	assert_int_equal(ppr(), 0x50);
	set_tpr(0x61);
	assert_int_equal(ppr(), 0x61);
	set_tpr(0x4f);
	assert_int_equal(ppr(), 0x50);
	apic_eoi(VP);
	assert_int_equal(ppr(), 0x4f);
}

static void test_windows(void **state)
{
	struct apic_next next;

	(void)state;
	next = apic_next(VP, true);
	assert_int_equal(next.vector, APIC_NONE);
	assert_int_equal(next.window, APIC_NONE);
	assert_false(VP->apic.look);
	apic_raise(VP, 0x41);
	assert_true(VP->apic.look);
	assert_int_equal(window(false), 0x41);
	assert_true(VP->apic.look);
	/* For the highest that waits. */
	apic_raise(VP, 0x61);
	assert_int_equal(window(false), 0x61);
	assert_int_equal(take(), 0x61);
	/* What its service holds back waits for its end, not for a window. */
	assert_int_equal(window(false), APIC_NONE);
	assert_false(VP->apic.look);
	apic_eoi(VP);
	assert_true(VP->apic.look);
	assert_int_equal(window(false), 0x41);
	/* A lower TPR lets it be looked at again. */
	set_tpr(0xf0);
	assert_int_equal(window(true), 0x41);
	VP->apic.look = false;
	set_tpr(0);
	assert_true(VP->apic.look);
}

/* What did not go in waits again, and holds back nobody. */
static void test_return(void **state)
{
	struct apic_next next;

	(void)state;
	apic_raise(VP, 0x41);
	next = apic_next(VP, true);
	assert_int_equal(next.vector, 0x41);
	assert_true(next.returnable);
	assert_true(apic_fake_granted(VP));
	apic_return(VP, 0x41);
	assert_false(apic_fake_granted(VP));
	assert_int_equal(ppr(), 0);
	assert_true(VP->apic.look);
	apic_raise(VP, 0x61);
	assert_int_equal(take(), 0x61);
	assert_int_equal(ppr(), 0x60);
	apic_eoi(VP);
	assert_int_equal(take(), 0x41);
	/* The same again meanwhile is one. */
	apic_raise(VP, 0x41);
	apic_return(VP, 0x41);
	assert_int_equal(take(), 0x41);
	apic_eoi(VP);
	assert_int_equal(take(), APIC_NONE);
	/* In the end each was served once. */
	assert_int_equal(fake.ended[0x41], 1);
	assert_int_equal(fake.ended[0x61], 1);
}

static void test_extint(void **state)
{
	struct apic_next next;

	(void)state;
	fake.extint = 8; /* any vector: it is between the 8259 and the VP */
	VP->apic.extint_pending = true;
	apic_raise(VP, 0x41);
	assert_true(apic_has_interrupt(VP));
	set_tpr(0xff);
	assert_true(apic_has_interrupt(VP));
	assert_int_equal(window(false), APIC_WINDOW_EXTINT);
	assert_true(VP->apic.extint_pending);
	next = apic_next(VP, true);
	assert_int_equal(next.vector, 8);
	assert_false(next.returnable);
	assert_int_equal(next.window, APIC_NONE);
	assert_false(VP->apic.extint_pending);
	/* It is in no service, so what waited is next. */
	assert_true(VP->apic.look);
	assert_int_equal(ppr(), 0xff);
	set_tpr(0);
	assert_int_equal(take(), 0x41);
	assert_false(apic_has_interrupt(VP));
}

static void test_extint_withdrawn(void **state)
{
	(void)state;
	VP->apic.extint_pending = true;
	apic_raise(VP, 0x41);
	assert_int_equal(take(), 0x41);
	VP->apic.extint_pending = true;
	assert_int_equal(take(), APIC_NONE);
	assert_false(VP->apic.extint_pending);
}

/* An 8259 cares neither for what is in service. */
static void test_extint_in_service(void **state)
{
	(void)state;
	apic_raise(VP, 0xf1);
	assert_int_equal(take(), 0xf1);
	VP->apic.extint_pending = true;
	fake.extint = 0x30;
	assert_int_equal(take(), 0x30);
	assert_true(in_service(0xf1));
}

static void test_trigger_modes(void **state)
{
	(void)state;
	assert_true(apic_raise_level(VP, 0x41));
	assert_true(apic_fake_bit(VP, LAPIC_TMR, 0x41));
	assert_int_equal(take(), 0x41);
	assert_true(apic_fake_bit(VP, LAPIC_TMR, 0x41));
	assert_false(apic_fake_granted(VP));
	/* An edge with its vector does not make its end go unheard. */
	apic_raise(VP, 0x41);
	assert_false(apic_fake_bit(VP, LAPIC_TMR, 0x41));
	apic_eoi(VP);
	assert_int_equal(fake.ended_here[0x41], 1);
	assert_int_equal(take(), 0x41);
	apic_eoi(VP);
	assert_int_equal(fake.ended_here[0x41], 2);
}

static void test_auto_eoi(void **state)
{
	(void)state;
	fake.auto_eoi[0x41] = true;
	apic_raise(VP, 0x41);
	assert_int_equal(take(), 0x41);
	assert_false(in_service(0x41));
	assert_false(apic_fake_granted(VP));
	/* A level that has the vector as well is not left in service. */
	assert_int_equal(fake.ended_here[0x41], 1);
	assert_int_equal(fake.ended[0x41], 0);
	apic_raise(VP, 0x41);
	assert_int_equal(take(), 0x41);
}

/* EOI assist */

static void test_grant(void **state)
{
	(void)state;
	apic_raise(VP, 0x41);
	assert_int_equal(take(), 0x41);
	assert_true(apic_fake_granted(VP));
	assert_true(apic_fake_take_grant(VP));
	/* It is heard of when somebody looks. */
	assert_int_equal(fake.ended[0x41], 0);
	assert_false(in_service(0x41));
	assert_int_equal(fake.ended[0x41], 1);
	assert_int_equal(ppr(), 0);
	assert_int_equal(fake.ended[0x41], 1);
	/* The processor priority tells as well. */
	apic_raise(VP, 0x41);
	assert_int_equal(take(), 0x41);
	assert_int_equal(ppr(), 0x40);
	assert_true(apic_fake_take_grant(VP));
	assert_int_equal(ppr(), 0);
}

static void test_grant_not_used(void **state)
{
	(void)state;
	/* A kernel that does not know of it, or has it in use for one that it did not get so. */
	apic_raise(VP, 0x41);
	assert_int_equal(take(), 0x41);
	apic_eoi(VP);
	assert_false(apic_fake_granted(VP));
	assert_false(in_service(0x41));
	assert_int_equal(fake.ended[0x41], 1);
	apic_eoi(VP);
	assert_int_equal(fake.ended[0x41], 1);
}

static void test_no_grant(void **state)
{
	(void)state;
	/* Level-triggered. */
	apic_raise_level(VP, 0x41);
	assert_int_equal(take(), 0x41);
	assert_false(apic_fake_granted(VP));
	apic_eoi(VP);
	/* A message waits for the end. */
	fake.eoi_needed[0x41] = true;
	apic_raise(VP, 0x41);
	assert_int_equal(take(), 0x41);
	assert_false(apic_fake_granted(VP));
	apic_eoi(VP);
	fake.eoi_needed[0x41] = false;
	/* Something lower waits for the end. */
	apic_raise(VP, 0x31);
	apic_raise(VP, 0x41);
	assert_int_equal(take(), 0x41);
	assert_false(apic_fake_granted(VP));
	apic_eoi(VP);
	assert_int_equal(take(), 0x31);
	assert_true(apic_fake_granted(VP));
	end();
	/* No page. */
	apic_withdraw_grant(VP);
	VP->vp_assist_msr &= ~HV_X64_MSR_VP_ASSIST_PAGE_ENABLE;
	apic_raise(VP, 0x41);
	assert_int_equal(take(), 0x41);
	assert_false(apic_fake_granted(VP));
	assert_true(in_service(0x41));
	apic_eoi(VP);
	assert_false(in_service(0x41));
}

/* A request behind a granted one: the end is to be heard of, if it is still to come. */
static void test_grant_withdrawn(void **state)
{
	(void)state;
	for (unsigned int ended = 0; ended < 2; ended++) {
		apic_raise(VP, 0x41);
		assert_int_equal(take(), 0x41);
		assert_true(apic_fake_granted(VP));
		if (ended)
			assert_true(apic_fake_take_grant(VP));
		apic_raise(VP, 0x31);
		if (ended) {
			assert_int_equal(take(), 0x31);
			assert_true(in_service(0x31) && !in_service(0x41));
			end();
			continue;
		}
		assert_int_equal(take(), APIC_NONE);
		assert_false(apic_fake_granted(VP));
		assert_true(in_service(0x41));
		end();
		assert_int_equal(take(), 0x31);
		end();
	}
	assert_false(in_service(0x31) || in_service(0x41));
	assert_int_equal(fake.ended[0x41], 2);
	assert_int_equal(fake.ended[0x31], 2);
}

/* One within another: whatever either may do without, all ends are heard of, in their order. */
static void test_grant_nested(void **state)
{
	(void)state;
	apic_raise(VP, 0x41);
	assert_int_equal(take(), 0x41);
	apic_raise(VP, 0x61);
	assert_int_equal(take(), 0x61);
	assert_true(apic_fake_granted(VP)); /* this one's */
	assert_true(apic_fake_take_grant(VP));
	assert_true(in_service(0x41) && !in_service(0x61));
	end(); /* needs the register: the grant was taken back */
	assert_false(in_service(0x41));

	/* The outer one ends by the register before anybody heard of the inner one's end. */
	apic_raise(VP, 0x41);
	assert_int_equal(take(), 0x41);
	apic_raise(VP, 0x61);
	assert_int_equal(take(), 0x61);
	assert_true(apic_fake_take_grant(VP));
	apic_eoi(VP);
	assert_false(in_service(0x41) || in_service(0x61));
	assert_int_equal(fake.ended[0x61], 2);
	assert_int_equal(fake.ended[0x41], 2);
}

static void test_assist_page_disabled(void **state)
{
	(void)state;
	for (unsigned int used = 0; used < 2; used++) {
		apic_raise(VP, 0x41);
		assert_int_equal(take(), 0x41);
		if (used)
			apic_fake_take_grant(VP);
		/* What a write of the register does first. */
		apic_withdraw_grant(VP);
		VP->vp_assist_msr &= ~HV_X64_MSR_VP_ASSIST_PAGE_ENABLE;
		assert_false(apic_fake_granted(VP));
		assert_int_equal(in_service(0x41), !used);
		if (!used)
			apic_eoi(VP);
		assert_int_equal(fake.ended[0x41], used + 1);
		VP->vp_assist_msr |= HV_X64_MSR_VP_ASSIST_PAGE_ENABLE;
	}
}

/* The VP may set the bit that it is to clear. */
static void test_forged_grant(void **state)
{
	(void)state;
	fake.assist[0].apic_assist = UINT32_MAX;
	apic_raise_level(VP, 0x41);
	assert_int_equal(take(), 0x41);
	fake.assist[0].apic_assist = UINT32_MAX;
	apic_fake_take_grant(VP);
	assert_true(in_service(0x41));
	apic_eoi(VP);
	assert_false(in_service(0x41));
	/* The other bits of the word are not ours. */
	fake.assist[0].apic_assist = ~(uint32_t)HV_VP_ASSIST_NO_EOI_REQUIRED;
	apic_raise(VP, 0x41);
	assert_int_equal(take(), 0x41);
	assert_int_equal(fake.assist[0].apic_assist, UINT32_MAX);
	apic_eoi(VP);
	assert_int_equal(fake.assist[0].apic_assist, ~(uint32_t)HV_VP_ASSIST_NO_EOI_REQUIRED);
}

/* A model of a VP and its APIC: which vectors wait, the stack of those in service, what the page
 * says. */
static struct {
	bool waits[256], level[256];
	uint8_t stack[16]; /* at most one of each class */
	unsigned int depth;
	uint32_t tpr;
} model;

static int model_next(bool open)
{
	for (int v = 255; v >= 16; v--) {
		if (!model.waits[v])
			continue;
		if (!open || (uint32_t)v >> 4 <= model.tpr >> 4 ||
		    (model.depth > 0 && v >> 4 <= model.stack[model.depth - 1] >> 4))
			return APIC_NONE;
		return v;
	}
	return APIC_NONE;
}

static bool model_waits(void)
{
	for (unsigned int v = 16; v < 256; v++)
		if (model.waits[v])
			return true;
	return false;
}

static void model_take(bool open)
{
	int expected = model_next(open);

	assert_int_equal(apic_has_interrupt(VP), model_next(true) != APIC_NONE);
	assert_int_equal(apic_next(VP, open).vector, expected);
	if (expected == APIC_NONE)
		return;
	model.waits[expected] = false;
	model.stack[model.depth++] = (uint8_t)expected;
	assert_int_equal(apic_fake_granted(VP), !model.level[expected] && !model_waits());
}

static void model_end(void)
{
	unsigned int ends = fake.ended[model.depth > 0 ? model.stack[model.depth - 1] : 0];

	if (model.depth == 0)
		return;
	end();
	/* Read it, or let it be found out later. */
	if (rand() & 1) {
		assert_false(in_service(model.stack[model.depth - 1]));
		assert_int_equal(fake.ended[model.stack[model.depth - 1]], ends + 1);
	}
	model.depth--;
}

static void model_compare(void)
{
	uint32_t expected = model.tpr;

	if (model.depth > 0 && (model.stack[model.depth - 1] & 0xf0u) >= (model.tpr & 0xf0))
		expected = model.stack[model.depth - 1] & 0xf0u;
	assert_int_equal(ppr(), expected);
	for (uint32_t word = 0; word < 8; word++) {
		uint32_t irr = 0, isr = 0;

		for (unsigned int bit = 0; bit < 32; bit++)
			irr |= (uint32_t)model.waits[word * 32 + bit] << bit;
		for (unsigned int i = 0; i < model.depth; i++)
			if (model.stack[i] / 32u == word)
				isr |= 1u << model.stack[i] % 32;
		assert_int_equal(apic_fake_read(VP, LAPIC_IRR + word * 16), irr);
		assert_int_equal(apic_fake_read(VP, LAPIC_ISR + word * 16), isr);
	}
}

static void test_model(void **state)
{
	(void)state;
	memset(&model, 0, sizeof(model));
	srand(1);
	for (unsigned int i = 0; i < 1000000; i++) {
		unsigned int vector = 16 + (unsigned int)rand() % 240;
		bool level = rand() % 4 == 0;

		switch (rand() % 6) {
		case 0:
			/* So few that there is often nothing behind one. */
			vector = rand() % 2 ? vector : 0x40 + vector % 4 * 16;
			/* The model does not change how one in service was triggered. */
			level = model.depth > 0 && model.stack[model.depth - 1] == vector
					? model.level[vector]
					: level;
			if (level)
				assert_true(apic_raise_level(VP, (uint8_t)vector));
			else
				apic_raise(VP, (uint8_t)vector);
			model.waits[vector] = true;
			model.level[vector] = level;
			break;
		case 1:
			model.tpr = rand() % 4 ? 0 : (uint32_t)rand() & 0xff;
			set_tpr(model.tpr);
			break;
		case 2:
			model_take(rand() % 4 != 0);
			break;
		case 3:
			if (i % 64 == 3)
				model_compare();
			break;
		default:
			model_end();
			break;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_every_vector, setup),
		cmocka_unit_test_setup(test_once, setup),
		cmocka_unit_test_setup(test_order, setup),
		cmocka_unit_test_setup(test_nesting, setup),
		cmocka_unit_test_setup(test_priorities, setup),
		cmocka_unit_test_setup(test_windows, setup),
		cmocka_unit_test_setup(test_return, setup),
		cmocka_unit_test_setup(test_extint, setup),
		cmocka_unit_test_setup(test_extint_withdrawn, setup),
		cmocka_unit_test_setup(test_extint_in_service, setup),
		cmocka_unit_test_setup(test_trigger_modes, setup),
		cmocka_unit_test_setup(test_auto_eoi, setup),
		cmocka_unit_test_setup(test_grant, setup),
		cmocka_unit_test_setup(test_grant_not_used, setup),
		cmocka_unit_test_setup(test_no_grant, setup),
		cmocka_unit_test_setup(test_grant_withdrawn, setup),
		cmocka_unit_test_setup(test_grant_nested, setup),
		cmocka_unit_test_setup(test_assist_page_disabled, setup),
		cmocka_unit_test_setup(test_forged_grant, setup),
		cmocka_unit_test_setup(test_model, setup),
	};

	return cmocka_run_group_tests_name("APIC interrupts", tests, NULL, NULL);
}

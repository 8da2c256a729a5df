// SPDX-License-Identifier: Apache-2.0
/* The forms of an XSAVE image, with the components of the processor that the test runs on. */
#include "test.h"

#include "x86/cpu.h"
#include "x86/features.h"
#include "x86/xsave_image.h"
#include "x86/xstate.h"

#define LEGACY    (XSTATE_X87 | XSTATE_SSE)
#define COMPACTED (1ull << 63)

static uint8_t standard[PAGE_SIZE], image[PAGE_SIZE], again[PAGE_SIZE];

/* Components of this processor that fit into a page, the legacy ones included. */
static uint64_t components(void)
{
	uint64_t states = features_xsave_states(0);

	for (uint32_t i = 2; i < 63; i++) {
		struct cpuid_regs r;

		if (!(states & 1ull << i))
			continue;
		r = cpuid(0xd, i);
		if (r.ebx + r.eax > PAGE_SIZE)
			states &= ~(1ull << i);
	}
	return states;
}

static void set64(uint8_t *at, uint64_t value)
{
	memcpy(at, &value, sizeof(value));
}

static uint64_t get64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* A standard image with all of `states` in use, no byte like the next. */
static void make_standard(uint64_t states)
{
	const uint32_t mxcsr = XSTATE_MXCSR_RESET;

	for (size_t i = 0; i < sizeof(standard); i++)
		standard[i] = (uint8_t)(i * 7 + i / 256 + 1);
	memset(standard + XSTATE_BV, 0, XSTATE_HEADER_SIZE);
	set64(standard + XSTATE_BV, states);
	memcpy(standard + XSTATE_MXCSR, &mxcsr, sizeof(mxcsr));
}

static void test_round_trip(void **unused)
{
	uint64_t states = components();
	uint32_t size = features_xsave_size(states);

	(void)unused;
	make_standard(states);
	memset(image, 0xee, sizeof(image));
	xsave_compact(image, standard, states);
	assert_true(get64(image + XSTATE_BV) == states);
	assert_true(get64(image + XSTATE_BV + 8) == (states | COMPACTED));
	for (uint32_t i = size; i < sizeof(image); i++)
		assert_int_equal(image[i], 0xee);

	memset(again, 0, sizeof(again));
	assert_true(xsave_expand(again, image, states));
	assert_memory_equal(again, standard, XSTATE_LEGACY_SIZE + XSTATE_HEADER_SIZE);
	for (uint32_t i = 2; i < 63; i++)
		if (states & 1ull << i)
			assert_memory_equal(again + cpuid(0xd, i).ebx, standard + cpuid(0xd, i).ebx,
					    cpuid(0xd, i).eax);
}

/* Components that are as after reset stay so, whatever is left in their place. */
static void test_unused_components(void **unused)
{
	uint64_t states = components();

	(void)unused;
	make_standard(LEGACY);
	memset(image, 0xee, sizeof(image));
	xsave_compact(image, standard, states);
	assert_true(get64(image + XSTATE_BV) == LEGACY);
	for (uint32_t i = XSTATE_LEGACY_SIZE + XSTATE_HEADER_SIZE; i < features_xsave_size(states);
	     i++)
		assert_true(image[i] == 0 || image[i] == 0xee);

	make_standard(states);
	assert_true(xsave_expand(standard, image, states));
	assert_true(get64(standard + XSTATE_BV) == LEGACY);
	assert_true(get64(standard + XSTATE_BV + 8) == 0);
}

static void refuse(uint64_t allowed)
{
	memcpy(again, standard, sizeof(again));
	assert_false(xsave_expand(again, image, allowed));
	assert_memory_equal(again, standard, sizeof(again));
}

static void test_refusals(void **unused)
{
	(void)unused;
	make_standard(LEGACY);
	xsave_compact(image, standard, LEGACY);
	assert_true(xsave_expand(again, image, LEGACY));

	set64(image + XSTATE_BV + 8, LEGACY); /* the standard form */
	refuse(LEGACY);
	set64(image + XSTATE_BV + 8, LEGACY | COMPACTED | 1ull << 9); /* more than allowed */
	refuse(LEGACY);
	set64(image + XSTATE_BV + 8, XSTATE_X87 | COMPACTED); /* in use without a place */
	refuse(LEGACY);
	set64(image + XSTATE_BV + 8, LEGACY | COMPACTED);
	for (unsigned int i = 16; i < XSTATE_HEADER_SIZE; i += 8) {
		set64(image + XSTATE_BV + i, 1ull << 40);
		refuse(LEGACY);
		set64(image + XSTATE_BV + i, 0);
	}
	image[XSTATE_MXCSR + 2] = 1; /* bits of MXCSR that there are not */
	refuse(LEGACY);
	image[XSTATE_MXCSR + 2] = 0;
	assert_true(xsave_expand(again, image, LEGACY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_unused_components),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

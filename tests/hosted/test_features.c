// SPDX-License-Identifier: Apache-2.0
/* Processor features and their bits of CPUID. */
#include "test.h"

#include "x86/features.h"

#define ALL UINT32_MAX

static struct cpuid_regs answer(const uint64_t disabled[FEATURE_BANKS], uint32_t leaf,
				uint32_t subleaf)
{
	struct cpuid_regs regs = {ALL, ALL, ALL, ALL};

	features_disable(disabled, leaf, subleaf, &regs);
	return regs;
}

static void test_disable(void **state)
{
	const uint64_t none[FEATURE_BANKS] = {0};
	const uint64_t some[FEATURE_BANKS] = {1ull << 16, 1ull << 1, 1ull << 2};
	const uint64_t all[FEATURE_BANKS] = {UINT64_MAX, UINT64_MAX, UINT64_MAX};

	(void)state;
	assert_int_equal(answer(none, 1, 0).ecx, ALL);
	/* AES, AVX; invariant TSC. */
	assert_int_equal(answer(some, 1, 0).ecx, ALL & ~(1u << 25) & ~(1u << 28));
	assert_int_equal(answer(some, 1, 0).edx, ALL);
	assert_int_equal(answer(some, 0x80000007, 0).edx, ALL & ~(1u << 8));
	assert_int_equal(answer(some, 7, 0).ebx, ALL);
	/* The leaf has to be the very one. */
	assert_int_equal(answer(some, 1, 1).ecx, ALL);
	assert_int_equal(answer(all, 2, 0).ecx, ALL);
	assert_int_equal(answer(all, 0xd, 1).eax, ALL & ~0xfu);
	/* IBRS stands in two places. */
	assert_int_equal(answer(all, 7, 0).edx & 1u << 26, 0);
	assert_int_equal(answer(all, 0x80000008, 0).ebx & 1u << 14, 0);
	/* What no bank knows of stays: FPU, TSC, APIC, CLFLUSH; SVM is for others to hide. */
	assert_int_equal(answer(all, 1, 0).edx, ALL);
	assert_int_equal(answer(all, 0x80000001, 0).ecx & 1u << 2, 1u << 2);
}

/* A feature that is disabled is one that the processor, asked so, does not have. */
static void test_processor(void **state)
{
	(void)state;
	for (unsigned int bank = 0; bank < FEATURE_BANKS; bank++) {
		uint64_t features = features_of_processor(bank);

		for (unsigned int bit = 0; bit < 64; bit++) {
			uint64_t disabled[FEATURE_BANKS] = {0};
			bool found = false;

			if (!(features & 1ull << bit))
				continue;
			disabled[bank] = 1ull << bit;
			for (uint32_t leaf = 0; leaf < 0x20; leaf++)
				for (uint32_t place = 0; place < 4; place++) {
					uint32_t at = (leaf & 15) | (leaf & 16) << 27;
					struct cpuid_regs regs = cpuid(at, place);
					struct cpuid_regs left = regs;

					features_disable(disabled, at, place, &left);
					found |= memcmp(&regs, &left, sizeof(regs)) != 0;
				}
			assert_true(found);
		}
	}
}

static void test_xsave(void **state)
{
	uint64_t states = features_xsave_states(0);

	(void)state;
	/* Without XSAVE, x87 and SSE are what is left, in the legacy area. */
	assert_int_equal(features_xsave_states(1), 3);
	assert_int_equal(features_xsave_size(3), 576);
	assert_int_equal(states & 3, 3);
	assert_int_equal(states & (3ull << 17), 0);
	/* Without AVX none of what builds on it. */
	assert_int_equal(features_xsave_states(1u << 2) & 0xe4, 0);
	assert_true(features_xsave_size(states) <= 4096);
	if (states & 4)
		assert_int_equal(features_xsave_size(7), 576 + 256);
}

/* What a child sees of a word of features. */
static struct cpuid_regs seen(const uint64_t disabled[FEATURE_BANKS], uint32_t leaf,
			      uint32_t subleaf)
{
	struct cpuid_regs regs = {ALL, ALL, ALL, ALL};
	uint32_t words[MACHINE_FEATURE_WORDS];

	features_select(disabled, words);
	features_apply(words, leaf, subleaf, &regs);
	return regs;
}

static void test_children(void **state)
{
	const uint64_t none[FEATURE_BANKS] = {0};
	const uint64_t some[FEATURE_BANKS] = {1ull << 16, 0, 1ull << 2};

	(void)state;
	/* Not virtualized: VMX, PCID, TSC deadlines; SVM. Not a word of features: EAX. */
	assert_int_equal(seen(none, 1, 0).ecx & (1u << 5 | 1u << 17 | 1u << 24), 0);
	assert_int_equal(seen(none, 0x80000001, 0).ecx & 1u << 2, 0);
	assert_int_equal(seen(none, 1, 0).eax, ALL);
	assert_int_equal(seen(none, 0xd, 1).eax, 7);
	assert_int_equal(seen(none, 0xd, 0).eax, ALL);
	/* Less AES and AVX. */
	assert_int_equal(seen(none, 1, 0).ecx & ~seen(some, 1, 0).ecx, 1u << 25 | 1u << 28);
	assert_int_equal(seen(some, 7, 0).ebx, seen(none, 7, 0).ebx);
	/* What children cannot have is not called a feature: PCID, XSAVES, shadow stacks. */
	assert_int_equal(features_of_processor(0) & 1ull << 18, 0);
	assert_int_equal(features_of_processor(1) & 1ull << 8, 0);
	assert_int_equal(features_of_processor(2) & 1ull << 12, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disable),
		cmocka_unit_test(test_processor),
		cmocka_unit_test(test_children),
		cmocka_unit_test(test_xsave),
	};

	return cmocka_run_group_tests_name("features", tests, NULL, NULL);
}

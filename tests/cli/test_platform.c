// SPDX-License-Identifier: Apache-2.0
/* What CPUID leaves mean, as Linux reads them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "abi/hv/cpuid.h"
#include "cli/platform.h"

/* The leaves of a root partition. */
static struct platform_leaves root_leaves(void)
{
	return (struct platform_leaves){
		.basic.ecx = HYPERV_HYPERVISOR_PRESENT_BIT,
		.vendor = {HYPERV_CPUID_NESTED_FEATURES, HYPERV_CPUID_VENDOR_EBX,
			   HYPERV_CPUID_VENDOR_ECX, HYPERV_CPUID_VENDOR_EDX},
		.features.eax = HV_MSR_HYPERCALL_AVAILABLE | HV_MSR_VP_INDEX_AVAILABLE,
		.features.ebx = HV_CREATE_PARTITIONS | HV_CPU_MANAGEMENT,
	};
}

static void a_root_partition_is_known(void **state)
{
	struct platform_leaves leaves = root_leaves();

	(void)state;
	assert_int_equal(platform_identify(&leaves), PLATFORM_ROOT);
	assert_null(platform_problem(PLATFORM_ROOT));
}

static void no_hypervisor_is_bare(void **state)
{
	struct platform_leaves leaves = root_leaves();

	(void)state;
	leaves.basic.ecx = 0;
	assert_int_equal(platform_identify(&leaves), PLATFORM_BARE);
}

static void another_signature_is_another_hypervisor(void **state)
{
	struct platform_leaves leaves = root_leaves();

	(void)state;
	leaves.vendor.ecx = 0x4b4d564b;
	assert_int_equal(platform_identify(&leaves), PLATFORM_OTHER);
}

static void too_few_leaves_are_no_interface(void **state)
{
	struct platform_leaves leaves = root_leaves();

	(void)state;
	leaves.vendor.eax = HYPERV_CPUID_ENLIGHTMENT_INFO;
	assert_int_equal(platform_identify(&leaves), PLATFORM_OTHER);
}

static void hypercalls_and_vp_index_are_needed(void **state)
{
	struct platform_leaves leaves = root_leaves();

	(void)state;
	leaves.features.eax = HV_MSR_HYPERCALL_AVAILABLE;
	assert_int_equal(platform_identify(&leaves), PLATFORM_OTHER);
	leaves.features.eax = HV_MSR_VP_INDEX_AVAILABLE;
	assert_int_equal(platform_identify(&leaves), PLATFORM_OTHER);
}

static void privileges_tell_root_parent_and_child_apart(void **state)
{
	struct platform_leaves leaves = root_leaves();

	(void)state;
	leaves.features.ebx = HV_CREATE_PARTITIONS;
	assert_int_equal(platform_identify(&leaves), PLATFORM_L1VH);
	leaves.features.ebx = HV_CPU_MANAGEMENT;
	assert_int_equal(platform_identify(&leaves), PLATFORM_CHILD);
	leaves.features.ebx = HV_CREATE_PARTITIONS | HV_CPU_MANAGEMENT | HV_ISOLATION;
	assert_int_equal(platform_identify(&leaves), PLATFORM_CHILD);
}

static void every_other_place_says_what_to_do(void **state)
{
	(void)state;
	for (enum platform p = PLATFORM_BARE; p < PLATFORM_ROOT; p++)
		assert_non_null(platform_problem(p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_root_partition_is_known),
		cmocka_unit_test(no_hypervisor_is_bare),
		cmocka_unit_test(another_signature_is_another_hypervisor),
		cmocka_unit_test(too_few_leaves_are_no_interface),
		cmocka_unit_test(hypercalls_and_vp_index_are_needed),
		cmocka_unit_test(privileges_tell_root_parent_and_child_apart),
		cmocka_unit_test(every_other_place_says_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

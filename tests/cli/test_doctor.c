// SPDX-License-Identifier: Apache-2.0
/* The doctor's judgement: each thing that can be missing has its verdict and its advice. */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "abi/hv/cpuid.h"
#include "abi/hv/status.h"
#include "cli/doctor.h"

static char full_config[] = "CONFIG_HYPERV=y\nCONFIG_MSHV_ROOT=y\nCONFIG_IRQ_REMAP=y\n"
			    "CONFIG_EVENTFD=y\nCONFIG_IO_URING=y\nCONFIG_TUN=m\n"
			    "CONFIG_BRIDGE=y\nCONFIG_VHOST_NET=y\nCONFIG_VSOCKETS=y\n"
			    "CONFIG_DEBUG_FS=y\n";

static struct findings findings;

/* A root partition that lacks nothing. */
static struct doctor_facts healthy(void)
{
	return (struct doctor_facts){
		.leaves =
			{
				.basic.ecx = HYPERV_HYPERVISOR_PRESENT_BIT | 1u << 21,
				.extended.edx = 1u << 26,
				.vendor = {HYPERV_CPUID_NESTED_FEATURES, HYPERV_CPUID_VENDOR_EBX,
					   HYPERV_CPUID_VENDOR_ECX, HYPERV_CPUID_VENDOR_EDX},
				.version.eax = 27748,
				.features.eax = UINT32_MAX,
				.features.ebx = UINT32_MAX & ~HV_ISOLATION,
				.hardware.eax = HV_X64_HARDWARE_SLAT |
						HV_X64_HARDWARE_DMA_REMAPPING |
						HV_X64_HARDWARE_INTERRUPT_REMAPPING,
			},
		.config_path = "/proc/config.gz",
		.config = full_config,
		.config_length = sizeof(full_config) - 1,
		.integrity = {.version = BULKHEAD_INTEGRITY_VERSION, .checked = 15000},
		.statistics = true,
		.devices = {{.path = "/dev/net/tun"}},
	};
}

static const struct finding *find(const char *name, enum verdict verdict)
{
	for (size_t i = 0; i < findings.count; i++)
		if (strcmp(findings.list[i].name, name) == 0 && findings.list[i].verdict == verdict)
			return &findings.list[i];
	return NULL;
}

/* Judge; exactly one finding called `name` must have `verdict`, all others be fine. */
static const struct finding *expect_only(const struct doctor_facts *facts, enum verdict verdict,
					 const char *name)
{
	const struct finding *found;

	doctor_judge(facts, &findings);
	found = find(name, verdict);
	assert_non_null(found);
	assert_int_equal(findings_count(&findings, VERDICT_OK), findings.count - 1);
	assert_true(found->advice[0] != '\0');
	return found;
}

static void a_healthy_machine_has_nothing(void **state)
{
	struct doctor_facts facts = healthy();

	(void)state;
	doctor_judge(&facts, &findings);
	assert_true(findings.count > 8);
	assert_int_equal(findings_count(&findings, VERDICT_OK), findings.count);
}

static void a_bare_machine_fails_once_and_skips_the_rest(void **state)
{
	struct doctor_facts facts = healthy();

	(void)state;
	facts.leaves.basic.ecx = 0;
	facts.device_error = ENOENT;
	doctor_judge(&facts, &findings);
	assert_int_equal(findings_count(&findings, VERDICT_FAIL), 1);
	assert_non_null(find("root partition", VERDICT_FAIL));
	assert_non_null(find("/dev/mshv", VERDICT_SKIP));
}

static void a_strange_interface_version_warns(void **state)
{
	struct doctor_facts facts = healthy();

	(void)state;
	facts.leaves.version.eax = 27752;
	expect_only(&facts, VERDICT_WARN, "interface version");
}

static void a_missing_privilege_is_named(void **state)
{
	struct doctor_facts facts = healthy();
	const struct finding *found;

	(void)state;
	facts.leaves.features.ebx &= ~HV_ACCESS_MEMORY_POOL;
	found = expect_only(&facts, VERDICT_FAIL, "privileges");
	assert_non_null(strstr(found->meaning, "AccessMemoryPool"));
	facts = healthy();
	facts.leaves.features.ebx &= ~HV_ACCESS_STATS;
	expect_only(&facts, VERDICT_WARN, "privileges");
}

static void unconfined_dma_is_said_plainly(void **state)
{
	struct doctor_facts facts = healthy();

	(void)state;
	facts.leaves.hardware.eax = HV_X64_HARDWARE_SLAT | HV_X64_HARDWARE_INTERRUPT_REMAPPING;
	expect_only(&facts, VERDICT_WARN, "DMA");
	facts.leaves.hardware.eax = HV_X64_HARDWARE_SLAT | HV_X64_HARDWARE_DMA_REMAPPING;
	expect_only(&facts, VERDICT_WARN, "device interrupts");
	facts.leaves.hardware.eax = HV_X64_HARDWARE_DMA_REMAPPING |
				    HV_X64_HARDWARE_INTERRUPT_REMAPPING;
	expect_only(&facts, VERDICT_FAIL, "nested paging");
}

static void processor_features_warn(void **state)
{
	struct doctor_facts facts = healthy();

	(void)state;
	facts.leaves.extended.edx = 0;
	expect_only(&facts, VERDICT_WARN, "1 GiB pages");
	facts = healthy();
	facts.leaves.basic.ecx = HYPERV_HYPERVISOR_PRESENT_BIT;
	expect_only(&facts, VERDICT_WARN, "x2APIC");
}

static void a_missing_kernel_option_is_named(void **state)
{
	struct doctor_facts facts = healthy();
	const struct finding *found;
	char config[sizeof(full_config)];

	(void)state;
	memcpy(config, full_config, sizeof(config));
	strstr(config, "TUN=m")[4] = 'n';
	facts.config = config;
	found = expect_only(&facts, VERDICT_WARN, "kernel options");
	assert_non_null(strstr(found->meaning, "CONFIG_TUN"));
	memcpy(config, full_config, sizeof(config));
	strstr(config, "MSHV_ROOT=y")[10] = 'n';
	found = expect_only(&facts, VERDICT_FAIL, "kernel options");
	assert_non_null(strstr(found->meaning, "CONFIG_MSHV_ROOT"));
}

static void an_unreadable_configuration_warns(void **state)
{
	struct doctor_facts facts = healthy();

	(void)state;
	facts.config_path = NULL;
	facts.config = NULL;
	facts.config_length = 0;
	expect_only(&facts, VERDICT_WARN, "kernel options");
}

static void a_closed_device_fails_with_fitting_advice(void **state)
{
	struct doctor_facts facts = healthy();

	(void)state;
	facts.device_error = ENOENT;
	assert_non_null(strstr(expect_only(&facts, VERDICT_FAIL, "/dev/mshv")->advice, "driver"));
	facts.device_error = EACCES;
	assert_non_null(strstr(expect_only(&facts, VERDICT_FAIL, "/dev/mshv")->advice, "root"));
}

static void another_hypervisor_is_told_from_a_broken_one(void **state)
{
	struct doctor_facts facts = healthy();
	const struct finding *found;

	(void)state;
	facts.log_error = EINVAL;
	facts.log_status = HV_STATUS_UNKNOWN_PROPERTY;
	found = expect_only(&facts, VERDICT_FAIL, "hypervisor");
	assert_non_null(strstr(found->meaning, "Bulkhead's properties"));
	facts.log_status = HV_STATUS_ACCESS_DENIED;
	found = expect_only(&facts, VERDICT_FAIL, "hypervisor");
	assert_non_null(strstr(found->meaning, "cannot be read"));
	facts = healthy();
	facts.log_damaged = true;
	expect_only(&facts, VERDICT_FAIL, "hypervisor");
}

static void warnings_in_the_log_are_passed_on(void **state)
{
	struct doctor_facts facts = healthy();

	(void)state;
	facts.log_warnings = 3;
	assert_non_null(strstr(expect_only(&facts, VERDICT_WARN, "hypervisor's log")->meaning,
			       "0 errors, 3 warnings"));
}

static void a_hypervisor_that_is_not_intact_fails(void **state)
{
	struct doctor_facts facts = healthy();
	const struct finding *found;

	(void)state;
	facts.integrity.violations = 2;
	facts.integrity.place = 0x7f400000;
	strcpy(facts.integrity.first, "a page \x1b is a page");
	found = expect_only(&facts, VERDICT_FAIL, "integrity");
	assert_non_null(strstr(found->meaning, "found 2 faults in itself"));
	assert_non_null(strstr(found->meaning, "that a page ? is a page (0x7f400000)"));
	/* A text without an end is not read beyond its place. */
	memset(facts.integrity.first, 'x', sizeof(facts.integrity.first));
	expect_only(&facts, VERDICT_FAIL, "integrity");
}

static void a_hypervisor_that_cannot_tell_warns(void **state)
{
	struct doctor_facts facts = healthy();

	(void)state;
	facts.integrity_error = EINVAL;
	facts.integrity_status = HV_STATUS_UNKNOWN_PROPERTY;
	expect_only(&facts, VERDICT_WARN, "integrity");
	facts = healthy();
	facts.integrity.version++;
	expect_only(&facts, VERDICT_WARN, "integrity");
}

static void missing_devices_and_statistics_warn(void **state)
{
	struct doctor_facts facts = healthy();

	(void)state;
	facts.devices[0].error = ENOENT;
	expect_only(&facts, VERDICT_WARN, "/dev/net/tun");
	facts = healthy();
	facts.statistics = false;
	expect_only(&facts, VERDICT_WARN, "statistics");
}

static void too_many_findings_and_long_texts_are_cut(void **state)
{
	char text[2 * FINDING_TEXT_SIZE];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	findings.count = 0;
	for (unsigned int i = 0; i < FINDINGS_MAX + 5; i++)
		findings_add(&findings, VERDICT_OK, text, text, "%s", text);
	assert_int_equal(findings.count, FINDINGS_MAX);
	assert_int_equal(strlen(findings.list[0].meaning), FINDING_TEXT_SIZE - 1);
	assert_int_equal(strlen(findings.list[0].advice), FINDING_TEXT_SIZE - 1);
	assert_int_equal(strlen(findings.list[0].name), FINDING_NAME_SIZE - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_healthy_machine_has_nothing),
		cmocka_unit_test(a_bare_machine_fails_once_and_skips_the_rest),
		cmocka_unit_test(a_strange_interface_version_warns),
		cmocka_unit_test(a_missing_privilege_is_named),
		cmocka_unit_test(unconfined_dma_is_said_plainly),
		cmocka_unit_test(processor_features_warn),
		cmocka_unit_test(a_missing_kernel_option_is_named),
		cmocka_unit_test(an_unreadable_configuration_warns),
		cmocka_unit_test(a_closed_device_fails_with_fitting_advice),
		cmocka_unit_test(another_hypervisor_is_told_from_a_broken_one),
		cmocka_unit_test(warnings_in_the_log_are_passed_on),
		cmocka_unit_test(a_hypervisor_that_is_not_intact_fails),
		cmocka_unit_test(a_hypervisor_that_cannot_tell_warns),
		cmocka_unit_test(missing_devices_and_statistics_warn),
		cmocka_unit_test(too_many_findings_and_long_texts_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

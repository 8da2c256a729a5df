// SPDX-License-Identifier: Apache-2.0
/* Device nodes, and what came back through them. */
#include <errno.h>
#include <string.h>

#include "abi/hv/status.h"
#include "cli/doctor.h"
#include "cli/hypervisor.h"

static const char *open_advice(int error)
{
	if (error == EACCES || error == EPERM)
		return "Run the command as root.";
	return "Load the driver, or switch it on in the kernel's configuration; `dmesg` tells why "
	       "it "
	       "did not start.";
}

static void judge_log(const struct doctor_facts *facts, struct findings *findings)
{
	if (facts->log_status == HV_STATUS_UNKNOWN_PROPERTY) {
		findings_add(findings, VERDICT_FAIL, "hypervisor",
			     "Start Bulkhead, in the version that this command belongs to.",
			     "it has the interface, but does not know Bulkhead's properties");
		return;
	}
	if (facts->log_error != 0 || facts->log_status != HV_STATUS_SUCCESS) {
		findings_add(findings, VERDICT_FAIL, "hypervisor",
			     "Look at `dmesg` and at the hypervisor's console.",
			     "its log cannot be read (status 0x%x, %s)", facts->log_status,
			     facts->log_error ? strerror(facts->log_error) : "no error from Linux");
		return;
	}
	if (facts->log_damaged) {
		findings_add(findings, VERDICT_FAIL, "hypervisor",
			     "Install matching versions of hypervisor and command.",
			     "its log does not have the layout that this command knows");
		return;
	}
	findings_add(findings, VERDICT_OK, "hypervisor", NULL, "Bulkhead answers");
	if (facts->log_errors + facts->log_warnings == 0)
		findings_add(findings, VERDICT_OK, "hypervisor's log", NULL,
			     "no warnings and no errors");
	else
		findings_add(findings, VERDICT_WARN, "hypervisor's log",
			     "Read them with `bulkhead log -l warn`.", "%u errors, %u warnings",
			     facts->log_errors, facts->log_warnings);
}

void doctor_judge_devices(const struct doctor_facts *facts, struct findings *findings)
{
	if (platform_problem(platform_identify(&facts->leaves))) {
		findings_add(findings, VERDICT_SKIP, HYPERVISOR_DEVICE, NULL,
			     "exists in a root partition only");
	} else if (facts->device_error != 0) {
		findings_add(findings, VERDICT_FAIL, HYPERVISOR_DEVICE,
			     open_advice(facts->device_error), "cannot be opened: %s",
			     strerror(facts->device_error));
	} else {
		findings_add(findings, VERDICT_OK, HYPERVISOR_DEVICE, NULL, "can be opened");
		judge_log(facts, findings);
		if (facts->statistics)
			findings_add(findings, VERDICT_OK, "statistics", NULL,
				     "the statistics of partitions are in /sys/kernel/debug/mshv");
		else
			findings_add(findings, VERDICT_WARN, "statistics",
				     "mount -t debugfs debugfs /sys/kernel/debug",
				     "/sys/kernel/debug/mshv is not there");
	}
	for (size_t i = 0; i < DOCTOR_DEVICES; i++) {
		const struct device_fact *device = &facts->devices[i];

		if (!device->path)
			continue;
		if (device->error == 0)
			findings_add(findings, VERDICT_OK, device->path, NULL, "can be opened");
		else
			findings_add(findings, VERDICT_WARN, device->path,
				     open_advice(device->error),
				     "cannot be opened (%s): virtual machines do without it",
				     strerror(device->error));
	}
}

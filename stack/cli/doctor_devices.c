// SPDX-License-Identifier: Apache-2.0
/* Device nodes, and what came back through them. */
#include <errno.h>
#include <inttypes.h>
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

/* A statement of the hypervisor's as text that is safe to print: whatever is no ASCII becomes `?`.
 */
static void copy_statement(char *text, size_t size, const char *statement)
{
	size_t i;

	for (i = 0; i + 1 < size && statement[i] != '\0'; i++)
		text[i] = statement[i];
	text[i] = '\0';
	for (i = 0; text[i] != '\0'; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
}

static void judge_integrity(const struct doctor_facts *facts, struct findings *findings)
{
	const struct bulkhead_integrity *found = &facts->integrity;
	char statement[BULKHEAD_INTEGRITY_FIRST_SIZE];

	if (facts->integrity_error != 0 || facts->integrity_status != HV_STATUS_SUCCESS ||
	    found->version != BULKHEAD_INTEGRITY_VERSION) {
		findings_add(findings, VERDICT_WARN, "integrity",
			     "Install matching versions of hypervisor and command.",
			     "the hypervisor does not say whether it is intact (status 0x%x)",
			     facts->integrity_status);
		return;
	}
	if (found->violations == 0) {
		findings_add(findings, VERDICT_OK, "integrity", NULL,
			     "the hypervisor looked at %" PRIu64
			     " things in itself and found all in order",
			     found->checked);
		return;
	}
	copy_statement(statement, sizeof(statement), found->first);
	findings_add(findings, VERDICT_FAIL, "integrity",
		     "Keep `bulkhead log`, restart the machine, test its memory, and report a bug: "
		     "nothing that runs here is isolated for certain any more.",
		     "the hypervisor found %" PRIu64
		     " faults in itself; the first: it does not hold that %s (0x%" PRIx64 ")",
		     found->violations, statement, found->place);
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
		/* Another hypervisor has been told from Bulkhead by now. */
		if (facts->log_status == HV_STATUS_SUCCESS)
			judge_integrity(facts, findings);
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

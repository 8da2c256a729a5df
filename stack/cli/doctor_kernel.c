// SPDX-License-Identifier: Apache-2.0
/* What the root kernel was built with. */
#include "cli/doctor.h"
#include "cli/kernel_config.h"

static const struct {
	const char *name;
	enum verdict verdict; /* when it is off */
	const char *use;
} options[] = {
	{"CONFIG_HYPERV", VERDICT_FAIL, "Linux does not talk to the hypervisor"},
	{"CONFIG_MSHV_ROOT", VERDICT_FAIL, "there is no /dev/mshv, no partition can be created"},
	{"CONFIG_IRQ_REMAP", VERDICT_WARN, "device interrupts do not go through the hypervisor"},
	{"CONFIG_EVENTFD", VERDICT_WARN, "virtual machines cannot be notified"},
	{"CONFIG_IO_URING", VERDICT_WARN, "the disks of virtual machines are slower"},
	{"CONFIG_TUN", VERDICT_WARN, "virtual machines have no network"},
	{"CONFIG_BRIDGE", VERDICT_WARN, "the networks of virtual machines cannot be joined"},
	{"CONFIG_VHOST_NET", VERDICT_WARN, "the networks of virtual machines are slower"},
	{"CONFIG_VSOCKETS", VERDICT_WARN, "no sockets between root and virtual machines"},
	{"CONFIG_DEBUG_FS", VERDICT_WARN, "the statistics of partitions are not shown"},
};

void doctor_judge_kernel(const struct doctor_facts *facts, struct findings *findings)
{
	bool complete = true;

	if (!facts->config_path) {
		findings_add(
			findings, VERDICT_WARN, "kernel options",
			"Build the kernel with CONFIG_IKCONFIG_PROC=y, or install its "
			"configuration in /boot.",
			"not to be seen: neither /proc/config.gz nor /boot/config-RELEASE can be "
			"read");
		return;
	}
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (kernel_config_value(facts->config, facts->config_length, options[i].name) !=
		    'n')
			continue;
		complete = false;
		findings_add(findings, options[i].verdict, "kernel options",
			     "Switch the option on and build the kernel again; "
			     "root/kernel/root.config has all that are wanted.",
			     "%s is off: %s", options[i].name, options[i].use);
	}
	if (complete)
		findings_add(findings, VERDICT_OK, "kernel options", NULL,
			     "all that are wanted are on (%s)", facts->config_path);
}

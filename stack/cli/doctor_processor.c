// SPDX-License-Identifier: Apache-2.0
/* What CPUID tells: the partition, its privileges, the hypervisor's hardware. */
#include "abi/hv/cpuid.h"
#include "abi/hv/partition.h"
#include "cli/doctor.h"

/* The interface builds that Linux's mshv driver accepts without complaint. */
#define BUILD_MIN 27744u
#define BUILD_MAX 27751u

/* CPUID 1 ECX, 0x80000001 EDX */
#define FEATURE_X2APIC  (1u << 21)
#define FEATURE_PAGE1GB (1u << 26)

/* Privileges of HV_PARTITION_PRIVILEGE_MASK and what is impossible without them. */
static const struct {
	uint64_t privilege;
	enum verdict verdict; /* when it is missing */
	const char *name;
	const char *use;
} privileges[] = {
	{HV_PRIVILEGE_EBX(HV_ACCESS_PARTITION_ID), VERDICT_FAIL, "AccessPartitionId",
	 "Linux cannot learn its partition's id"},
	{HV_PRIVILEGE_EBX(HV_ACCESS_MEMORY_POOL), VERDICT_FAIL, "AccessMemoryPool",
	 "no memory can be given to the hypervisor for partitions"},
	{HV_PRIVILEGE_EBX(HV_ACCESS_VP_REGISTERS), VERDICT_FAIL, "AccessVpRegisters",
	 "no virtual processor can be set up"},
	{HV_PRIVILEGE_EAX(HV_MSR_SYNIC_AVAILABLE), VERDICT_FAIL, "AccessSynicMsrs",
	 "the hypervisor has no way to notify Linux"},
	{HV_PRIVILEGE_EAX(HV_MSR_TIME_REF_COUNT_AVAILABLE), VERDICT_WARN,
	 "AccessPartitionRefCounter", "Linux has no reference time"},
	{HV_PRIVILEGE_EAX(HV_ACCESS_FREQUENCY_MSRS), VERDICT_WARN, "AccessFrequencyMsrs",
	 "Linux has to measure its clocks"},
	{HV_PRIVILEGE_EBX(HV_CREATE_PORT), VERDICT_WARN, "CreatePort",
	 "child partitions have no doorbells"},
	{HV_PRIVILEGE_EBX(HV_CONNECT_PORT), VERDICT_WARN, "ConnectPort",
	 "child partitions have no doorbells"},
	{HV_PRIVILEGE_EBX(HV_POST_MESSAGES), VERDICT_WARN, "PostMessages",
	 "child partitions have no synthetic devices"},
	{HV_PRIVILEGE_EBX(HV_SIGNAL_EVENTS), VERDICT_WARN, "SignalEvents",
	 "child partitions have no synthetic devices"},
	{HV_PRIVILEGE_EBX(HV_ACCESS_STATS), VERDICT_WARN, "AccessStats", "there are no statistics"},
};

static void judge_interface(const struct doctor_facts *facts, struct findings *findings)
{
	uint32_t build = facts->leaves.version.eax;

	if (build >= BUILD_MIN && build <= BUILD_MAX)
		findings_add(findings, VERDICT_OK, "interface version", NULL,
			     "build %u, one that Linux's mshv driver was made for", build);
	else
		findings_add(findings, VERDICT_WARN, "interface version",
			     "Use a hypervisor and a kernel of about the same age.",
			     "build %u is outside %u to %u, which Linux's mshv driver was made for",
			     build, BUILD_MIN, BUILD_MAX);
}

static void judge_privileges(const struct doctor_facts *facts, struct findings *findings)
{
	uint64_t held = HV_PRIVILEGE_EAX(facts->leaves.features.eax) |
			HV_PRIVILEGE_EBX(facts->leaves.features.ebx);
	bool complete = true;

	for (size_t i = 0; i < sizeof(privileges) / sizeof(privileges[0]); i++) {
		if (held & privileges[i].privilege)
			continue;
		complete = false;
		findings_add(findings, privileges[i].verdict, "privileges",
			     "Install a version of Bulkhead that grants it to the root partition.",
			     "the root partition lacks %s: %s", privileges[i].name,
			     privileges[i].use);
	}
	if (complete)
		findings_add(findings, VERDICT_OK, "privileges", NULL,
			     "the root partition has all it needs (mask 0x%016llx)",
			     (unsigned long long)held);
}

static void judge_hardware(const struct doctor_facts *facts, struct findings *findings)
{
	const struct platform_leaves *leaves = &facts->leaves;
	uint32_t used = leaves->hardware.eax;

	if (used & HV_X64_HARDWARE_SLAT)
		findings_add(findings, VERDICT_OK, "nested paging", NULL,
			     "the hypervisor confines the memory accesses of processors");
	else
		findings_add(
			findings, VERDICT_FAIL, "nested paging",
			"Use a processor with nested paging, and enable it in the firmware setup.",
			"the hypervisor does not confine the memory accesses of processors");
	if (used & HV_X64_HARDWARE_DMA_REMAPPING)
		findings_add(findings, VERDICT_OK, "DMA", NULL,
			     "the IOMMU confines what devices may read and write");
	else
		findings_add(
			findings, VERDICT_WARN, "DMA",
			"Run only software in the root partition that you would trust with the "
			"hypervisor itself.",
			"the IOMMU does not confine DMA yet: devices, and so the root partition "
			"that drives them, reach all memory");
	if (used & HV_X64_HARDWARE_INTERRUPT_REMAPPING)
		findings_add(findings, VERDICT_OK, "device interrupts", NULL,
			     "the IOMMU checks the interrupts that devices raise");
	else
		findings_add(
			findings, VERDICT_WARN, "device interrupts",
			"Run only software in the root partition that you would trust with the "
			"hypervisor itself.",
			"message-signalled interrupts pass unchecked: the root partition can have "
			"a device raise any vector");
	findings_add(findings, leaves->extended.edx & FEATURE_PAGE1GB ? VERDICT_OK : VERDICT_WARN,
		     "1 GiB pages",
		     leaves->extended.edx & FEATURE_PAGE1GB ? NULL : "Nothing; it is slower only.",
		     leaves->extended.edx & FEATURE_PAGE1GB
			     ? "the processor has them"
			     : "the processor lacks them: address translation takes longer");
	findings_add(
		findings, leaves->basic.ecx & FEATURE_X2APIC ? VERDICT_OK : VERDICT_WARN, "x2APIC",
		leaves->basic.ecx & FEATURE_X2APIC
			? NULL
			: "Enable x2APIC in the firmware setup, if the processor has it.",
		leaves->basic.ecx & FEATURE_X2APIC
			? "the processor has it"
			: "the processor does not offer it: at most 255 processors can be used");
}

void doctor_judge_processor(const struct doctor_facts *facts, struct findings *findings)
{
	enum platform platform = platform_identify(&facts->leaves);
	const char *problem = platform_problem(platform);

	if (problem) {
		findings_add(findings, VERDICT_FAIL, "root partition", "See docs/cli.md.", "%s",
			     problem);
		findings_add(findings, VERDICT_SKIP, "interface and privileges", NULL,
			     "there is nothing to ask outside a root partition");
		return;
	}
	findings_add(findings, VERDICT_OK, "root partition", NULL,
		     "this Linux runs as the root partition");
	judge_interface(facts, findings);
	judge_privileges(facts, findings);
	judge_hardware(facts, findings);
}

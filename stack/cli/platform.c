// SPDX-License-Identifier: Apache-2.0
#include "cli/platform.h"

#include <stddef.h>

#include "abi/hv/cpuid.h"

enum platform platform_identify(const struct platform_leaves *leaves)
{
	const uint32_t needed = HV_MSR_HYPERCALL_AVAILABLE | HV_MSR_VP_INDEX_AVAILABLE;
	uint32_t calls = leaves->features.ebx;

	if (!(leaves->basic.ecx & HYPERV_HYPERVISOR_PRESENT_BIT))
		return PLATFORM_BARE;
	if (leaves->vendor.eax < HYPERV_CPUID_IMPLEMENT_LIMITS ||
	    leaves->vendor.ebx != HYPERV_CPUID_VENDOR_EBX ||
	    leaves->vendor.ecx != HYPERV_CPUID_VENDOR_ECX ||
	    leaves->vendor.edx != HYPERV_CPUID_VENDOR_EDX ||
	    (leaves->features.eax & needed) != needed)
		return PLATFORM_OTHER;
	if (!(calls & HV_CREATE_PARTITIONS) || (calls & HV_ISOLATION))
		return PLATFORM_CHILD;
	return calls & HV_CPU_MANAGEMENT ? PLATFORM_ROOT : PLATFORM_L1VH;
}

const char *platform_problem(enum platform platform)
{
	switch (platform) {
	case PLATFORM_BARE:
		return "no hypervisor runs beneath this Linux; have the boot loader start "
		       "bulkhead.elf, with this kernel as its first module";
	case PLATFORM_OTHER:
		return "this Linux runs on another hypervisor or on an emulator, not on Bulkhead; "
		       "have the boot loader start bulkhead.elf, with this kernel as its first "
		       "module";
	case PLATFORM_CHILD:
		return "this Linux runs in a child partition; use the command in the root "
		       "partition";
	case PLATFORM_L1VH:
		return "this Linux is a parent inside a child partition; the hypervisor answers "
		       "only "
		       "the root partition, use the command there";
	case PLATFORM_ROOT:
	default:
		return NULL;
	}
}

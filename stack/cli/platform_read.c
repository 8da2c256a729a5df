// SPDX-License-Identifier: Apache-2.0
#include <cpuid.h>
#include <string.h>

#include "abi/hv/cpuid.h"
#include "cli/platform.h"

#define CPUID_EXTENDED_MAX 0x80000000u

static struct cpuid_words read_leaf(uint32_t leaf)
{
	struct cpuid_words w;

	__cpuid_count(leaf, 0, w.eax, w.ebx, w.ecx, w.edx);
	return w;
}

/* Zeros above `max`: processors answer such leaves with those of another one. */
static struct cpuid_words read_up_to(uint32_t leaf, uint32_t max)
{
	return leaf <= max ? read_leaf(leaf) : (struct cpuid_words){0};
}

void platform_read(struct platform_leaves *leaves)
{
	uint32_t extended = read_leaf(CPUID_EXTENDED_MAX).eax;
	uint32_t max;

	memset(leaves, 0, sizeof(*leaves));
	leaves->basic = read_leaf(1);
	leaves->extended = read_up_to(0x80000001, extended);
	if (!(leaves->basic.ecx & HYPERV_HYPERVISOR_PRESENT_BIT))
		return;
	leaves->vendor = read_leaf(HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS);
	max = leaves->vendor.eax;
	leaves->interface = read_up_to(HYPERV_CPUID_INTERFACE, max);
	leaves->version = read_up_to(HYPERV_CPUID_VERSION, max);
	leaves->features = read_up_to(HYPERV_CPUID_FEATURES, max);
	leaves->hints = read_up_to(HYPERV_CPUID_ENLIGHTMENT_INFO, max);
	leaves->limits = read_up_to(HYPERV_CPUID_IMPLEMENT_LIMITS, max);
	leaves->hardware = read_up_to(HYPERV_CPUID_HARDWARE_FEATURES, max);
}

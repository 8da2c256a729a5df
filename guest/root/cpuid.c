// SPDX-License-Identifier: Apache-2.0
/* What CPUID tells the root partition. Source: TLFS, "Feature and Interface Discovery". */
#include "abi/hv/cpuid.h"
#include "lib/test.h"
#include "x86/cpu.h"

TEST(cpuid_vendor, "cpuid: leaf 0x40000000 names the vendor and reaches to 0x4000000a")
{
	struct cpuid_regs r = cpuid(HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS, 0);

	EXPECT_EQ(r.eax, HYPERV_CPUID_NESTED_FEATURES);
	EXPECT_EQ(r.ebx, HYPERV_CPUID_VENDOR_EBX);
	EXPECT_EQ(r.ecx, HYPERV_CPUID_VENDOR_ECX);
	EXPECT_EQ(r.edx, HYPERV_CPUID_VENDOR_EDX);
}

// SPDX-License-Identifier: Apache-2.0
/* Exits from modes other than the 64-bit one. Source: TLFS, "Legal Hypercall Environments". */
#include "root/modes.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/status.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

/* An entry of the interrupt vector table of real mode, at address 0. */
struct real_vector {
	uint16_t offset;
	uint16_t segment;
};

static uint16_t offset_of(const char *label)
{
	return (uint16_t)(MODES_PAGE + (label - modes_code16));
}

/* Make the excursion, leaving low memory as it was. */
static struct modes_results excursion(void)
{
	static uint8_t low_page[PAGE_SIZE], first_page[PAGE_SIZE];
	/* Not known to be NULL, for NULL must not be used. */
	struct real_vector *vectors;
	void *page = (void *)MODES_PAGE;
	struct modes_results results;

	__asm__("xorl %k0, %k0" : "=r"(vectors));
	memcpy(first_page, vectors, PAGE_SIZE);
	memcpy(low_page, page, PAGE_SIZE);
	memset(page, 0, PAGE_SIZE);
	memcpy(page, modes_code16, (size_t)(modes_code16_end - modes_code16));
	vectors[VECTOR_UD] = (struct real_vector){offset_of(modes_on_ud), 0};
	vectors[VECTOR_GP] = (struct real_vector){offset_of(modes_on_gp), 0};
	modes_run(hypercall_out);
	memcpy(&results, (const void *)MODES_RESULTS, sizeof(results));
	memcpy(page, low_page, PAGE_SIZE);
	memcpy(vectors, first_page, PAGE_SIZE);
	return results;
}

TEST(unpaged, "modes: without paging calls, CPUID and MSRs work in 32-bit code")
{
	struct modes_results r;

	hypercall_prepare();
	r = excursion();
	EXPECT_EQ(r.call_low, HV_STATUS_SUCCESS);
	EXPECT_EQ(r.call_high, 0);
	EXPECT_EQ(hypercall_out[0], 1);
	EXPECT_EQ(hypercall_out[8], 0xee);
	EXPECT_EQ(r.cpuid, HYPERV_CPUID_NESTED_FEATURES);
	EXPECT_EQ(r.vp_index, 0);
}

TEST(long_mode, "modes: EFER.LMA goes with paging, and LME can be changed without it")
{
	struct modes_results r = excursion();

	EXPECT_EQ(r.efer & (EFER_LMA | EFER_LME | EFER_SVME), EFER_LME);
	EXPECT_EQ(r.efer_without_lme, r.efer & ~EFER_LME);
	EXPECT_EQ(rdmsr(MSR_EFER) & (EFER_LMA | EFER_LME), EFER_LMA | EFER_LME);
}

TEST(real, "modes: in real mode calls are undefined, CPUID and MSRs work")
{
	struct modes_results r = excursion();

	EXPECT_EQ(r.ud_ip, offset_of(modes_vmmcall));
	EXPECT_EQ(r.real_cpuid, HYPERV_CPUID_NESTED_FEATURES);
	EXPECT_EQ((uint64_t)r.os_id_high << 32 | r.os_id_low, ROOT_OS_ID);
}

TEST(real_fault, "modes: in real mode a refused MSR raises #GP without an error code")
{
	struct modes_results r = excursion();

	EXPECT_EQ(r.gp_ip, offset_of(modes_rdmsr));
	/* FLAGS, CS, IP and the handler's BP. */
	EXPECT_EQ(r.gp_sp, MODES_STACK - 8);
	EXPECT_EQ(r.ud_sp, MODES_STACK - 8);
}

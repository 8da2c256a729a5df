// SPDX-License-Identifier: Apache-2.0
/*
 * Logical and virtual processors. Source: what Linux's root partition code does to start its
 * processors; TLFS, HvCallCreateVp.
 */
#include "abi/hv/hypercall.h"
#include "abi/hv/status.h"
#include "abi/hv/system.h"
#include "abi/hv/vp.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

/* Where what a caller leaves in its page must not matter. */
#define STALE 0xa5

static uint64_t add_lp(uint32_t index, uint32_t apic_id)
{
	struct hv_input_add_logical_processor *in = hypercall_prepare();

	in->lp_index = index;
	in->apic_id = apic_id;
	return hypercall(CONTROL(HVCALL_ADD_LOGICAL_PROCESSOR));
}

static uint64_t create_vp(uint64_t partition, uint32_t vp, uint64_t lp)
{
	struct hv_input_create_vp *in = hypercall_prepare();

	memset(in->padding, STALE, sizeof(in->padding));
	memset(&in->subnode_id, STALE, sizeof(in->subnode_id));
	in->partition_id = partition;
	in->vp_index = vp;
	in->flags = lp;
	return hypercall(CONTROL(HVCALL_CREATE_VP));
}

static uint32_t boot_apic_id(void)
{
	return cpuid(1, 0).ebx >> 24;
}

TEST(add_refused, "processors: a processor that does not exist or has an index cannot be added")
{
	EXPECT_EQ(add_lp(0, boot_apic_id()), HV_STATUS_INVALID_LP_INDEX);
	EXPECT_EQ(add_lp(1, boot_apic_id()), HV_STATUS_INVALID_LP_INDEX);
	EXPECT_EQ(add_lp(1, 0xee), HV_STATUS_INVALID_LP_INDEX);
	EXPECT_EQ(add_lp(1, UINT32_MAX), HV_STATUS_INVALID_LP_INDEX);
	EXPECT_EQ(add_lp(UINT32_MAX, 0xee), HV_STATUS_INVALID_LP_INDEX);
}

TEST(create_refused, "processors: a VP needs an index of its own and a processor without one")
{
	EXPECT_EQ(create_vp(2, 1, 1), HV_STATUS_INVALID_PARTITION_ID);
	EXPECT_EQ(create_vp(1, 0, 0), HV_STATUS_INVALID_VP_INDEX);
	EXPECT_EQ(create_vp(1, 256, 0), HV_STATUS_INVALID_VP_INDEX);
	EXPECT_EQ(create_vp(1, UINT32_MAX, 0), HV_STATUS_INVALID_VP_INDEX);
	EXPECT_EQ(create_vp(1, 1, 0), HV_STATUS_INVALID_LP_INDEX);
	EXPECT_EQ(create_vp(1, 1, 200), HV_STATUS_INVALID_LP_INDEX);
	EXPECT_EQ(create_vp(1, 1, 0x100000001), HV_STATUS_INVALID_LP_INDEX);
	EXPECT_EQ(create_vp(HV_PARTITION_ID_SELF, 1, UINT64_MAX), HV_STATUS_INVALID_LP_INDEX);
}

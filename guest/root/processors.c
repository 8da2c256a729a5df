// SPDX-License-Identifier: Apache-2.0
/*
 * Logical and virtual processors. Source: what Linux's root partition code does to start its
 * processors; TLFS, HvCallCreateVp.
 */
#include "abi/hv/hypercall.h"
#include "abi/hv/msr.h"
#include "abi/hv/status.h"
#include "abi/hv/system.h"
#include "abi/hv/vp.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/test.h"
#include "root/modes.h"
#include "root/root.h"
#include "x86/cpu.h"
#include "x86/lapic.h"

/* Where what a caller leaves in its page must not matter. */
#define STALE 0xa5

/* Interrupt commands: INIT, asserted; start-up at a page below 1 MiB. */
#define ICR_INIT    0x4500u
#define ICR_STARTUP (0x4600u | MODES_PAGE / PAGE_SIZE)

/* Bound of a wait for another processor, in 100 ns. */
#define PATIENCE (20UL * 10000000)

/* What a started processor leaves at MODES_RESULTS. */
struct started {
	uint32_t count;
	uint32_t vp_index;
	uint32_t apic_id_word; /* CPUID 1 EBX */
};

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

static volatile struct started *const started = (volatile void *)MODES_RESULTS;

static void send(uint32_t apic_id, uint32_t command)
{
	unsigned int shift = rdmsr(MSR_APIC_BASE) & APIC_BASE_X2APIC ? 32 : 56;

	lapic_write_icr((uint64_t)apic_id << shift | command);
}

/* Wait until the other processor has been started `count` times in all. */
static bool wait_for(uint32_t count)
{
	uint64_t end = rdmsr(HV_X64_MSR_TIME_REF_COUNT) + PATIENCE;

	while (started->count < count && rdmsr(HV_X64_MSR_TIME_REF_COUNT) < end)
		cpu_relax();
	return started->count == count;
}

/* Copy 16-bit code to where a processor starts. */
static void load(const char *code, const char *end)
{
	memset((void *)MODES_PAGE, 0, PAGE_SIZE);
	memcpy((void *)MODES_PAGE, code, (size_t)(end - code));
}

bool root_start_second(const char *code, const char *end)
{
	uint32_t apic_id;

	if (!root_apic_id(1, &apic_id))
		return false;
	lapic_init((void *)0xfee00000UL);
	load(code, end);
	if (!EXPECT_EQ(add_lp(1, apic_id), HV_STATUS_SUCCESS) ||
	    !EXPECT_EQ(create_vp(1, 1, 1), HV_STATUS_SUCCESS))
		return false;
	send(apic_id, ICR_INIT);
	send(apic_id, ICR_STARTUP);
	return EXPECT(wait_for(1));
}

/* Other tests count on one processor: this one runs alone. */
TEST_ENDING(TEST_ALONE, start, "processors: the second one starts as VP 1, by INIT and start-up")
{
	uint32_t apic_id;

	if (!root_apic_id(1, &apic_id)) {
		test_skip("there is only one processor");
		return;
	}
	lapic_init((void *)0xfee00000UL);
	load(processors_code16, processors_code16_end);
	EXPECT_EQ(create_vp(1, 1, 1), HV_STATUS_INVALID_LP_INDEX);
	EXPECT_EQ(add_lp(1, apic_id), HV_STATUS_SUCCESS);
	EXPECT_EQ(add_lp(2, apic_id), HV_STATUS_INVALID_LP_INDEX);
	EXPECT_EQ(create_vp(1, 1, 1), HV_STATUS_SUCCESS);
	EXPECT_EQ(create_vp(1, 1, 1), HV_STATUS_INVALID_VP_INDEX);
	EXPECT_EQ(create_vp(1, 2, 1), HV_STATUS_INVALID_LP_INDEX);
	EXPECT_EQ(started->count, 0);
	send(apic_id, ICR_INIT);
	send(apic_id, ICR_STARTUP);
	EXPECT(wait_for(1));
	EXPECT_EQ(started->vp_index, 1);
	EXPECT_EQ(started->apic_id_word >> 24, apic_id);
	/* Once it runs a start-up message means nothing, until the next INIT. */
	send(apic_id, ICR_STARTUP);
	send(apic_id, ICR_INIT);
	send(apic_id, ICR_STARTUP);
	EXPECT(wait_for(2));
}

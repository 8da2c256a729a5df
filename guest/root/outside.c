// SPDX-License-Identifier: Apache-2.0
#include "root/outside.h"

#include "abi/hv/intercept.h"
#include "abi/hv/msr.h"
#include "abi/hv/stats.h"
#include "abi/hv/status.h"
#include "abi/hv/synic.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

/* What the sibling says, and where. */
#define PEEK 0x80u
#define BYTE 0x5au

/* Words at the beginning of the hypervisor's statistics that we compare. */
#define COUNTERS (HV_COUNTER_HV_VIRTUAL_PROCESSORS + 1)

extern const char child_peek[], child_peek_end[];

static struct child sibling = {.first = CHILD_SECOND};
static const volatile uint64_t *stats;

static struct outside {
	uint64_t ours, siblings; /* sums of memory */
	uint64_t rip;            /* where the sibling stands */
	uint64_t balance, in_use;
	uint64_t empty; /* no message and no event has come to us */
	uint64_t counters[COUNTERS];
} remembered;

/* A sum that each bit of `count` of our pages from index `first` on changes. */
static uint64_t sum_of(unsigned int first, unsigned int count)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < count; i++) {
		const uint64_t *word = (const uint64_t *)machine_page(first + i);

		for (size_t j = 0; j < PAGE_SIZE / sizeof(*word); j++)
			sum = (sum ^ word[j]) * 0x9e3779b97f4a7c15;
	}
	return sum;
}

static void fill(unsigned int first, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		uint64_t *word = (uint64_t *)machine_page(first + i);

		for (size_t j = 0; j < PAGE_SIZE / sizeof(*word); j++)
			word[j] = (uintptr_t)(word + j) * 0xbf58476d1ce4e5b9;
	}
}

/* True if nothing has come to the page of register `msr` behind the first `skip` bytes. */
static bool is_empty(uint32_t msr, size_t skip)
{
	const uint8_t *page = (const uint8_t *)(rdmsr(msr) & HV_X64_MSR_PAGE_ADDRESS_MASK);

	for (size_t i = skip; i < PAGE_SIZE; i++)
		if (page[i] != 0)
			return false;
	return true;
}

/* The sibling goes on as ever. */
static void run_sibling(void)
{
	volatile struct hv_x64_io_port_intercept_message *m = child_expect(
		&sibling, 0, HVMSG_X64_IO_PORT_INTERCEPT);

	if (!m)
		return;
	EXPECT_EQ(m->port_number, PEEK);
	EXPECT_EQ(m->rax & 0xff, BYTE);
	child_resume(&sibling, 0, 0);
}

static void look(struct outside *found)
{
	run_sibling();
	found->ours = sum_of(OUTSIDE_FIRST, OUTSIDE_PAGES);
	found->siblings = sum_of(CHILD_MEMORY + CHILD_SECOND, CHILD_PAGES);
	found->rip = child_get(&sibling, 0, HV_X64_REGISTER_RIP).reg64;
	found->balance = root_balance(&found->in_use);
	/* The first source is the one that tells of children. */
	found->empty = is_empty(HV_X64_MSR_SIMP, sizeof(struct hv_message)) &&
		       is_empty(HV_X64_MSR_SIEFP, sizeof(struct hv_synic_event_flags));
	for (unsigned int i = 0; i < COUNTERS; i++)
		found->counters[i] = stats[i];
}

static uint64_t call_stats(uint16_t code)
{
	struct hv_input_stats_page *in = hypercall_prepare();

	in->type = HV_STATS_OBJECT_HYPERVISOR;
	return hypercall(CONTROL(code));
}

void outside_begin(void)
{
	uint64_t number;

	fill(OUTSIDE_FIRST, OUTSIDE_PAGES);
	child_start_real(&sibling, child_peek, child_peek_end);
	fill(CHILD_MEMORY + CHILD_SECOND + 4, CHILD_PAGES - 4);
	*(uint8_t *)child_memory(&sibling, CHILD_REAL_RESULT >> PAGE_SHIFT) = BYTE;
	EXPECT_EQ(root_deposit(OUTSIDE_STATS, 1), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(call_stats(HVCALL_MAP_STATS_PAGE), HV_STATUS_SUCCESS);
	memcpy(&number, hypercall_out, sizeof(number));
	stats = (const volatile uint64_t *)(number << PAGE_SHIFT);
}

uint64_t outside_sibling(void)
{
	return sibling.id;
}

void outside_remember(void)
{
	look(&remembered);
	EXPECT_EQ(remembered.empty, true);
}

bool outside_same(void)
{
	struct outside now;

	look(&now);
	EXPECT_EQ(now.ours, remembered.ours);
	EXPECT_EQ(now.siblings, remembered.siblings);
	EXPECT_EQ(now.rip, remembered.rip);
	EXPECT_EQ(now.balance, remembered.balance);
	EXPECT_EQ(now.in_use, remembered.in_use);
	EXPECT(now.empty);
	for (unsigned int i = 0; i < COUNTERS; i++)
		EXPECT_EQ(now.counters[i], remembered.counters[i]);
	return root_intact() && memcmp(&now, &remembered, sizeof(now)) == 0;
}

void outside_end(void)
{
	EXPECT_EQ(call_stats(HVCALL_UNMAP_STATS_PAGE), HV_STATUS_SUCCESS);
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_SUCCESS, 1));
	child_end(&sibling);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * Hypercalls of a child that means harm, made by its level 0: they answer it, and change nothing
 * outside it: not in its parent, not in another child, not in the hypervisor.
 */
#include "abi/hv/intercept.h"
#include "abi/hv/memory.h"
#include "abi/hv/msr.h"
#include "abi/hv/partition.h"
#include "abi/hv/status.h"
#include "abi/hv/synic.h"
#include "core/string.h"
#include "lib/layout.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/apic.h"
#include "root/child.h"
#include "root/hostile.h"
#include "root/outside.h"
#include "root/root.h"
#include "x86/cpu.h"

/* Our pages: the child's for parameters; some of those that only we have it may read. */
#define ARENA       CHILD_MEMORY
#define ARENA_PAGES 16u
#define READABLE    8u

/* Where the child has pages of registers, and where memory may be that it has to wait for. */
#define REGISTER_PLACE CHILD_HOLE
#define WAIT_PLACE     (CHILD_HOLE + 0x10000)
#define WAIT_PAGES     16u
#define WAITS          128u /* how often they stand among the places */

/* Calls in a test that is told no other number, and how many between two looks. */
#define CALLS        100000u
#define CALLS_A_LOOK 10000u

/* How often the child takes messages out of its page. */
#define CALLS_A_MESSAGE 32u

/* What the child asks to be looked at by. */
#define LOOK 0xe0u

#define HYPERCALL_LENGTH 3u

static struct child c;

/* What the child works with, and what it says. */
static struct hostile_places places;
static uint64_t seed, ids[3];
static struct hostile_call call;
static volatile uint64_t made;
static volatile bool failed;

/* Codes that are served to a child that has no rights but those its features bring, and whether
 * chance is sure to bring success. */
static const struct {
	uint16_t code;
	bool certain;
} own[] = {
	{HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE, true},
	{HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST, true},
	{HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX, false},
	{HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX, false},
	{HVCALL_NOTIFY_LONG_SPIN_WAIT, true},
	{HVCALL_SEND_IPI, true},
	{HVCALL_SEND_IPI_EX, true},
	{HVCALL_GET_VP_INDEX_FROM_APIC_ID, false},
	{HVCALL_POST_MESSAGE, false}, /* it has no connections */
	{HVCALL_SIGNAL_EVENT, false},
	{HVCALL_SIGNAL_EVENT_DIRECT, true},
	{HVCALL_POST_MESSAGE_DIRECT, true},
};

static bool is_own(uint16_t code)
{
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (own[i].code == code)
			return true;
	return false;
}

/* Any code: no call ends the machine or takes memory away for a child. */
static uint16_t any_code(void)
{
	switch (hostile_below(4)) {
	case 0:
		return own[hostile_below(ARRAY_SIZE(own))].code;
	case 1:
		return (uint16_t)hostile_below(HOSTILE_CODES);
	default:
		return hostile_code();
	}
}

/* What the child's VP 0 executes: calls, and a look after so many of them. */
static void in_hostile(void)
{
	*(volatile uint32_t *)(APIC_PAGE + LAPIC_SVR) = SVR_ENABLE | SVR_SPURIOUS;
	wrmsr(HV_X64_MSR_GUEST_OS_ID, ROOT_OS_ID);
	wrmsr(HV_X64_MSR_HYPERCALL, REGISTER_PLACE | HV_X64_MSR_HYPERCALL_ENABLE);
	wrmsr(HV_X64_MSR_REFERENCE_TSC, (REGISTER_PLACE + PAGE_SIZE) | HV_X64_MSR_PAGE_ENABLE);
	wrmsr(HV_X64_MSR_SIMP, (REGISTER_PLACE + 2 * PAGE_SIZE) | HV_SYNIC_SIMP_ENABLE);
	wrmsr(HV_X64_MSR_SIEFP, (REGISTER_PLACE + 3 * PAGE_SIZE) | HV_SYNIC_SIEFP_ENABLE);
	wrmsr(HV_X64_MSR_VP_ASSIST_PAGE,
	      (REGISTER_PLACE + 4 * PAGE_SIZE) | HV_X64_MSR_VP_ASSIST_PAGE_ENABLE);
	for (uint32_t sint = 0; sint < HV_SYNIC_SINT_COUNT / 2; sint++)
		wrmsr(HV_X64_MSR_SINT0 + sint, (0x60 + sint) | HV_SYNIC_SINT_POLLING);
	wrmsr(HV_X64_MSR_SCONTROL, HV_SYNIC_CONTROL_ENABLE);
	hostile_begin(seed);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		hostile_know(ids[i]);
	for (;;) {
		if (made % CALLS_A_MESSAGE == 0)
			hostile_take_messages();
		hostile_make(&call, any_code(), &places);
		failed = !hostile_try(&call);
		if (++made % CALLS_A_LOOK == 0 || failed)
			outb(LOOK, 0);
	}
}

/* Parameters whose memory has to be waited for stay away: the call fails, whatever it was. */
static void refuse(volatile const struct hv_x64_memory_intercept_message *m)
{
	struct hv_vp_register_page *page = c.vp[0].page;
	uint64_t gpa = m->guest_physical_address;

	EXPECT(gpa >= WAIT_PLACE && gpa < WAIT_PLACE + WAIT_PAGES * PAGE_SIZE);
	page->gp_registers[0] = HV_STATUS_INVALID_PARAMETER;
	if (m->header.cs.selector == CODE32)
		page->gp_registers[HV_X64_REGISTER_RDX - HV_X64_REGISTER_RAX] = 0;
	page->rip = m->header.rip + HYPERCALL_LENGTH;
	page->dirty |= 1u << HV_X64_REGISTER_CLASS_GENERAL | 1u << HV_X64_REGISTER_CLASS_IP;
}

/* Run the child until it wants to be looked at. Returns false if something else came of it. */
static bool run(uint64_t *waited)
{
	volatile struct hv_message *message = c.vp[0].message;
	volatile struct hv_x64_io_port_intercept_message *port = (volatile void *)message->payload;

	for (;;) {
		if (!EXPECT_EQ(child_run(&c, 0), CHILD_MESSAGE))
			return false;
		if (message->header.message_type != HVMSG_GPA_INTERCEPT)
			break;
		refuse((volatile void *)message->payload);
		++*waited;
	}
	if (!EXPECT_EQ(message->header.message_type, HVMSG_X64_IO_PORT_INTERCEPT) ||
	    !EXPECT_EQ(port->port_number, LOOK))
		return false;
	child_resume(&c, 0, 0);
	if (failed)
		hostile_note(made, &call);
	return !failed;
}

/* Where parameters of the child can be, and where they cannot. */
static void make_places(void)
{
	static uint64_t closed[OUTSIDE_PAGES + CHILD_PAGES + CHILD_POOL_PAGES + WAITS + 1];
	unsigned int n = 0;

	for (unsigned int i = 0; i < OUTSIDE_PAGES; i++)
		closed[n++] = machine_page(OUTSIDE_FIRST + i);
	for (unsigned int i = 0; i < CHILD_PAGES; i++)
		closed[n++] = machine_page(CHILD_MEMORY + CHILD_SECOND + i);
	for (unsigned int i = 0; i < CHILD_POOL_PAGES; i++)
		closed[n++] = machine_page(CHILD_POOL + i % 2 * CHILD_SECOND + i);
	for (unsigned int i = 0; i < WAITS; i++)
		closed[n++] = WAIT_PLACE + i % WAIT_PAGES * PAGE_SIZE;
	closed[n++] = root_hidden_page();
	places = (struct hostile_places){machine_page(ARENA), ARENA_PAGES, closed, n};
}

/* A child that is about to make calls, beside another. */
static void start(uint64_t features, uint64_t privileges)
{
	make_places();
	outside_begin();
	child_create_with(&c, features, privileges);
	child_share_image(&c);
	EXPECT_EQ(child_map(&c, places.arena >> PAGE_SHIFT,
			    HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE, ARENA, ARENA_PAGES),
		  RESULT(HV_STATUS_SUCCESS, ARENA_PAGES));
	EXPECT_EQ(child_map(&c, machine_page(OUTSIDE_FIRST) >> PAGE_SHIFT, HV_MAP_GPA_READABLE,
			    OUTSIDE_FIRST, READABLE),
		  RESULT(HV_STATUS_SUCCESS, READABLE));
	EXPECT_EQ(child_map(&c, WAIT_PLACE >> PAGE_SHIFT, HV_MAP_GPA_NO_ACCESS, 0, WAIT_PAGES),
		  RESULT(HV_STATUS_SUCCESS, WAIT_PAGES));
	for (uint32_t i = 0; i < CHILD_VPS; i++)
		child_add_vp(&c, i);
	child_enter(&c, 0, in_hostile);
	ids[0] = outside_sibling();
	ids[1] = c.id;
	ids[2] = 1;
	seed = root_option("seed=", rdtsc());
	made = 0;
	failed = false;
	memset(hostile_tally, 0, sizeof(hostile_tally));
}

/* Calls of a child with `features` and `privileges`, and looks at what they may not have changed.
 */
static void try_calls(uint64_t features, uint64_t privileges)
{
	uint64_t calls = root_option("calls=", CALLS), waited = 0;
	uint64_t begin = rdmsr(HV_X64_MSR_TIME_REF_COUNT);
	bool good = true;

	hostile_open();
	start(features, privileges);
	test_note("%lu calls from seed=%lx on", calls, seed);
	outside_remember();
	while (good && made < calls) {
		good = run(&waited);
		test_about("after %lu calls", made);
		good = outside_same() && good;
	}
	test_about(NULL);
	EXPECT(waited > 0);
	child_end(&c);
	outside_end();
	hostile_close();
	test_note("%lu ms, %lu calls waited for memory",
		  (rdmsr(HV_X64_MSR_TIME_REF_COUNT) - begin) / 10000, waited);
}

TEST_ENDING(TEST_LONG, child, "hostile: a child's calls change nothing outside it, and few succeed")
{
	try_calls(CHILD_FEATURES, 0);
	for (unsigned int code = 0; code < HOSTILE_CODES; code++) {
		test_about("code 0x%x", code);
		EXPECT(hostile_tally[code].calls > 0);
		if (!is_own((uint16_t)code))
			EXPECT_EQ(hostile_tally[code].handled, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		const struct hostile_tally *t = &hostile_tally[own[i].code];

		test_about("code 0x%x", own[i].code);
		test_note("code 0x%x: %u calls, %u undefined, %u refused, %u handled, %u succeeded",
			  own[i].code, t->calls, t->undefined, t->refused, t->handled,
			  t->succeeded);
		EXPECT(t->succeeded > 0 || !own[i].certain);
	}
}

TEST_ENDING(TEST_LONG, trusted_child,
	    "hostile: nor do those of a child that has all rights which can be given")
{
	/* Output in registers would be a change of registers. */
	try_calls(~HV_SYNTHETIC_FAST_HYPERCALL_OUTPUT, UINT64_MAX);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * Lives of children, one after another: created, run, deleted in each state they can be in. All
 * that they had comes back, and nothing of one is found by the next, by us or by a sibling.
 */
#include "abi/hv/memory.h"
#include "abi/hv/msr.h"
#include "abi/hv/status.h"
#include "abi/hv/synic.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/apic.h"
#include "root/child.h"
#include "root/outside.h"
#include "root/root.h"
#include "x86/cpu.h"

#define RW (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)

/* Lives of a test that is told no other number, and how many between two looks around. */
#define LIVES        1000u
#define LIVES_A_LOOK 50u

/* Where the child has pages of the hypervisor's, and some of ours. */
#define REGISTER_PLACE CHILD_HOLE
#define REGISTER_PAGES 3u
#define RAM_PLACE      (CHILD_HOLE + 0x10000)

/* The child asks to be looked at. */
#define LOOK 0xe0u

/* What is left in all pages that change hands. */
#define SECRET 0xa5u

static struct child c;

/* Bits of what the child found that nobody has told it. */
static volatile uint64_t found;

/* Look for secrets, leave some, let a timer tick, wake the other VP; then halt. */
static void in_life(void)
{
	struct hypercall_regs regs = {.rcx = CONTROL_FAST(HVCALL_SEND_IPI), .rdx = 0x41, .r8 = 2};
	volatile uint64_t *word = (volatile uint64_t *)REGISTER_PLACE;
	uint64_t vector;

	__asm__ volatile("movq %%xmm3, %0" : "=r"(vector));
	found = vector;
	wrmsr(HV_X64_MSR_GUEST_OS_ID, ROOT_OS_ID);
	wrmsr(HV_X64_MSR_SIMP, REGISTER_PLACE | HV_SYNIC_SIMP_ENABLE);
	wrmsr(HV_X64_MSR_SIEFP, (REGISTER_PLACE + PAGE_SIZE) | HV_SYNIC_SIEFP_ENABLE);
	wrmsr(HV_X64_MSR_VP_ASSIST_PAGE,
	      (REGISTER_PLACE + 2 * PAGE_SIZE) | HV_X64_MSR_VP_ASSIST_PAGE_ENABLE);
	for (size_t i = 0; i < REGISTER_PAGES * PAGE_SIZE / sizeof(*word); i++) {
		found |= word[i];
		word[i] = UINT64_MAX / 0xff * SECRET;
	}
	vector = UINT64_MAX / 0xff * SECRET;
	__asm__ volatile("movq %0, %%xmm3" : : "r"(vector));
	memset((void *)RAM_PLACE, SECRET, CHILD_PAGES * PAGE_SIZE);
	wrmsr(HV_X64_MSR_STIMER0_CONFIG, HV_STIMER_AUTOENABLE | HV_STIMER_PERIODIC |
						 HV_STIMER_DIRECT_MODE |
						 0x41UL << HV_STIMER_APIC_VECTOR_SHIFT);
	wrmsr(HV_X64_MSR_STIMER0_COUNT, 1000);
	hypercall_execute(&regs, vmmcall_code);
	found |= regs.rax;
	outb(LOOK, 0);
	/* Its APIC is off: nothing wakes it. */
	__asm__ volatile("sti; hlt" : : : "memory");
}

static bool is_wiped(unsigned int first, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		const uint64_t *word = (const uint64_t *)machine_page(first + i);

		for (size_t j = 0; j < PAGE_SIZE / sizeof(*word); j++)
			if (word[j] != 0)
				return false;
	}
	return true;
}

static void leave_secrets(unsigned int first, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		memset((void *)machine_page(first + i), SECRET, PAGE_SIZE);
}

static void expect_look(void)
{
	volatile struct hv_x64_io_port_intercept_message *m = child_expect(
		&c, 0, HVMSG_X64_IO_PORT_INTERCEPT);

	if (m)
		EXPECT_EQ(m->port_number, LOOK);
	EXPECT_EQ(found, 0);
}

/* One life. Its end finds it before it has run, with a message that nobody has answered, halted, or
 * without VPs, in turn. */
static void live(uint64_t number)
{
	leave_secrets(CHILD_SELF, CHILD_SELF_PAGES);
	leave_secrets(CHILD_POOL, CHILD_POOL_PAGES);
	child_create(&c, CHILD_FEATURES);
	child_share_image(&c);
	EXPECT_EQ(child_map(&c, RAM_PLACE >> PAGE_SHIFT, RW, CHILD_MEMORY, CHILD_PAGES),
		  RESULT(HV_STATUS_SUCCESS, CHILD_PAGES));
	for (uint32_t i = 0; i < CHILD_VPS; i++)
		child_add_vp(&c, i);
	child_enter(&c, 0, in_life);
	if (number % 4 > 0)
		expect_look();
	if (number % 4 > 1) {
		child_resume(&c, 0, 0);
		EXPECT_EQ(child_run(&c, 0), CHILD_BLOCKED);
	}
	for (uint32_t i = 0; number % 4 > 2 && i < CHILD_VPS; i++)
		EXPECT_EQ(child_call(HVCALL_DELETE_VP, c.id, i), HV_STATUS_SUCCESS);
	child_end(&c);
	EXPECT(is_wiped(CHILD_SELF, CHILD_SELF_PAGES));
	EXPECT(is_wiped(CHILD_POOL, CHILD_POOL_PAGES));
}

TEST_ENDING(TEST_LONG, lives,
	    "children: a thousand lives leave nothing behind, in none of their ends")
{
	uint64_t lives = root_option("lives=", LIVES), last = 0;
	uint64_t begin = rdmsr(HV_X64_MSR_TIME_REF_COUNT);
	bool good = true;

	outside_begin();
	outside_remember();
	for (uint64_t i = 0; good && i < lives; i++) {
		test_about("life %lu", i);
		live(i);
		EXPECT(c.id > last);
		last = c.id;
		if (i % LIVES_A_LOOK == LIVES_A_LOOK - 1 || i + 1 == lives)
			good = outside_same();
	}
	test_about(NULL);
	outside_end();
	test_note("%lu lives, %lu ms", lives, (rdmsr(HV_X64_MSR_TIME_REF_COUNT) - begin) / 10000);
}

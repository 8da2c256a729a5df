// SPDX-License-Identifier: Apache-2.0
/*
 * The hypercall dispatcher under libFuzzer: sequences of calls of any shape by the root partition,
 * with children in every state. After each of them the rules for registers hold, and every page is
 * where pools, frames and page tables agree it is.
 *
 * An input is a byte of mode and then operations:
 *   kind       0: a line for the log, and the VP reads its messages, 1: a control word of eight
 * bytes, others: row kind - 2 of the table, then a byte of options, and rep count and start in two
 * bytes each addresses  one byte each for input and output: what they point to, see address()
 * payload    one byte of style, one of length, and that many bytes for the input page or the
 * registers
 *   255        a byte of what happens in a child (enum child_event), and one that says in which
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

#include "abi/hv/hypercall.h"
#include "core/log.h"
#include "hypercall/table.h"
#include "partition/frame.h"
#include "partition/integrity.h"
#include "synic/synic.h"
#include "x86/npt_table.h"

/* Modes of the VP for a whole input. */
#define MODE_32_BIT     0x01u
#define MODE_XMM        0x02u
#define MODE_USER       0x04u
#define MODE_NO_OS      0x08u
#define MODE_CHILD      0x10u
#define MODE_NO_RIGHTS  0x20u
#define MODE_TABLES_END 0x40u /* tables can be split only a few times */
#define MODE_SYNIC      0x80u /* the VP's SynIC is enabled, all sources unmasked */

/* Options of a call by its row. */
#define OPTION_FAST     0x80u
#define OPTION_VARIABLE 0x7Fu

/* Styles of payload. */
#define STYLE_SELF  0x01u /* the first eight bytes name the caller */
#define STYLE_PAGES 0x02u /* then page numbers follow, two bytes each */
#define STYLE_CHILD 0x04u /* the first eight bytes name a child: bits 7:6 say which */
#define STYLE_WORDS 0x08u /* 16 bytes as they are come before the page numbers */

#define KIND_CHILD 255u
enum child_event {
	CHILD_VP,       /* it gets a VP */
	CHILD_DISPATCH, /* other processors run its VPs, or not any more */
	CHILD_WRITE,    /* it writes to its page of that number */
	CHILD_EVENTS,
};

/* A page that is no parameter and no deposit, so that nothing may ever write to it. */
#define CANARY_PAGE 3u

static uint8_t canary[PAGE_SIZE];

#define ROUNDS_MAX 5000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reader {
	const uint8_t *data;
	size_t left;
};

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

/* The child of the root with the `index`th number, NULL if there are not so many. */
static struct partition *child_at(unsigned int index)
{
	uint64_t id = 0;

	for (;; index--) {
		struct partition *child = partition_next_child(&fake.root, id);

		if (!child)
			return NULL;
		partition_put(child);
		if (index == 0)
			return child;
		id = child->id;
	}
}

static uint64_t take(struct reader *r, unsigned int bytes)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < bytes && r->left > 0; i++, r->left--)
		value |= (uint64_t)*r->data++ << (8 * i);
	return value;
}

/* Where a parameter may be: mostly its page, sometimes a place that must be refused. */
static gpa_t address(struct reader *r, gpa_t page)
{
	uint8_t choice = (uint8_t)take(r, 1);

	if (choice < 0x80)
		return page;
	if (choice < 0xC0)
		return page + (gpa_t)(choice & 0x3F) * 64;
	switch (choice & 7) {
	case 0:
		return page + PAGE_SIZE - 8;
	case 1:
		return page + 4;
	case 2:
		return FAKE_FREE * PAGE_SIZE; /* may have been given away */
	case 3:
		return FAKE_SIZE; /* a hole */
	case 4:
		return FAKE_LIMIT - PAGE_SIZE;
	case 5:
		return UINT64_MAX & ~7ULL;
	case 6:
		return FAKE_INPUT;
	default:
		return take(r, 8);
	}
}

/*
 * Fill the input page and the XMM registers; the first sixteen bytes are what a fast call has in
 * registers.
 */
static void take_payload(struct reader *r, uint64_t words[2])
{
	uint8_t *page = fake_memory + FAKE_INPUT;
	const uint64_t self = HV_PARTITION_ID_SELF;
	uint8_t style = (uint8_t)take(r, 1);
	size_t length = (size_t)take(r, 1) * 2;
	const struct partition *child = child_at(style >> 6);
	size_t at = 0;

	if (fake.page[FAKE_INPUT / PAGE_SIZE].revoked)
		return;
	memset(page, 0, PAGE_SIZE);
	if (style & STYLE_SELF) {
		memcpy(page, &self, sizeof(self));
		at = sizeof(self);
	} else if ((style & STYLE_CHILD) && child) {
		memcpy(page, &child->id, sizeof(child->id));
		at = sizeof(child->id);
	}
	if (style & STYLE_WORDS) {
		for (unsigned int i = 0; i < 16; i++)
			page[at++] = (uint8_t)take(r, 1);
	}
	if (style & STYLE_PAGES) {
		for (; length > 0 && at + 8 <= PAGE_SIZE; length -= 2, at += 8) {
			uint64_t number = take(r, 2);

			memcpy(page + at, &number, sizeof(number));
		}
	} else {
		length = MIN(length, r->left);
		length = MIN(length, PAGE_SIZE - at);
		memcpy(page + at, r->data, length);
		r->data += length;
		r->left -= length;
	}
	memcpy(words, page, 16);
	memcpy(fake.xmm, page + 16, sizeof(fake.xmm));
}

static uint64_t take_control(struct reader *r, uint8_t kind)
{
	const struct hypercall_row *row;
	uint64_t options;
	uint64_t reps;
	uint64_t start;
	size_t rows = 1;

	if (kind == 1)
		return take(r, 8);
	while (hypercall_row(rows))
		rows++;
	row = hypercall_row((kind - 2) % rows);
	options = take(r, 1);
	reps = take(r, 2) & 0xFFF;
	start = take(r, 2) & 0xFFF;
	return row->code | (options & OPTION_FAST ? HV_HYPERCALL_FAST_BIT : 0) |
	       (options & OPTION_VARIABLE) << HV_HYPERCALL_VARHEAD_OFFSET |
	       reps << HV_HYPERCALL_REP_COMP_OFFSET | start << HV_HYPERCALL_REP_START_OFFSET;
}

static uint8_t on_list[FAKE_PAGES];
static uint32_t mappings[FAKE_PAGES];

/* The pages on the free list of `p` are hidden, and as many as it says. */
static void check_pool(const struct partition *p)
{
	const struct page_pool *pool = &p->pool;
	const struct list *node;
	uint64_t listed = 0;

	for (node = pool->free.next; node != &pool->free; node = node->next) {
		uint64_t number = (uint64_t)((const uint8_t *)node - fake_memory) / PAGE_SIZE;

		require(number < FAKE_PAGES && !on_list[number], "a page is on a free list twice");
		require(fake.page[number].revoked && fake.page[number].access == 0,
			"a free page of a pool is within a partition's reach");
		on_list[number] = 1;
		listed++;
	}
	require(listed == pool->free_count, "a pool miscounts its free pages");
}

/* What a child's tables lead to is the root's memory; count it. */
static void check_table(spa_t page, unsigned int level)
{
	const uint64_t *table = (const uint64_t *)(const void *)(fake_memory + page);

	require(fake.page[page / PAGE_SIZE].revoked && !on_list[page / PAGE_SIZE],
		"a table is not the hypervisor's");
	for (unsigned int i = 0; i < TABLE_ENTRIES; i++) {
		uint64_t number = (table[i] & PTE_ADDRESS) / PAGE_SIZE;

		if (table[i] == 0)
			continue;
		if (!is_leaf(table[i], level)) {
			check_table(table[i] & PTE_ADDRESS, level - 1);
		} else if (table[i] & PTE_PRESENT) {
			uint64_t count = level == 1 ? 1 : TABLE_ENTRIES;

			require(level <= 2 && number + count <= FAKE_PAGES, "a mapping of nothing");
			for (uint64_t n = number; n < number + count; n++) {
				require(!fake.page[n].revoked,
					"a child reaches a page of the hypervisor's");
				mappings[n] += (table[i] & PTE_MEMORY) != 0;
			}
		} else {
			require(table[i] == (PTE_FORBIDDEN | (level > 1 ? PTE_LARGE : 0)),
				"an entry that says nothing");
		}
	}
}

/*
 * Each page is either the partition's or counted in a pool, those on free lists are hidden, and
 * what children map is counted in the frames.
 */
static void check_pages(void)
{
	uint64_t held = fake.root.pool.free_count + fake.root.pool.used_count;
	const struct partition *child;
	uint64_t revoked = 0;

	memset(on_list, 0, sizeof(on_list));
	memset(mappings, 0, sizeof(mappings));
	check_pool(&fake.root);
	for (unsigned int i = 0; (child = child_at(i)) != NULL; i++) {
		check_pool(child);
		held += child->pool.free_count + child->pool.used_count;
	}
	for (unsigned int i = 0; (child = child_at(i)) != NULL; i++)
		if (child->state == PARTITION_INITIALIZED)
			check_table(child->gpa.table, TOP_LEVEL);
	for (unsigned int i = 0; i < FAKE_PAGES; i++) {
		revoked += fake.page[i].revoked;
		require(!fake.page[i].revoked || !(fake.page[i].access & GPA_WRITE) || !on_list[i],
			"a free page of the hypervisor's is writable");
		require(frame_mappings(i * PAGE_SIZE) == mappings[i], "a frame miscounts");
	}
	require(revoked == held, "a page has got lost");
	require(memcmp(fake_memory + CANARY_PAGE * PAGE_SIZE, canary, PAGE_SIZE) == 0,
		"a page that nobody named was written");
}

/* What the hypervisor says of itself agrees. */
static void check_integrity(void)
{
	struct integrity found;

	integrity_check(&fake.root, &found);
	require(found.violations == 0, found.first);
}

/* Something happens in a child that no call of the root's does. */
static void child_event(struct reader *r)
{
	unsigned int event = (unsigned int)take(r, 1) % CHILD_EVENTS;
	unsigned int which = (unsigned int)take(r, 1);
	struct partition *child = child_at(which & 3);
	unsigned int index = which >> 2;
	uint64_t mark = 0x5C5C5C5C5C5C5C5C;

	if (!child || child->state != PARTITION_INITIALIZED)
		return;
	switch (event) {
	case CHILD_VP:
		if (!child->vps[index] && child->pool.free_count > 0)
			fake_child_vp(child, index);
		break;
	case CHILD_DISPATCH:
		for (uint32_t i = 0; i < child->vp_limit; i++)
			if (child->vps[i])
				child->vps[i]->child.owner ^= VP_OWNER_DISPATCH;
		break;
	default:
		copy_to_gpa(&child->gpa, index * PAGE_SIZE, &mark, sizeof(mark));
		break;
	}
}

/* Nothing is dispatched any more: so does a processor, too, that is asked to stop. */
static void stop_children(void)
{
	struct partition *child;

	for (unsigned int i = 0; (child = child_at(i)) != NULL; i++)
		for (uint32_t n = 0; n < PARTITION_MAX_VPS; n++)
			if (child->vps[n])
				child->vps[n]->child.owner = VP_OWNER_NONE;
}

static uint64_t control_now(void)
{
	const struct vp_regs *regs = &fake.vp.regs;

	return fake.long_mode ? regs->rcx : regs->rdx << 32 | (uint32_t)regs->rax;
}

/* The rules of abi/hv/hypercall.h for what a finished call leaves behind. */
static void check_result(const struct vp_regs *before, uint64_t control)
{
	const struct vp_regs *regs = &fake.vp.regs;
	uint64_t result = fake.long_mode ? regs->rax : regs->rdx << 32 | (uint32_t)regs->rax;
	uint64_t count = (control & HV_HYPERCALL_REP_COMP_MASK) >> HV_HYPERCALL_REP_COMP_OFFSET;

	require(fake.advanced == 3 && regs->rip == before->rip + 3, "RIP is not behind the call");
	require((result & ~(HV_HYPERCALL_RESULT_MASK | HV_HYPERCALL_REP_COMP_MASK)) == 0,
		"reserved bits of the result");
	require(result_status(result) < 0x100 && result_status(result) != 1,
		"no status of the TLFS");
	if (result_status(result) == HV_STATUS_SUCCESS)
		require(result_reps(result) == count, "success without all elements");
	else
		require(result_reps(result) < MAX(count, 1u), "more elements done than there are");
	require(regs->rbx == before->rbx && regs->rsi == before->rsi && regs->rdi == before->rdi &&
			regs->rsp == before->rsp && regs->rbp == before->rbp,
		"a call changed a register that is the caller's");
}

static void call(uint64_t control, uint64_t input, uint64_t output)
{
	struct vp_regs *regs = &fake.vp.regs;
	struct vp_regs before = {.rip = 0x1000, .rsp = 4, .rbp = 5, .rbx = 3, .rsi = 6, .rdi = 7};

	if (fake.long_mode) {
		before.rax = 0x1111;
		before.rcx = control;
		before.rdx = input;
		before.r8 = output;
	} else {
		before.rdx = control >> 32;
		before.rax = (uint32_t)control;
		before.rbx = input >> 32;
		before.rcx = (uint32_t)input;
		before.rdi = output >> 32;
		before.rsi = (uint32_t)output;
	}
	*regs = before;
	for (unsigned int i = 0;; i++) {
		uint64_t last = control_now();
		uint64_t now;

		require(i < ROUNDS_MAX, "a call does not end");
		fake.advanced = 0;
		fake.raised = 0;
		hypercall_dispatch(&fake.vp);
		if (fake.raised) {
			require(fake.raised == VECTOR_UD && fake.advanced == 0 && i == 0 &&
					memcmp(&before, regs, sizeof(before)) == 0,
				"an exception left registers changed");
			return;
		}
		if (fake.advanced) {
			check_result(&before, control);
			return;
		}
		now = control_now();
		require(((now ^ last) & ~HV_HYPERCALL_REP_START_MASK) == 0 &&
				regs->rip == before.rip &&
				(now > last || !(control & HV_HYPERCALL_REP_COMP_MASK)),
			"a continued call is not the same call further on");
		check_pages();
	}
}

static void enable_synic(void)
{
	synic_write_msr(&fake.vp, HV_X64_MSR_SIMP, 1);
	synic_write_msr(&fake.vp, HV_X64_MSR_SIEFP, 1);
	for (uint32_t sint = 0; sint < SYNIC_SINT_COUNT; sint++)
		synic_write_msr(&fake.vp, HV_X64_MSR_SINT0 + sint, 0x40 + sint);
	synic_write_msr(&fake.vp, HV_X64_MSR_SCONTROL, 1);
}

/* Empty each slot of the message page, and see what else comes. */
static void read_messages(void)
{
	struct hv_message_page *page = (struct hv_message_page *)(void *)(fake_memory + FAKE_SIMP);

	for (unsigned int sint = 0; sint < SYNIC_SINT_COUNT; sint++) {
		require(page->sint_message[sint].header.payload_size <=
				HV_MESSAGE_PAYLOAD_BYTE_COUNT,
			"a message is longer than a message");
		page->sint_message[sint].header.message_type = HVMSG_NONE;
	}
	synic_write_msr(&fake.vp, HV_X64_MSR_EOM, 0);
}

static void operation(struct reader *r)
{
	uint8_t kind = (uint8_t)take(r, 1);
	uint64_t words[2] = {0, 0};
	uint64_t control;
	gpa_t input;
	gpa_t output;

	if (kind == 0) {
		size_t length = (size_t)take(r, 1);

		length = MIN(length, r->left);
		log_append(LOG_INFO, 0, (const char *)r->data, length);
		r->data += length;
		r->left -= length;
		read_messages();
		return;
	}
	if (kind == KIND_CHILD) {
		child_event(r);
		return;
	}
	control = take_control(r, kind);
	input = address(r, FAKE_INPUT);
	output = address(r, FAKE_OUTPUT);
	take_payload(r, words);
	if (control & HV_HYPERCALL_FAST_BIT)
		call(control, words[0], words[1]);
	else
		call(control, input, output);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct partition parent;
	struct reader r = {.data = data, .left = size};
	uint8_t mode = (uint8_t)take(&r, 1);

	fake_reset_machine();
	memset(canary, 0xC5, sizeof(canary));
	memcpy(fake_memory + CANARY_PAGE * PAGE_SIZE, canary, sizeof(canary));
	fake.page[CANARY_PAGE].memory = false;
	fake.processors = 70;
	fake.lp_count = 2;
	fake.woken = stop_children;
	fake.long_mode = !(mode & MODE_32_BIT);
	if (mode & MODE_XMM)
		fake.root.features = UINT32_MAX;
	if (mode & MODE_SYNIC)
		enable_synic();
	if (mode & MODE_USER)
		fake.cpl = 3;
	if (mode & MODE_NO_OS)
		fake.root.guest_os_id = 0;
	if (mode & MODE_CHILD)
		fake.root.parent = &parent;
	if (mode & MODE_NO_RIGHTS)
		fake.root.privileges = 0;
	if (mode & MODE_TABLES_END)
		fake.revokes_before_failure = 9;
	if (setjmp(fake.power_off) == 0) {
		while (r.left > 0) {
			operation(&r);
			check_pages();
		}
	}
	check_integrity();
	/* Statistics pages and ports go back as a root would give them. */
	fake.root.parent = NULL;
	stop_children();
	partition_return_deposits(&fake.root);
	require(partition_count() == 1, "a child outlives its parent");
	check_pages();
	require(fake.root.pool.used_count == 0, "a page of a port is still in use");
	return 0;
}

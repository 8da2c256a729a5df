// SPDX-License-Identifier: Apache-2.0
/*
 * Ways for the root's processor to touch what is not the root's: the hypervisor's memory, and pages
 * that the root has deposited. Whatever touches it gets #GP(0), and nothing was read or written.
 */
#include "abi/hv/bulkhead.h"
#include "abi/hv/msr.h"
#include "abi/hv/partition.h"
#include "abi/hv/stats.h"
#include "abi/hv/status.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/layout.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

#define PATTERN 0x5a

/* Our pages: the second of the two neighbours is deposited. */
#define BEFORE    40u
#define DEPOSITED 41u
#define OTHER     50u

static uint8_t *page_at(unsigned int index)
{
	return (uint8_t *)machine_page(index);
}

static void deposit(void)
{
	memset(page_at(BEFORE), PATTERN, PAGE_SIZE);
	EXPECT_EQ(root_deposit(DEPOSITED, 1), RESULT(HV_STATUS_SUCCESS, 1));
}

static void withdraw(void)
{
	EXPECT_EQ(root_withdraw(1), RESULT(HV_STATUS_SUCCESS, 1));
}

/* Places that we may not touch. */
static uint64_t closed_page(unsigned int which)
{
	return which == 0 ? root_hidden_page() : machine_page(DEPOSITED);
}

/* Run `fn` on `address`: #GP(0), counted once. */
static void expect_refused(void (*fn)(void *), uint64_t address)
{
	uint64_t refused = root_counter("memory.access_refused");

	EXPECT_FAULT(fault_call(fn, (void *)address), VECTOR_GP);
	EXPECT_EQ(fault.error, 0);
	EXPECT_EQ(root_counter("memory.access_refused") - refused, 1);
}

/* An instruction on (%rdi) or (%rsi); it may change any of the registers named. */
#define INSTRUCTION(name, code)                                                             \
	static void name(void *at)                                                          \
	{                                                                                   \
		uint64_t rdi = (uint64_t)at, rsi = rdi, rax = 0, rbx = 0, rcx = 0, rdx = 0; \
                                                                                            \
		__asm__ volatile(code                                                       \
				 : "+D"(rdi), "+S"(rsi), "+a"(rax), "+b"(rbx), "+c"(rcx),   \
				   "+d"(rdx)                                                \
				 :                                                          \
				 : "memory", "cc");                                         \
	}

INSTRUCTION(read_byte, "movb (%%rdi), %%al")
INSTRUCTION(read_xmm, "movups (%%rdi), %%xmm0")
INSTRUCTION(write_byte, "movb %%al, (%%rdi)")
INSTRUCTION(write_xmm, "movups %%xmm0, (%%rdi)")
INSTRUCTION(exchange, "xchgq %%rax, (%%rdi)")
INSTRUCTION(locked, "lock incq (%%rdi)")
INSTRUCTION(compare, "lock cmpxchgq %%rbx, (%%rdi)")
INSTRUCTION(compare_16, "lock cmpxchg16b (%%rdi)")
INSTRUCTION(save, "fxsave (%%rdi)")
INSTRUCTION(store_string, "stosq")
INSTRUCTION(load_string, "lodsq")
INSTRUCTION(compare_string, "cmpsb")
INSTRUCTION(input_string, "movw $0x3fd, %%dx; insb") /* the status of the serial port */
INSTRUCTION(output_string, "movw $0x80, %%dx; outsb")
INSTRUCTION(store_table, "sidt (%%rdi)")
INSTRUCTION(load_table, "lldt (%%rdi)")
INSTRUCTION(load_stack, "movw (%%rdi), %%ss")
INSTRUCTION(jump, "jmp *(%%rdi)")

TEST(instructions, "isolation: no instruction reads or writes what is not the root's")
{
	static void (*const list[])(void *) = {
		read_byte,    read_xmm,      write_byte,  write_xmm,    exchange,    locked,
		compare,      compare_16,    save,        store_string, load_string, compare_string,
		input_string, output_string, store_table, load_table,   load_stack,  jump,
	};

	deposit();
	for (unsigned int which = 0; which < 2; which++)
		for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
			test_about("instruction %lu, page %u", i, which);
			expect_refused(list[i], closed_page(which) + 0x40);
		}
	test_about(NULL);
	withdraw();
	EXPECT(root_intact());
}

/* Copy from or store to the last 16 bytes of a page and the first of the next. */
static void copy_across(void *from)
{
	void *to = page_at(OTHER);
	uint64_t count = 32;

	__asm__ volatile("rep movsb" : "+S"(from), "+D"(to), "+c"(count) : : "memory");
}

static void store_across(void *to)
{
	uint64_t count = 32;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(0x77) : "memory");
}

TEST(strings, "isolation: string instructions stop at the page that is not the root's")
{
	uint8_t *end = page_at(BEFORE) + PAGE_SIZE;

	memset(page_at(OTHER), 0, PAGE_SIZE);
	deposit();
	expect_refused(copy_across, (uint64_t)end - 16);
	for (unsigned int i = 0; i < 32; i++) {
		test_about("byte %u", i);
		EXPECT_EQ(page_at(OTHER)[i], i < 16 ? PATTERN : 0);
	}
	expect_refused(store_across, (uint64_t)end - 16);
	for (unsigned int i = 1; i <= 32; i++) {
		test_about("byte %u before the end", i);
		EXPECT_EQ(end[-(int)i], i <= 16 ? 0x77 : PATTERN);
	}
	test_about(NULL);
	withdraw();
	EXPECT_EQ(page_at(DEPOSITED)[0], 0);
}

TEST(across, "isolation: an access that only ends in a page that is not the root's does nothing")
{
	uint8_t *end = page_at(BEFORE) + PAGE_SIZE;

	deposit();
	expect_refused(read_xmm, (uint64_t)end - 8);
	expect_refused(write_xmm, (uint64_t)end - 1);
	expect_refused(exchange, (uint64_t)end - 4);
	expect_refused(save, (uint64_t)end - 0x100);
	EXPECT_EQ(end[-1], PATTERN);
	withdraw();
}

static void call_it(void *code)
{
	((void (*)(void))(uint64_t)code)();
}

/* Put `size` bytes of code in front of the end of the page before the deposited one, and run it. */
static uint64_t run_into(const void *code, size_t size)
{
	uint8_t *at = page_at(BEFORE) + PAGE_SIZE - size;

	memcpy(at, code, size);
	expect_refused(call_it, (uint64_t)at);
	return (uint64_t)at;
}

TEST(fetch, "isolation: code cannot run into a page that is not the root's")
{
	static const uint8_t nop[] = {0x90};
	static const uint8_t mov[] = {0xb8, 0x01};     /* of five bytes */
	static const uint8_t vmmcall[] = {0x0f, 0x01}; /* of three */
	static const uint8_t cpuid_code[] = {0x0f};    /* of two */
	uint64_t at;

	deposit();
	run_into(nop, sizeof(nop));
	EXPECT_EQ(fault.rip, machine_page(DEPOSITED));
	at = run_into(mov, sizeof(mov));
	EXPECT_EQ(fault.rip, at);
	at = run_into(vmmcall, sizeof(vmmcall));
	EXPECT_EQ(fault.rip, at);
	at = run_into(cpuid_code, sizeof(cpuid_code));
	EXPECT_EQ(fault.rip, at);
	withdraw();
}

TEST(level3, "isolation: code at level 3 is refused the same")
{
	deposit();
	for (unsigned int which = 0; which < 2; which++) {
		void *at = (void *)closed_page(which);

		test_about("page %u", which);
		EXPECT_FAULT(user_call(read_byte, at), VECTOR_GP);
		EXPECT_EQ(fault.cs & 3, 3);
		EXPECT_FAULT(user_call(write_byte, at), VECTOR_GP);
		EXPECT_FAULT(user_call(call_it, at), VECTOR_GP);
		EXPECT_EQ(fault.rip, (uint64_t)at);
	}
	withdraw();
}

/* Page tables of our own for the 512 GiB behind those that are mapped one to one. */
#define WINDOW      (512 * SIZE_1G)
#define TABLE_FIRST 60u /* page directory pointers, directory, table, page */
#define TABLES      3u

static void flush(void)
{
	write_cr3(read_cr3());
}

static volatile uint64_t *top_table(void)
{
	return (volatile uint64_t *)(read_cr3() & PAGE_MASK);
}

/* Map our page at WINDOW, with `table` in the place of table `level` (0: the one below the top). */
static void map_window(unsigned int level, uint64_t table)
{
	uint64_t next[TABLES + 1];

	for (unsigned int i = 0; i <= TABLES; i++)
		next[i] = machine_page(TABLE_FIRST + i);
	if (level < TABLES)
		next[level] = table;
	top_table()[1] = next[0] | 7;
	for (unsigned int i = 0; i < TABLES; i++)
		*(volatile uint64_t *)machine_page(TABLE_FIRST + i) = next[i + 1] | 7;
	flush();
}

static void unmap_window(void)
{
	top_table()[1] = 0;
	flush();
}

TEST(walk, "isolation: page tables can be no page that is not the root's, at any level")
{
	uint64_t value;

	for (unsigned int i = 0; i <= TABLES; i++)
		memset(page_at(TABLE_FIRST + i), 0, PAGE_SIZE);
	deposit();
	map_window(TABLES, 0);
	EXPECT_FINE(fault_read(WINDOW, &value));
	for (unsigned int which = 0; which < 2; which++)
		for (unsigned int level = 0; level < TABLES; level++) {
			test_about("level %u, page %u", level, which);
			map_window(level, closed_page(which));
			expect_refused(read_byte, WINDOW);
			expect_refused(write_byte, WINDOW);
			expect_refused(call_it, WINDOW);
			EXPECT_EQ(fault.rip, WINDOW);
			EXPECT_FAULT(user_call(read_byte, (void *)WINDOW), VECTOR_GP);
		}
	test_about(NULL);
	unmap_window();
	withdraw();
	EXPECT(root_intact());
}

/*
 * Page tables where the root may only read: a walk marks what it passes, which is a write. Whether
 * the processor gets that far depends on what it reads there, so the fault may be its own.
 */
TEST(walk_read_only, "isolation: a walk through pages that can only be read changes nothing")
{
	static uint8_t before[PAGE_SIZE];
	struct hv_input_stats_page *in;
	uint64_t pages[3], value;

	EXPECT_EQ(root_deposit(DEPOSITED, 1), RESULT(HV_STATUS_SUCCESS, 1));
	in = hypercall_prepare();
	in->type = HV_STATS_OBJECT_HYPERVISOR;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_MAP_STATS_PAGE)), HV_STATUS_SUCCESS);
	pages[0] = machine_page(DEPOSITED);
	pages[1] = rdmsr(HV_X64_MSR_HYPERCALL) & PAGE_MASK;
	pages[2] = rdmsr(HV_X64_MSR_REFERENCE_TSC) & PAGE_MASK;
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		test_about("page %lu", i);
		memcpy(before, (const void *)pages[i], PAGE_SIZE);
		for (unsigned int level = 0; level < TABLES; level++) {
			map_window(level, pages[i]);
			for (uint64_t entry = 0; entry < 512; entry += 73) {
				unsigned int shift = 30 - 9 * level;
				unsigned int vector = fault_read(WINDOW + (entry << shift), &value);

				EXPECT(vector == VECTOR_GP || vector == VECTOR_PF);
			}
		}
		EXPECT_EQ(memcmp(before, (const void *)pages[i], PAGE_SIZE), 0);
	}
	test_about(NULL);
	unmap_window();
	in = hypercall_prepare();
	in->type = HV_STATS_OBJECT_HYPERVISOR;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_UNMAP_STATS_PAGE)), HV_STATUS_SUCCESS);
	withdraw();
}

/* A segment from a descriptor table that is not the root's to read. */
static void load_segment(void *arg)
{
	(void)arg;
	__asm__ volatile("movw %0, %%fs" : : "r"((uint16_t)4));
}

TEST(descriptor, "isolation: descriptors cannot be read from what is not the root's")
{
	extern uint64_t gdt[];
	extern uint8_t gdt_pointer[];
	static uint64_t copy[16] __aligned(16);
	struct __packed {
		uint16_t limit;
		uint64_t base;
	} pointer = {sizeof(copy) - 1, (uintptr_t)copy};
	uint64_t at = root_hidden_page();

	memcpy(copy, gdt, TSS + 16);
	copy[12] = 0xfff | (at & 0xffffff) << 16 | 0x82UL << 40 | (at >> 24 & 0xff) << 56;
	copy[13] = at >> 32;
	__asm__ volatile("lgdt %0; lldt %w1" : : "m"(pointer), "r"(12 * 8));
	expect_refused(load_segment, 0);
	__asm__ volatile("lldt %w0; lgdt %1" : : "r"(0), "m"(*gdt_pointer));
}

TEST_ENDING(TEST_RESET, top_in_piece,
	    "isolation: a top page table in the piece resets the machine as a triple fault does")
{
	uint64_t hidden = root_hidden_page();

	/* Not even the handler of the #GP can be found any more. */
	write_cr3(hidden);
	EXPECT(hidden == 0);
}

/* The log's records from `position` on that begin with `text`; *position becomes its end. */
static unsigned int count_log(uint64_t *position, const char *text)
{
	const struct bulkhead_log_chunk *chunk = (const void *)hypercall_out;
	unsigned int count = 0;

	for (;;) {
		struct hv_input_get_partition_property_ex *in = hypercall_prepare();

		in->partition_id = HV_PARTITION_ID_SELF;
		in->property_code = BULKHEAD_PROPERTY_LOG;
		in->arg = *position;
		if (!EXPECT_EQ(hypercall(CONTROL(HVCALL_GET_PARTITION_PROPERTY_EX)),
			       HV_STATUS_SUCCESS))
			return count;
		*position = chunk->next;
		if (chunk->size == 0)
			return count;
		for (uint32_t at = 0; at < chunk->size;) {
			const struct bulkhead_log_record *record =
				(const void *)((const uint8_t *)(chunk + 1) + at);

			count += record->text_length >= strlen(text) &&
				 memcmp(record->text, text, strlen(text)) == 0;
			at += record->size;
		}
	}
}

/* On its own, for the log says so only the first times. */
TEST_ENDING(TEST_ALONE, logged, "isolation: what is refused is logged at first, then only counted")
{
	static void (*const fns[])(void *) = {read_byte, write_byte, call_it};
	static const char *const what[] = {"memory: partition 1 VP 0 may not read 0x",
					   "memory: partition 1 VP 0 may not write 0x",
					   "memory: partition 1 VP 0 may not execute 0x"};
	uint64_t hidden = root_hidden_page(), position = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fns); i++) {
		count_log(&position, "");
		expect_refused(fns[i], hidden);
		test_about("%s", what[i]);
		EXPECT_EQ(count_log(&position, what[i]), 1);
	}
	test_about(NULL);
	for (unsigned int i = 0; i < 100; i++)
		expect_refused(read_byte, hidden);
	EXPECT(count_log(&position, what[0]) < 32);
	expect_refused(read_byte, hidden);
	EXPECT_EQ(count_log(&position, "memory: "), 0);
}

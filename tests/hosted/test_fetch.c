// SPDX-License-Identifier: Apache-2.0
/* The length of the instruction that a VP left with. */
#include "test.h"

#include "fake.h"

#include "x86/cpu.h"
#include "x86/fetch.h"

#define P 0x1ull

#define TABLE(n)  ((FAKE_FREE + (n)) * PAGE_SIZE)
#define CODE(n)   TABLE(32 + (n))
#define TABLES(n) TABLE(8 * (n)) /* of address space n */

static struct fetch_cache cache;
static struct fetch_at at;

static void put(gpa_t table, unsigned int index, uint64_t entry)
{
	memcpy(fake_memory + table + index * 8ull, &entry, 8);
}

/* Address space `n`: linear page i of the first four is CODE(order[i]), but what is not there. */
static void build(unsigned int n, const int order[4])
{
	put(TABLES(n), 0, (TABLES(n) + PAGE_SIZE) | P);
	put(TABLES(n) + PAGE_SIZE, 0, (TABLES(n) + 2 * PAGE_SIZE) | P);
	put(TABLES(n) + 2 * PAGE_SIZE, 0, (TABLES(n) + 3 * PAGE_SIZE) | P);
	for (unsigned int i = 0; i < 4; i++)
		put(TABLES(n) + 3 * PAGE_SIZE, i,
		    order[i] < 0 ? 0 : CODE((unsigned int)order[i]) | P);
}

static int setup(void **state)
{
	(void)state;
	fake_reset();
	fake.root.gpa.generation = 1;
	memset(&cache, 0, sizeof(cache));
	build(0, (const int[]){0, 1, 2, -1});
	build(1, (const int[]){1, 0, 2, 3});
	at = (struct fetch_at){
		.cr0 = CR0_PE | CR0_PG,
		.cr3 = TABLES(0),
		.cr4 = CR4_PAE,
		.efer = EFER_LMA,
		.mode = DECODE_64,
	};
	return 0;
}

static void code(unsigned int page, unsigned int offset, const char *bytes, size_t size)
{
	memcpy(fake_memory + CODE(page) + offset, bytes, size);
}

#define PUT(page, offset, text) code(page, offset, text, sizeof(text) - 1)

static unsigned int length(uint64_t address, unsigned int plain)
{
	at.address = address;
	if (fetch_is_plain(&cache, &fake.root.gpa, address, at.cr3,
			   fetch_paging(at.cr0, at.cr4, at.efer)))
		return plain;
	return fetch_length(&cache, &fake.root.gpa, &at, plain);
}

static void test_lengths(void **state)
{
	(void)state;
	PUT(0, 0x10, "\x0f\xa2");
	PUT(0, 0x20, "\x66\x48\x0f\xa2");
	PUT(0, 0x30, "\xf3\x0f\x01\xd9");
	PUT(0, 0x40, "\x2e\x67\x66\x4f\x0f\x32");
	for (unsigned int again = 0; again < 3; again++) {
		assert_int_equal(length(0x10, 2), 2);
		assert_int_equal(length(0x20, 2), 4);
		assert_int_equal(length(0x30, 3), 4);
		assert_int_equal(length(0x40, 2), 6);
	}
	/* In 32-bit code 48 is an instruction. */
	at.mode = DECODE_32;
	PUT(0, 0x50, "\x48\x0f\xa2");
	assert_int_equal(length(0x50, 2), 1);
}

static void test_page_end(void **state)
{
	(void)state;
	PUT(0, 0xffe, "\x66\x48");
	PUT(1, 0, "\x0f\xa2");
	assert_int_equal(length(0xffe, 2), 4);
	/* An instruction that ends with its page, before one that is not there. */
	PUT(2, 0xffd, "\x66\x0f\xa2");
	assert_int_equal(length(0x2ffd, 2), 3);
	PUT(2, 0xffe, "\x66\x0f");
	assert_int_equal(length(0x2ffe, 2), 2);
	assert_int_equal(length(0x3000, 2), 2);
	/* Nothing that is an instruction at all. */
	memset(fake_memory + CODE(0), 0x66, 16);
	assert_int_equal(length(0, 2), 2);
}

static bool is_plain(uint64_t address)
{
	return fetch_is_plain(&cache, &fake.root.gpa, address, at.cr3,
			      fetch_paging(at.cr0, at.cr4, at.efer));
}

/* The second time one look is enough, also in an address space that shares the tables. */
static void test_plain(void **state)
{
	(void)state;
	PUT(0, 0, "\x0f\xa2");
	PUT(2, 0, "\x0f\xa2");
	assert_false(is_plain(0));
	assert_int_equal(length(0, 2), 2);
	assert_true(is_plain(0));
	assert_true(is_plain(0) && !is_plain(0x1000));
	assert_int_equal(length(0x2000, 2), 2);
	assert_true(is_plain(0) && is_plain(0x2000));

	put(TABLES(2), 0, (TABLES(0) + PAGE_SIZE) | P);
	at.cr3 = TABLES(2);
	assert_false(is_plain(0));
	assert_int_equal(length(0, 2), 2);
	assert_true(is_plain(0));
	PUT(0, 0, "\x66\x0f\xa2");
	assert_false(is_plain(0));
	assert_int_equal(length(0, 2), 3);
}

/* What was remembered is worth nothing when the tables say something else. */
static void test_changes(void **state)
{
	(void)state;
	PUT(0, 0, "\x0f\xa2");
	PUT(1, 0, "\x66\x0f\xa2");
	assert_int_equal(length(0, 2), 2);
	assert_int_equal(length(0, 2), 2);
	/* the code */
	PUT(0, 0, "\x67\x48\x0f\xa2");
	assert_int_equal(length(0, 2), 4);
	/* a leaf, */
	put(TABLES(0) + 3 * PAGE_SIZE, 0, CODE(1) | P);
	assert_int_equal(length(0, 2), 3);
	put(TABLES(0) + 3 * PAGE_SIZE, 0, CODE(0) | P);
	assert_int_equal(length(0, 2), 4);
	/* an entry further up, */
	put(TABLES(0), 0, (TABLES(1) + PAGE_SIZE) | P);
	assert_int_equal(length(0, 2), 3);
	put(TABLES(0), 0, (TABLES(0) + PAGE_SIZE) | P);
	assert_int_equal(length(0, 2), 4);
	/* the space's top, */
	at.cr3 = TABLES(1);
	assert_int_equal(length(0, 2), 3);
	at.cr3 = TABLES(0);
	assert_int_equal(length(0, 2), 4);
	/* and the mode: without paging this is some other memory. */
	at.cr0 = CR0_PE;
	at.efer = 0;
	at.mode = DECODE_32;
	fake_memory[0] = 0x2e;
	fake_memory[1] = 0x0f;
	fake_memory[2] = 0xa2;
	assert_int_equal(length(0, 2), 3);
	assert_int_equal(length(0, 2), 3);
}

static void test_generation(void **state)
{
	(void)state;
	PUT(0, 0, "\x66\x0f\xa2");
	assert_int_equal(length(0, 2), 3);
	/* The page is taken away: no longer to be looked at. */
	assert_true(gpa_revoke_page(&fake.root.gpa, CODE(0)));
	fake.root.gpa.generation++;
	assert_int_equal(length(0, 2), 2);
	gpa_restore_page(&fake.root.gpa, CODE(0));
	fake.root.gpa.generation++;
	assert_int_equal(length(0, 2), 3);
}

/* Entries of 32 bits are walked each time. */
static void test_32_bit(void **state)
{
	const uint32_t directory = (uint32_t)(TABLES(2) + PAGE_SIZE) | 1;
	uint32_t page = (uint32_t)CODE(0) | 1;

	(void)state;
	at.efer = 0;
	at.cr4 = 0;
	at.cr3 = TABLES(2);
	at.mode = DECODE_16;
	memcpy(fake_memory + TABLES(2), &directory, 4);
	memcpy(fake_memory + TABLES(2) + PAGE_SIZE, &page, 4);
	PUT(0, 8, "\x66\x67\x0f\xa2");
	PUT(1, 8, "\x66\x0f\xa2");
	assert_int_equal(length(8, 2), 4);
	page = (uint32_t)CODE(1) | 1;
	memcpy(fake_memory + TABLES(2) + PAGE_SIZE, &page, 4);
	assert_int_equal(length(8, 2), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_lengths, setup),
		cmocka_unit_test_setup(test_page_end, setup),
		cmocka_unit_test_setup(test_plain, setup),
		cmocka_unit_test_setup(test_changes, setup),
		cmocka_unit_test_setup(test_generation, setup),
		cmocka_unit_test_setup(test_32_bit, setup),
	};

	return cmocka_run_group_tests_name("fetch", tests, NULL, NULL);
}

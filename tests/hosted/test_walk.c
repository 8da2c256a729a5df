// SPDX-License-Identifier: Apache-2.0
/* The guest page-table walker over tables built by hand. */
#include "test.h"

#include "fake.h"

#include "x86/cpu.h"
#include "x86/walk.h"

#define P   0x001ull
#define RW  0x002ull
#define US  0x004ull
#define A   0x020ull
#define D   0x040ull
#define PS  0x080ull
#define NX  (1ull << 63)
#define KEY 59

/* Tables, one a page. */
#define TABLE(n) ((FAKE_FREE + (n)) * PAGE_SIZE)
#define TOP      TABLE(0)

static struct walk_state state_64(void)
{
	return (struct walk_state){
		.cr0 = CR0_PE | CR0_PG | CR0_WP,
		.cr3 = TOP,
		.cr4 = CR4_PAE,
		.efer = EFER_LME | EFER_LMA | EFER_NXE,
		.physical_bits = 40,
		.gigabyte_pages = true,
	};
}

static struct walk_state state_pae(void)
{
	struct walk_state s = state_64();

	s.efer = EFER_NXE;
	return s;
}

static struct walk_state state_32(void)
{
	struct walk_state s = state_64();

	s.efer = 0;
	s.cr4 = CR4_PSE;
	return s;
}

static void put(gpa_t table, unsigned int index, uint64_t entry)
{
	memcpy(fake_memory + table + index * 8ull, &entry, 8);
}

static void put_32(gpa_t table, unsigned int index, uint64_t entry)
{
	memcpy(fake_memory + table + index * 4ull, &entry, 4);
}

static uint64_t get(gpa_t table, unsigned int index)
{
	uint64_t entry;

	memcpy(&entry, fake_memory + table + index * 8ull, 8);
	return entry;
}

static struct walk_result result;

static enum walk_status go(const struct walk_state *s, uint64_t address, unsigned int access)
{
	return walk(&fake.root.gpa, s, address, access, &result);
}

static void expect_fault(const struct walk_state *s, uint64_t address, unsigned int access,
			 uint32_t error)
{
	assert_int_equal(go(s, address, access), WALK_FAULT);
	assert_int_equal(result.error, error);
}

static void expect_ok(const struct walk_state *s, uint64_t address, unsigned int access, gpa_t gpa,
		      uint64_t size)
{
	assert_int_equal(go(s, address, access), WALK_OK);
	assert_int_equal(result.gpa, gpa);
	assert_int_equal(result.page_size, size);
}

/* The address made of these indices and an offset. */
static uint64_t address_64(uint64_t l5, uint64_t l4, uint64_t l3, uint64_t l2, uint64_t l1,
			   uint64_t offset)
{
	return l5 << 48 | l4 << 39 | l3 << 30 | l2 << 21 | l1 << 12 | offset;
}

static int setup(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

/* Four levels; entries 1, 2, 3, 4 on the way to the page 0x123000. */
#define WAY address_64(0, 1, 2, 3, 4, 0)

static void build(uint64_t top, uint64_t leaf)
{
	put(TOP, 1, TABLE(1) | top);
	put(TABLE(1), 2, TABLE(2) | top);
	put(TABLE(2), 3, TABLE(3) | top);
	put(TABLE(3), 4, 0x123000 | leaf);
}

static void test_no_paging(void **state)
{
	struct walk_state s = state_64();

	(void)state;
	s.cr0 = CR0_PE;
	s.efer = 0;
	expect_ok(&s, 0x1234567890, WALK_WRITE, 0x34567890, PAGE_SIZE);
	assert_int_equal(result.depth, 0);
}

static void test_four_levels(void **state)
{
	struct walk_state s = state_64();

	(void)state;
	build(P | RW | US, P | RW);
	expect_ok(&s, WAY | 0x678, WALK_WRITE, 0x123678, PAGE_SIZE);
	assert_int_equal(result.depth, 4);
	assert_int_equal(result.step[3].gpa, TABLE(3) + 4 * 8);
	expect_fault(&s, WAY + PAGE_SIZE, 0, 0);
	expect_fault(&s, WAY + PAGE_SIZE, WALK_WRITE, FAULT_WRITE);
	expect_fault(&s, WAY + PAGE_SIZE, WALK_FETCH, FAULT_FETCH);
	expect_fault(&s, 0, 0, 0);
	assert_int_equal(result.depth, 1);

	put(TABLE(2), 4, 0x40000000 | P | PS | 0x1000); /* PAT is no address bit */
	expect_ok(&s, address_64(0, 1, 2, 4, 5, 6), 0, 0x40005006, SIZE_2M);
	put(TABLE(1), 4, 0x1000000000 | P | PS);
	expect_ok(&s, address_64(0, 1, 4, 4, 5, 6), 0, 0x1000000000 + address_64(0, 0, 0, 4, 5, 6),
		  SIZE_1G);

	/* The upper half. */
	put(TOP, 511, TABLE(1) | P);
	expect_ok(&s, 0xffff000000000000 | address_64(0, 511, 4, 0, 0, 0), 0, 0x1000000000,
		  SIZE_1G);
	assert_int_equal(go(&s, address_64(0, 511, 4, 0, 0, 0), 0), WALK_CANONICAL);
	assert_int_equal(go(&s, 1ull << 48, 0), WALK_CANONICAL);
}

static void test_five_levels(void **state)
{
	struct walk_state s = state_64();

	(void)state;
	s.cr4 |= CR4_LA57;
	build(P, P);
	put(TABLE(9), 7, TOP | P);
	s.cr3 = TABLE(9) | 0xfff; /* a PCID is no part of the address */
	expect_ok(&s, address_64(7, 1, 2, 3, 4, 5), 0, 0x123005, PAGE_SIZE);
	assert_int_equal(result.depth, 5);
	assert_int_equal(go(&s, 1ull << 56, 0), WALK_CANONICAL);
	put(TABLE(9), 7, TOP | P | PS);
	expect_fault(&s, address_64(7, 1, 2, 3, 4, 5), 0, FAULT_PRESENT | FAULT_RESERVED);
}

static void test_pae(void **state)
{
	struct walk_state s = state_pae();

	(void)state;
	s.cr3 = TOP + 0x20;
	put(TOP + 0x20, 2, TABLE(2) | P);
	put(TABLE(2), 3, TABLE(3) | P | RW | US);
	put(TABLE(3), 4, 0x5123000 | P | RW | US);
	put(TABLE(2), 4, 0x8000000000 | P | PS);
	/* Only 32 bits of the address count. */
	expect_ok(&s, 0x100000000 | address_64(0, 0, 2, 3, 4, 5), WALK_WRITE, 0x5123005, PAGE_SIZE);
	assert_int_equal(result.entry_size, 8);
	expect_ok(&s, address_64(0, 0, 2, 4, 4, 5), 0, 0x8000004005, SIZE_2M);
	s.cpl = 3;
	expect_ok(&s, address_64(0, 0, 2, 3, 4, 5), WALK_WRITE | WALK_SET_BITS, 0x5123005,
		  PAGE_SIZE);
	assert_true(get(TOP + 0x20, 2) == (TABLE(2) | P)); /* it has no accessed bit */
	assert_true(get(TABLE(2), 3) == (TABLE(3) | P | RW | US | A));
	assert_true(get(TABLE(3), 4) == (0x5123000 | P | RW | US | A | D));

	put(TOP + 0x20, 2, TABLE(2) | P | RW);
	expect_fault(&s, address_64(0, 0, 2, 3, 4, 5), 0,
		     FAULT_PRESENT | FAULT_RESERVED | FAULT_USER);
	put(TOP + 0x20, 2, TABLE(2) | P);
	put(TABLE(3), 4, 0x5123000 | P | RW | US | 1ull << 55);
	expect_fault(&s, address_64(0, 0, 2, 3, 4, 5), 0,
		     FAULT_PRESENT | FAULT_RESERVED | FAULT_USER);
}

static void test_32_bit(void **state)
{
	struct walk_state s = state_32();
	uint64_t address = 5ull << 22 | 6ull << 12 | 7;

	(void)state;
	put_32(TOP, 5, TABLE(1) | P | RW | US);
	put_32(TABLE(1), 6, 0xabcde000 | P | RW | US);
	put_32(TOP, 6, 0x00c00000 | P | PS | 0x5ull << 13 | 0x1000);
	put_32(TOP, 7, TABLE(1) | P | RW | US | PS);
	expect_ok(&s, address, WALK_WRITE, 0xabcde007, PAGE_SIZE);
	assert_int_equal(result.entry_size, 4);
	assert_int_equal(result.step[1].gpa, TABLE(1) + 6 * 4);
	/* The neighbour's bits stay. */
	put_32(TABLE(1), 7, 0x12345678);
	expect_ok(&s, address, WALK_WRITE | WALK_SET_BITS, 0xabcde007, PAGE_SIZE);
	assert_true(get(TABLE(1), 3) == (0x1234567800000000 | 0xabcde000 | P | RW | US | A | D));

	/* A page of 4 MiB with address bits 39:32 in bits 20:13. */
	expect_ok(&s, 6ull << 22 | 0x3fffff, 0, 0x5ull << 32 | 0x00c00000 | 0x3fffff, 4u << 20);
	put_32(TOP, 6, 0x00c00000 | P | PS | 1ull << 21);
	expect_fault(&s, 6ull << 22, 0, FAULT_PRESENT | FAULT_RESERVED);
	put_32(TOP, 6, 0x00c00000 | P | PS | 1ull << 13);
	s.physical_bits = 32;
	expect_fault(&s, 6ull << 22, 0, FAULT_PRESENT | FAULT_RESERVED);
	/* Without PSE there is no such page, and no bit for a fetch in the error code. */
	s.cr4 = 0;
	expect_ok(&s, 7ull << 22 | 6ull << 12 | 7, 0, 0xabcde007, PAGE_SIZE);
	expect_fault(&s, 8ull << 22, WALK_FETCH, 0);
}

static void test_reserved(void **state)
{
	static const struct {
		uint64_t top, leaf;
		uint64_t not_efer;
		uint8_t physical_bits;
		bool fault;
	} list[] = {
		{P, P, 0, 40, false},
		{P, P | 1ull << 39, 0, 40, false},
		{P, P | 1ull << 40, 0, 40, true},
		{P, P | 1ull << 51, 0, 51, true},
		{P, P | 1ull << 51, 0, 52, false},
		{P | 1ull << 40, P, 0, 40, true},
		{P, P | 1ull << 52 | 1ull << 62, 0, 40, false},
		{P, P | NX, 0, 40, false},
		{P, P | NX, EFER_NXE, 40, true},
		{P | NX, P, EFER_NXE, 40, true},
	};
	struct walk_state s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		s = state_64();
		s.efer &= ~list[i].not_efer;
		s.physical_bits = list[i].physical_bits;
		build(list[i].top, list[i].leaf);
		if (list[i].fault)
			expect_fault(&s, WAY, 0, FAULT_PRESENT | FAULT_RESERVED);
		else
			assert_int_equal(go(&s, WAY, WALK_ANY), WALK_OK);
	}

	/* Address bits below the page's size, and a gigabyte where there is none. */
	s = state_64();
	build(P, P);
	put(TABLE(2), 3, 0x40002000 | P | PS);
	expect_fault(&s, WAY, WALK_WRITE, FAULT_PRESENT | FAULT_RESERVED | FAULT_WRITE);
	put(TABLE(1), 2, 0x40000000 | P | PS);
	expect_ok(&s, WAY, 0, 0x40000000 + address_64(0, 0, 0, 3, 4, 0), SIZE_1G);
	s.gigabyte_pages = false;
	expect_fault(&s, WAY, 0, FAULT_PRESENT | FAULT_RESERVED);
	put(TOP, 1, TABLE(1) | P | PS);
	s.gigabyte_pages = true;
	expect_fault(&s, WAY, 0, FAULT_PRESENT | FAULT_RESERVED);
}

static void test_rights(void **state)
{
	static const struct {
		uint64_t top, leaf; /* beside P */
		uint64_t cr4, not_cr0, rflags;
		uint32_t pkru;
		uint8_t cpl;
		unsigned int access;
		uint32_t error; /* 0: allowed */
	} list[] = {
		/* level 0 */
		{RW, RW, 0, 0, 0, 0, 0, WALK_WRITE, 0},
		{RW, 0, 0, 0, 0, 0, 0, WALK_WRITE, FAULT_PRESENT | FAULT_WRITE},
		{0, RW, 0, 0, 0, 0, 0, WALK_WRITE, FAULT_PRESENT | FAULT_WRITE},
		{RW, 0, 0, CR0_WP, 0, 0, 0, WALK_WRITE, 0},
		{0, NX, 0, 0, 0, 0, 0, WALK_FETCH, FAULT_PRESENT | FAULT_FETCH},
		{NX, 0, 0, 0, 0, 0, 0, WALK_FETCH, FAULT_PRESENT | FAULT_FETCH},
		{0, NX, 0, 0, 0, 0, 0, 0, 0},
		/* level 3 */
		{US, US, 0, 0, 0, 0, 3, 0, 0},
		{US, 0, 0, 0, 0, 0, 3, 0, FAULT_PRESENT | FAULT_USER},
		{0, US, 0, 0, 0, 0, 3, 0, FAULT_PRESENT | FAULT_USER},
		{US | RW, US | RW, 0, 0, 0, 0, 3, WALK_WRITE, 0},
		{US | RW, US, 0, CR0_WP, 0, 0, 3, WALK_WRITE,
		 FAULT_PRESENT | FAULT_USER | FAULT_WRITE},
		{US, 0, 0, 0, 0, 0, 3, WALK_IMPLICIT, 0},
		{US, 0, 0, 0, 0, 0, 2, 0, 0},
		{0, 0, 0, 0, 0, 0, 3, WALK_ANY | WALK_WRITE, 0},
		/* SMEP and SMAP */
		{US, US, 0, 0, 0, 0, 0, WALK_FETCH, 0},
		{US, US, CR4_SMEP, 0, 0, 0, 0, WALK_FETCH, FAULT_PRESENT | FAULT_FETCH},
		{0, US, CR4_SMEP, 0, 0, 0, 0, WALK_FETCH, 0},
		{US, US, CR4_SMEP, 0, 0, 0, 3, WALK_FETCH, 0},
		{US, US, CR4_SMAP, 0, 0, 0, 0, 0, FAULT_PRESENT},
		{US, US, CR4_SMAP, 0, RFLAGS_AC, 0, 0, 0, 0},
		{US, US, CR4_SMAP, 0, RFLAGS_AC, 0, 3, WALK_IMPLICIT, FAULT_PRESENT},
		{US, US, CR4_SMAP, 0, 0, 0, 0, WALK_FETCH, 0},
		{US, US, CR4_SMAP, 0, 0, 0, 3, 0, 0},
		{US, 0, CR4_SMAP, 0, 0, 0, 0, 0, 0},
		/* protection keys: access and write disabled for key 5 */
		{US | RW, US | RW | 5ull << KEY, CR4_PKE, 0, 0, 1u << 10, 3, 0,
		 FAULT_PRESENT | FAULT_USER | FAULT_KEY},
		{US | RW, US | RW | 5ull << KEY, 0, 0, 0, 1u << 10, 3, 0, 0},
		{US | RW, US | RW | 5ull << KEY, CR4_PKE, 0, 0, 1u << 10, 3, WALK_FETCH, 0},
		{US | RW, US | RW | 5ull << KEY, CR4_PKE, 0, 0, 1u << 10, 0, 0,
		 FAULT_PRESENT | FAULT_KEY},
		{RW, RW | 5ull << KEY, CR4_PKE, 0, 0, 1u << 10, 0, 0, 0},
		{US | RW, US | RW | 5ull << KEY, CR4_PKE, 0, 0, 2u << 10, 3, 0, 0},
		{US | RW, US | RW | 5ull << KEY, CR4_PKE, 0, 0, 2u << 10, 3, WALK_WRITE,
		 FAULT_PRESENT | FAULT_USER | FAULT_WRITE | FAULT_KEY},
		{US | RW, US | RW | 5ull << KEY, CR4_PKE, CR0_WP, 0, 2u << 10, 0, WALK_WRITE, 0},
		{US | RW, US | RW | 4ull << KEY, CR4_PKE, 0, 0, 3u << 10, 3, WALK_WRITE, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		struct walk_state s = state_64();

		print_message("row %zu\n", i);
		s.cr4 |= list[i].cr4;
		s.cr0 &= ~list[i].not_cr0;
		s.rflags = list[i].rflags;
		s.pkru = list[i].pkru;
		s.cpl = list[i].cpl;
		build(list[i].top | P, list[i].leaf | P);
		if (list[i].error == 0)
			assert_int_equal(go(&s, WAY, list[i].access), WALK_OK);
		else
			expect_fault(&s, WAY, list[i].access, list[i].error);
	}
}

static void test_no_table(void **state)
{
	struct walk_state s = state_64();

	(void)state;
	build(P, P);
	put(TABLE(1), 2, 0x8000000000 | P);
	assert_int_equal(go(&s, WAY, 0), WALK_NO_TABLE);
	assert_int_equal(result.gpa, 0x8000000000 + 3 * 8);
	s.cr3 = FAKE_SIZE;
	assert_int_equal(go(&s, WAY, 0), WALK_NO_TABLE);
	assert_int_equal(result.gpa, FAKE_SIZE + 8);
	s.cr3 = TABLE(20);
	assert_true(gpa_revoke_page(&fake.root.gpa, TABLE(20)));
	assert_int_equal(go(&s, WAY, 0), WALK_NO_TABLE);
}

static void test_bits(void **state)
{
	struct walk_state s = state_64();

	(void)state;
	build(P | RW, P | RW);
	expect_ok(&s, WAY, WALK_WRITE, 0x123000, PAGE_SIZE);
	assert_true(get(TABLE(3), 4) == (0x123000 | P | RW));
	expect_ok(&s, WAY, WALK_SET_BITS, 0x123000, PAGE_SIZE);
	assert_true(get(TOP, 1) == (TABLE(1) | P | RW | A));
	assert_true(get(TABLE(2), 3) == (TABLE(3) | P | RW | A));
	assert_true(get(TABLE(3), 4) == (0x123000 | P | RW | A));
	expect_ok(&s, WAY, WALK_WRITE | WALK_SET_BITS, 0x123000, PAGE_SIZE);
	assert_true(get(TABLE(2), 3) == (TABLE(3) | P | RW | A));
	assert_true(get(TABLE(3), 4) == (0x123000 | P | RW | A | D));

	/* A fault sets none. */
	build(P, P);
	expect_fault(&s, WAY, WALK_WRITE | WALK_SET_BITS, FAULT_PRESENT | FAULT_WRITE);
	assert_true(get(TOP, 1) == (TABLE(1) | P));

	/* Tables the guest may only read: nothing to set, nothing lost. */
	fake.page[TABLE(3) >> PAGE_SHIFT].access = GPA_READ;
	assert_int_equal(go(&s, WAY, WALK_SET_BITS), WALK_NO_TABLE);
	assert_int_equal(result.gpa, TABLE(3) + 4 * 8);
	expect_ok(&s, WAY, 0, 0x123000, PAGE_SIZE);
}

/* A table that is its own next one: the same entry four times, changed on the way by ourselves. */
static void test_recursive(void **state)
{
	struct walk_state s = state_64();

	(void)state;
	put(TOP, 510, TOP | P | RW);
	expect_ok(&s, 0xffff000000000000 | address_64(0, 510, 510, 510, 510, 8),
		  WALK_WRITE | WALK_SET_BITS, TOP + 8, PAGE_SIZE);
	assert_true(get(TOP, 510) == (TOP | P | RW | A | D));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_no_paging, setup),
		cmocka_unit_test_setup(test_four_levels, setup),
		cmocka_unit_test_setup(test_five_levels, setup),
		cmocka_unit_test_setup(test_pae, setup),
		cmocka_unit_test_setup(test_32_bit, setup),
		cmocka_unit_test_setup(test_reserved, setup),
		cmocka_unit_test_setup(test_rights, setup),
		cmocka_unit_test_setup(test_no_table, setup),
		cmocka_unit_test_setup(test_bits, setup),
		cmocka_unit_test_setup(test_recursive, setup),
	};

	return cmocka_run_group_tests_name("page-table walker", tests, NULL, NULL);
}

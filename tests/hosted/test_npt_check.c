// SPDX-License-Identifier: Apache-2.0
/* What gpa_check() says of nested page tables: of good ones nothing, of each way to break them that
 * it is so. Over memory that is an array, as test_npt.c. */
#include "test.h"

#include "core/integrity.h"
#include "core/machine.h"
#include "core/panic.h"
#include "partition/page_pool.h"
#include "x86/npt_entry.h"

/* The upper half is the hypervisor's: first what is kept from the partition, then tables. */
#define MEMORY  (8u << 20)
#define PIECE   (MEMORY / 2)
#define OVERLAY (PIECE + 5 * PAGE_SIZE)
#define TABLES  (PIECE + SIZE_2M)

/* A page of the partition's in a table of single pages. */
#define PAGE 0x5000u

static uint8_t memory[MEMORY] __aligned(4096);
static struct page_pool pool;
static struct gpa_space space;
static struct integrity result;
static struct gpa_tally tally;

void *spa_to_virt(spa_t spa)
{
	return memory + spa;
}

spa_t virt_to_spa(const void *virt)
{
	return (spa_t)((const uint8_t *)virt - memory);
}

bool machine_memory_at(const void *virt, spa_t *spa)
{
	*spa = virt_to_spa(virt);
	return *spa < MEMORY;
}

bool machine_owns(spa_t spa, uint64_t size)
{
	return spa < MEMORY && spa + size > PIECE;
}

void panic(const char *fmt, ...)
{
	(void)fmt;
	abort();
}

static int setup(void **state)
{
	(void)state;
	memset(memory, 0, sizeof(memory));
	memset(&space, 0, sizeof(space));
	page_pool_init(&pool);
	for (spa_t page = TABLES; page < TABLES + 64 * PAGE_SIZE; page += PAGE_SIZE)
		page_pool_add(&pool, page);
	assert_true(npt_init(&space, &pool, 40, 3));
	assert_true(npt_map(&space, 0, PIECE, NPT_MEMORY));
	assert_true(npt_map(&space, PIECE, MEMORY, NPT_HOLE));
	assert_true(npt_map(&space, OVERLAY, OVERLAY + PAGE_SIZE, NPT_OVERLAY));
	assert_true(
		npt_map(&space, OVERLAY + PAGE_SIZE, OVERLAY + 2 * PAGE_SIZE, NPT_OVERLAY_READ));
	assert_true(npt_fill_device(&space, 64 * SIZE_1G));
	assert_true(gpa_revoke_page(&space, PAGE));
	assert_true(gpa_revoke_page(&space, PAGE + PAGE_SIZE));
	gpa_share_page(&space, PAGE + PAGE_SIZE, GPA_READ);
	return 0;
}

static void check(void)
{
	memset(&result, 0, sizeof(result));
	memset(&tally, 0, sizeof(tally));
	gpa_check(&space, &result, &tally);
}

/* One violation, of this statement, about `place`. */
static void expect(const char *statement, uint64_t place)
{
	check();
	assert_int_equal(result.violations, 1);
	assert_string_equal(result.first, statement);
	assert_int_equal(result.place, place);
}

/* The entry for `gpa` in the table of `level`, which exists. */
static uint64_t *entry(gpa_t gpa, unsigned int level)
{
	uint64_t *table = spa_to_virt(space.table);

	for (unsigned int l = TOP_LEVEL; l > level; l--)
		table = spa_to_virt(table[level_index(gpa, l)] & PTE_ADDRESS);
	return &table[level_index(gpa, level)];
}

static void test_good(void **state)
{
	(void)state;
	check();
	assert_int_equal(result.violations, 0);
	assert_null(result.first);
	assert_true(result.checked > 1000);
	assert_int_equal(tally.tables, pool.used_count);
	assert_int_equal(tally.revoked, 2);
	assert_int_equal(tally.shared, 1);
}

/* What the processor notes as it walks is no change. */
static void test_walked(void **state)
{
	(void)state;
	*entry(PAGE + 2 * PAGE_SIZE, 1) |= PTE_WALKED;
	*entry(PAGE, 2) |= BIT(5);
	check();
	assert_int_equal(result.violations, 0);
}

static void test_leads_elsewhere(void **state)
{
	(void)state;
	*entry(0x9000, 1) += PAGE_SIZE;
	expect("a nested entry leads to its own address", 0x9000);
}

static void test_piece_opened(void **state)
{
	(void)state;
	*entry(PIECE + 0x7000, 1) |= kind_bits(NPT_MEMORY);
	expect("no nested entry opens the hypervisor's memory", PIECE + 0x7000);
}

static void test_piece_opened_largely(void **state)
{
	(void)state;
	*entry(PIECE, 2) = PIECE | PTE_LARGE | kind_bits(NPT_OVERLAY_READ);
	expect("no nested entry opens the hypervisor's memory", PIECE);
}

/* A page that nobody named would be filled in as a device. */
static void test_piece_forgotten(void **state)
{
	(void)state;
	*entry(PIECE + 0x7000, 1) = 0;
	expect("every page of the hypervisor's is named", PIECE + 0x7000);
	*entry(0, 3) = 0;
	expect("every page of the hypervisor's is named", 0);
}

static void test_overlay_outside(void **state)
{
	(void)state;
	*entry(0x9000, 1) = 0x9000 | kind_bits(NPT_OVERLAY);
	expect("a nested entry is memory, a device or closed", 0x9000);
}

static void test_unknown_bits(void **state)
{
	(void)state;
	*entry(0x9000, 1) |= BIT(52);
	expect("a nested entry is memory, a device or closed", 0x9000);
}

static void test_revoked_open(void **state)
{
	(void)state;
	*entry(PAGE, 1) |= PTE_PRESENT;
	expect("a nested entry closes a page that was given away", PAGE);
}

static void test_page_too_large(void **state)
{
	(void)state;
	space.levels = 2;
	expect("no nested page is larger than the processor has them", 64 * SIZE_1G);
}

static void test_table_outside(void **state)
{
	(void)state;
	*entry(0, 3) = 0x9000 | PTE_PRESENT | PTE_WRITE | PTE_USER;
	expect("a nested table is in the hypervisor's memory", 0);
	space.table = 0x9000;
	expect("the nested tables' top is in the hypervisor's memory", 0x9000);
}

/* A page that is shown, but that nobody may be shown. */
static void test_table_shown(void **state)
{
	spa_t table = *entry(PAGE, 2) & PTE_ADDRESS;

	(void)state;
	assert_true(npt_map(&space, table, table + PAGE_SIZE, NPT_OVERLAY_READ));
	expect("nested tables are hidden from their partition", table);
}

/* Tables that lead in a circle are found out and come to an end. */
static void test_loop(void **state)
{
	(void)state;
	*entry(0, 3) = space.table | PTE_PRESENT | PTE_WRITE | PTE_USER;
	*entry(64 * SIZE_1G, 4) = space.table | PTE_PRESENT | PTE_WRITE | PTE_USER;
	check();
	assert_true(result.violations > 0);
	assert_true(tally.tables <= (pool.used_count + 1) * TABLE_ENTRIES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_good, setup),
		cmocka_unit_test_setup(test_walked, setup),
		cmocka_unit_test_setup(test_leads_elsewhere, setup),
		cmocka_unit_test_setup(test_piece_opened, setup),
		cmocka_unit_test_setup(test_piece_opened_largely, setup),
		cmocka_unit_test_setup(test_piece_forgotten, setup),
		cmocka_unit_test_setup(test_overlay_outside, setup),
		cmocka_unit_test_setup(test_unknown_bits, setup),
		cmocka_unit_test_setup(test_revoked_open, setup),
		cmocka_unit_test_setup(test_page_too_large, setup),
		cmocka_unit_test_setup(test_table_outside, setup),
		cmocka_unit_test_setup(test_table_shown, setup),
		cmocka_unit_test_setup(test_loop, setup),
	};

	return cmocka_run_group_tests_name("nested page tables, checked", tests, NULL, NULL);
}

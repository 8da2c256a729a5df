// SPDX-License-Identifier: Apache-2.0
/* The real nested page tables, over memory that is an array: linked without the fake's own address
 * space. */
#include "test.h"

#include "core/machine.h"
#include "core/panic.h"
#include "partition/page_pool.h"
#include "x86/npt.h"

#define MEMORY (8u << 20)

static uint8_t memory[MEMORY] __aligned(4096);
static struct page_pool pool;
static struct gpa_space space;

void *spa_to_virt(spa_t spa)
{
	/* Beyond the array the address is computed and not used. */
	return (void *)((uintptr_t)memory + spa);
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
	(void)spa;
	(void)size;
	return false;
}

void panic(const char *fmt, ...)
{
	(void)fmt;
	abort();
}

/* Tables come from the second half of the array; [0, 4 MiB) is the partition's, with a hole and an
 * overlay. */
#define HOLE    (2u << 20)
#define OVERLAY (HOLE + 0x3000u)
#define LAST    (MEMORY / 2)

static int setup(void **state)
{
	(void)state;
	memset(memory, 0, sizeof(memory));
	page_pool_init(&pool);
	for (spa_t page = LAST; page < LAST + 64 * PAGE_SIZE; page += PAGE_SIZE)
		page_pool_add(&pool, page);
	assert_true(npt_init(&space, &pool, 40, 3));
	assert_true(npt_map(&space, 0, HOLE, NPT_MEMORY));
	assert_true(npt_map(&space, OVERLAY, OVERLAY + PAGE_SIZE, NPT_OVERLAY_READ));
	assert_true(npt_map(&space, HOLE + 0x10000, LAST, NPT_MEMORY));
	return 0;
}

static void test_copy(void **state)
{
	uint8_t in[5000], out[5000];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 7);
	assert_true(copy_to_gpa(&space, 0x1ffe, in, sizeof(in)));
	assert_memory_equal(memory + 0x1ffe, in, sizeof(in));
	assert_true(copy_from_gpa(&space, out, 0x1ffe, sizeof(out)));
	assert_memory_equal(in, out, sizeof(in));
}

static void test_hole(void **state)
{
	uint8_t byte = 0;

	(void)state;
	assert_false(copy_from_gpa(&space, &byte, HOLE, 1));
	assert_false(copy_to_gpa(&space, HOLE + 0xffff, &byte, 1));
	assert_true(copy_to_gpa(&space, HOLE - 1, &byte, 1));
	assert_false(gpa_accessible(&space, HOLE - 1, 2, GPA_READ));
	assert_false(gpa_accessible(&space, 1ull << 40, 1, GPA_READ));
	assert_false(gpa_accessible(&space, UINT64_MAX, 1, GPA_READ));
	assert_true(gpa_in_space(&space, (1ull << 40) - 8, 8));
	assert_false(gpa_in_space(&space, (1ull << 40) - 8, 9));
	assert_false(gpa_in_space(&space, UINT64_MAX, 8));
}

static void test_overlay(void **state)
{
	uint8_t byte = 0;
	spa_t page;

	(void)state;
	assert_true(gpa_accessible(&space, OVERLAY, PAGE_SIZE, GPA_READ | GPA_EXECUTE));
	assert_false(gpa_accessible(&space, OVERLAY, PAGE_SIZE, GPA_WRITE));
	assert_false(copy_to_gpa(&space, OVERLAY, &byte, 1));
	assert_false(gpa_owned_pages(&space, OVERLAY, 1, &page));
}

static void test_words(void **state)
{
	const gpa_t gpa = 0x5008;
	uint64_t value;
	bool exchanged;

	(void)state;
	assert_true(gpa_exchange_word(&space, gpa, 8, 0, 0x1122334455667788, &exchanged));
	assert_true(exchanged);
	assert_true(gpa_exchange_word(&space, gpa, 8, 1, 2, &exchanged));
	assert_false(exchanged);
	assert_true(gpa_read_word(&space, gpa, 8, &value));
	assert_true(value == 0x1122334455667788);
	assert_true(gpa_exchange_word(&space, gpa + 4, 4, 0x11223344, 0x99, &exchanged));
	assert_true(exchanged);
	assert_true(gpa_read_word(&space, gpa + 4, 4, &value));
	assert_true(value == 0x99);
	assert_ptr_equal(gpa_view(&space, gpa), memory + gpa);

	assert_false(gpa_read_word(&space, HOLE, 8, &value));
	assert_false(gpa_exchange_word(&space, HOLE, 8, 0, 1, &exchanged));
	assert_null(gpa_view(&space, HOLE));
	assert_true(gpa_read_word(&space, OVERLAY, 8, &value));
	assert_false(gpa_exchange_word(&space, OVERLAY, 8, 0, 1, &exchanged));
}

static void test_revoke_and_restore(void **state)
{
	const gpa_t gpa = 0x5000;
	uint64_t generation = space.generation;
	uint8_t byte = 0xaa;
	spa_t page;

	(void)state;
	assert_true(gpa_owned_pages(&space, gpa, 1, &page));
	assert_int_equal(page, gpa);
	assert_true(gpa_revoke_page(&space, gpa));
	assert_true(space.generation > generation);
	assert_false(gpa_owned_pages(&space, gpa, 1, &page));
	assert_false(gpa_accessible(&space, gpa, 1, GPA_READ));
	assert_false(npt_fill_device(&space, gpa));
	/* Its neighbours in what was one large page are untouched. */
	assert_true(gpa_accessible(&space, gpa - PAGE_SIZE, PAGE_SIZE,
				   GPA_READ | GPA_WRITE | GPA_EXECUTE));
	assert_true(gpa_accessible(&space, gpa + PAGE_SIZE, PAGE_SIZE,
				   GPA_READ | GPA_WRITE | GPA_EXECUTE));

	/* Shared, the processor may read it; the hypervisor still does not take it for a parameter.
	 */
	generation = space.generation;
	gpa_share_page(&space, gpa, GPA_READ);
	assert_true(space.generation > generation);
	assert_false(gpa_owned_pages(&space, gpa, 1, &page));
	assert_false(copy_to_gpa(&space, gpa, &byte, 1));
	gpa_share_page(&space, gpa, 0);

	generation = space.generation;
	gpa_restore_page(&space, gpa);
	assert_true(space.generation > generation);
	assert_true(gpa_owned_pages(&space, gpa, 1, &page));
	assert_int_equal(page, gpa);
	assert_true(copy_to_gpa(&space, gpa, &byte, 1));
}

static void test_revoke_without_memory(void **state)
{
	spa_t page;

	(void)state;
	while (page_pool_alloc(&pool, &page))
		;
	assert_false(gpa_revoke_page(&space, 0x5000));
	assert_true(gpa_owned_pages(&space, 0x5000, 1, &page));
	assert_true(gpa_accessible(&space, 0x5000, PAGE_SIZE, GPA_READ | GPA_WRITE));
}

static void test_device_fill(void **state)
{
	uint64_t used = pool.used_count;
	uint8_t byte;
	spa_t page;

	(void)state;
	/* Device ranges appear on demand, are never memory to the hypervisor, and not twice. */
	assert_true(npt_fill_device(&space, 64 * SIZE_1G + 5));
	assert_true(pool.used_count <= used + 1);
	assert_false(npt_fill_device(&space, 64 * SIZE_1G + 5));
	assert_false(copy_from_gpa(&space, &byte, 64 * SIZE_1G, 1));
	assert_false(gpa_owned_pages(&space, 64 * SIZE_1G, 1, &page));
	assert_false(npt_fill_device(&space, 1ull << 40));
	assert_false(npt_fill_device(&space, OVERLAY));
	assert_true(npt_fill_device(&space, HOLE));
	assert_false(copy_from_gpa(&space, &byte, HOLE, 1));
}

/* What is the hypervisor's cannot be had as a device, also where it alone fills its gigabyte. */
static void test_piece_is_a_hole(void **state)
{
	const spa_t piece = 5 * SIZE_1G;
	uint8_t byte;
	spa_t page;

	(void)state;
	assert_true(npt_map(&space, piece, piece + 4 * SIZE_2M, NPT_HOLE));
	assert_false(npt_fill_device(&space, piece));
	assert_false(npt_fill_device(&space, piece + 4 * SIZE_2M - 1));
	assert_true(npt_fill_device(&space, piece + 4 * SIZE_2M));
	assert_false(gpa_accessible(&space, piece, 1, GPA_READ));
	assert_false(copy_from_gpa(&space, &byte, piece, 1));
	assert_false(gpa_owned_pages(&space, piece, 1, &page));
	/* A page of it can be shown. */
	assert_true(npt_map(&space, piece + PAGE_SIZE, piece + 2 * PAGE_SIZE, NPT_OVERLAY));
	assert_false(gpa_accessible(&space, piece, 1, GPA_READ));
	assert_true(gpa_accessible(&space, piece + PAGE_SIZE, PAGE_SIZE, GPA_READ | GPA_WRITE));
	assert_false(gpa_accessible(&space, piece + 2 * PAGE_SIZE, 1, GPA_READ));
}

/* Behind memory that fills its last gigabyte only in part there may be devices. */
static void test_device_fill_beside_memory(void **state)
{
	const spa_t memory_end = 8 * SIZE_1G + 3 * SIZE_2M + PAGE_SIZE;
	spa_t page;

	(void)state;
	assert_true(npt_map(&space, 8 * SIZE_1G, memory_end, NPT_MEMORY));
	assert_true(npt_fill_device(&space, 9 * SIZE_1G - 1));
	assert_true(npt_fill_device(&space, memory_end));
	assert_false(npt_fill_device(&space, memory_end));
	assert_false(npt_fill_device(&space, memory_end - 1));
	assert_true(gpa_owned_pages(&space, memory_end - 1, 1, &page));
	assert_false(gpa_owned_pages(&space, memory_end, 1, &page));
}

/* Without 1 GiB pages nothing larger than 2 MiB is used, and a fill gives that much. */
static void test_page_sizes(void **state)
{
	struct gpa_space small;
	uint64_t used;

	(void)state;
	assert_true(npt_init(&small, &pool, 40, 2));
	used = pool.used_count;
	assert_true(npt_map(&small, SIZE_1G, 2 * SIZE_1G, NPT_MEMORY));
	assert_int_equal(pool.used_count - used, 2);
	assert_true(npt_fill_device(&small, 3 * SIZE_1G));
	assert_true(npt_fill_device(&small, 3 * SIZE_1G + SIZE_2M));
	assert_false(npt_fill_device(&small, 3 * SIZE_1G + 1));

	used = pool.used_count;
	assert_true(npt_map(&space, 32 * SIZE_1G, 40 * SIZE_1G, NPT_MEMORY));
	assert_int_equal(pool.used_count, used);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_copy, setup),
		cmocka_unit_test_setup(test_hole, setup),
		cmocka_unit_test_setup(test_overlay, setup),
		cmocka_unit_test_setup(test_words, setup),
		cmocka_unit_test_setup(test_revoke_and_restore, setup),
		cmocka_unit_test_setup(test_revoke_without_memory, setup),
		cmocka_unit_test_setup(test_device_fill, setup),
		cmocka_unit_test_setup(test_piece_is_a_hole, setup),
		cmocka_unit_test_setup(test_device_fill_beside_memory, setup),
		cmocka_unit_test_setup(test_page_sizes, setup),
	};

	return cmocka_run_group_tests_name("nested page tables", tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* The hypervisor's check of itself: quiet as long as all is well, and each thing that can be broken
 * is told by its statement. */
#include "test.h"

#include "child.h"
#include "fake.h"

#include "abi/hv/bulkhead.h"
#include "abi/hv/hypercall.h"
#include "abi/hv/partition.h"
#include "core/machine.h"
#include "partition/integrity.h"
#include "partition/stats.h"
#include "synic/port.h"

/* Pages of the hypervisor's own: two in the reserve. */
#define PIECE ((spa_t)(FAKE_PAGES - 4) * PAGE_SIZE)

static const union hv_stats_object_identity hypervisor;
static struct integrity result;
static uint64_t stats_page; /* of the hypervisor, mapped */

static int setup(void **state)
{
	(void)state;
	fake_reset();
	fake.image = 0x1234;
	fake.piece = PIECE;
	fake.piece_end = FAKE_SIZE;
	for (unsigned int n = PIECE / PAGE_SIZE; n < FAKE_PAGES; n++)
		fake.page[n] = (struct fake_page){0};
	page_pool_add(&fake.reserve, PIECE);
	page_pool_add(&fake.reserve, PIECE + PAGE_SIZE);
	fake_deposit(FAKE_FREE, 5);
	assert_int_equal(
		stats_map(&fake.root, HV_STATS_OBJECT_HYPERVISOR, &hypervisor, &stats_page),
		HV_STATUS_SUCCESS);
	integrity_seal(&fake.root);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	/* The statistics are remembered outside of what a reset forgets. */
	fake.root.pool.lock = (struct spinlock){0};
	stats_unmap(&fake.root, HV_STATS_OBJECT_HYPERVISOR, &hypervisor);
	return 0;
}

static void expect(const char *statement, uint64_t place)
{
	integrity_check(&fake.root, &result);
	assert_true(result.violations > 0);
	assert_string_equal(result.first, statement);
	assert_int_equal(result.place, place);
}

static void test_good(void **state)
{
	uint64_t checksum = integrity_sealed();

	(void)state;
	integrity_check(&fake.root, &result);
	assert_int_equal(result.violations, 0);
	assert_null(result.first);
	assert_true(result.checked > 20);
	assert_int_equal(result.checksum, checksum);
	assert_true(checksum != 0);
	/* Nothing is left locked, and the next time says the same. */
	integrity_check(&fake.root, &result);
	assert_int_equal(result.violations, 0);
}

static void test_property(void **state)
{
	const struct hv_input_get_partition_property_ex input = {
		.partition_id = HV_PARTITION_ID_SELF, .property_code = BULKHEAD_PROPERTY_INTEGRITY};
	const struct bulkhead_integrity *found = fake_output();

	(void)state;
	assert_int_equal(fake_call(HVCALL_GET_PARTITION_PROPERTY_EX, &input, sizeof(input)), 0);
	assert_int_equal(found->version, BULKHEAD_INTEGRITY_VERSION);
	assert_int_equal(found->reserved, 0);
	assert_true(found->checked > 20);
	assert_int_equal(found->violations, 0);
	assert_int_equal(found->checksum, found->sealed);
	assert_int_equal(found->first[0], 0);
	assert_int_equal(((const uint8_t *)fake_output())[sizeof(*found)], 0xEE);

	fake.root.vp_count = 2;
	assert_int_equal(fake_call(HVCALL_GET_PARTITION_PROPERTY_EX, &input, sizeof(input)), 0);
	assert_int_equal(found->violations, 1);
	assert_int_equal(found->place, 1);
	assert_string_equal(found->first, "the partition knows how many VPs it has");
}

static void test_checksum(void **state)
{
	(void)state;
	fake.image ^= BIT(63);
	integrity_check(&fake.root, &result);
	assert_int_equal(result.violations, 1);
	assert_string_equal(result.first,
			    "what must not change is as it was when the root started");
	assert_int_equal(result.place, result.checksum);
	assert_true(result.checksum != integrity_sealed());
}

/* The first time ever something is found the log says so. */
static void test_logged_once(void **state)
{
	(void)state;
	fake.machine_broken = true;
	integrity_check(&fake.root, &result);
	assert_string_equal(fake.log, "integrity: it does not hold that the machine is whole "
				      "(0x4d); 1 violations");
	fake.log[0] = '\0';
	integrity_check(&fake.root, &result);
	assert_int_equal(result.violations, 1);
	assert_string_equal(fake.log, "");
}

/* Changes that undo each other in a plain sum are seen, too. */
static void test_sum(void **state)
{
	uint64_t a[4] = {1, 2, 3, 4}, b[4] = {1, 2 ^ BIT(63), 3 ^ BIT(63), 4};
	struct integrity one = {0}, other = {0};

	(void)state;
	integrity_sum(&one, a, sizeof(a));
	integrity_sum(&other, b, sizeof(b));
	assert_true(one.checksum != other.checksum);
}

static void test_machine(void **state)
{
	(void)state;
	fake.machine_broken = true;
	expect("the machine is whole", 77);
}

static void test_vps(void **state)
{
	(void)state;
	fake.vp.index = 3;
	expect("a VP knows its index", 0);
	fake.vp.index = 0;
	fake.vp.partition = NULL;
	expect("a VP belongs to its partition", 0);
}

static void test_child_vps(void **state)
{
	struct partition *child = make_child(FAKE_FREE + 8, 8);
	struct vp *vp = fake_child_vp(child, 2);

	(void)state;
	integrity_check(&fake.root, &result);
	assert_int_equal(result.violations, 0);
	vp->index = 3;
	expect("a VP knows its index", 2);
	vp->index = 2;
	vp->partition = &fake.root;
	expect("a VP belongs to its partition", 2);
	vp->partition = child;
	child->vp_count++;
	expect("the partition knows how many VPs it has", 1);
}

static void test_lock_taken(void **state)
{
	(void)state;
	spin_lock(&fake.root.pool.lock);
	expect("a page pool's lock can be had", 0);
}

static void test_pool_count(void **state)
{
	(void)state;
	fake.root.pool.free_count--;
	expect("what the root gave away is in a pool", 5);
	/* The reserve's pages are not the root's. */
	fake.root.pool.free_count++;
	fake.reserve.free_count++;
	expect("a page pool counts its free pages", 2);
}

static void test_pool_link(void **state)
{
	struct list *node = fake.root.pool.free.next;
	struct list *next = node->next;

	(void)state;
	node->next = (struct list *)((uint8_t *)next + 8);
	expect("a free list leads to pages of memory", (uint64_t)(uintptr_t)next + 8);
	node->next = (struct list *)(fake_memory + FAKE_SIZE);
	expect("a free list leads to pages of memory",
	       (uint64_t)(uintptr_t)(fake_memory + FAKE_SIZE));
	node->next = node;
	expect("a free list leads back as it leads on", virt_to_spa(node));
	node->next = next;
	next->prev = next;
	expect("a free list leads back as it leads on", virt_to_spa(next));
	next->prev = node;
}

/* A page that the root still has, or can see, is no page of its pool. */
static void test_pool_page(void **state)
{
	spa_t page = virt_to_spa(fake.root.pool.free.next);
	struct fake_page *in_space = &fake.page[page / PAGE_SIZE];

	(void)state;
	in_space->access = GPA_READ;
	expect("only statistics and state pages are shown to the root", 2);
	in_space->access = 0;
	in_space->revoked = false;
	expect("what the root gave away is in a pool", 4);
	/* Another one in its place keeps the count. */
	fake.page[FAKE_FREE + 100] = (struct fake_page){.memory = true, .revoked = true};
	expect("a free page belongs to its pool", page);
	in_space->revoked = true;
}

static void test_reserve_page(void **state)
{
	(void)state;
	fake.page[PIECE / PAGE_SIZE].access = GPA_READ;
	expect("a free page belongs to its pool", PIECE);
	fake.page[PIECE / PAGE_SIZE].access = 0;
	fake.piece += PAGE_SIZE;
	expect("a free page belongs to its pool", PIECE);
}

static void test_stats_page(void **state)
{
	struct fake_page *page = &fake.page[stats_page];

	(void)state;
	page->access = GPA_READ | GPA_WRITE;
	expect("a statistics page can be read, no more", stats_page << PAGE_SHIFT);
	page->access = 0;
	expect("a statistics page can be read, no more", stats_page << PAGE_SHIFT);
	page->access = GPA_READ;
	fake.root.pool.used_count++;
	fake.root.pool.free_count--;
	expect("a pool pays for statistics, ports and connections", 2);
	fake.root.pool.used_count--;
	fake.root.pool.free_count++;
}

static void test_ports(void **state)
{
	const struct hv_port_info info = {
		.port_type = HV_PORT_TYPE_EVENT, .target_sint = 2, .flag_count = 1};
	struct id_table *ports = &fake.root.port_space.ports;

	(void)state;
	assert_int_equal(port_create(&fake.root, 5, 0, &info), HV_STATUS_SUCCESS);
	assert_int_equal(port_create(&fake.root, 7, 0, &info), HV_STATUS_SUCCESS);
	assert_int_equal(port_connect(&fake.root, 9, &fake.root, 5, HV_PORT_TYPE_EVENT),
			 HV_STATUS_SUCCESS);
	integrity_check(&fake.root, &result);
	assert_int_equal(result.violations, 0);

	ports->entries[1].id = 5;
	expect("ids are in order, each once", 5);
	ports->entries[1].id = 7;
	ports->entries[1].place = 2;
	expect("an id names an object that is used", 7);
	ports->entries[1].place = 0;
	expect("a port knows its id and its partition", 7);
	ports->entries[1].place = 1;
	ports->page[0].used = 1;
	expect("a table has an entry for each object", 1);
	ports->page[0].used = 3;
	ports->page[1].used = 1;
	expect("a page of objects is there while one is used", 1);
	ports->page[1].used = 0;
	integrity_check(&fake.root, &result);
	assert_int_equal(result.violations, 0);
	port_delete_all(&fake.root);
	integrity_check(&fake.root, &result);
	assert_int_equal(result.violations, 0);
}

int main(void)
{
#define BROKEN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		BROKEN(test_good),         BROKEN(test_logged_once), BROKEN(test_property),
		BROKEN(test_checksum),     BROKEN(test_sum),         BROKEN(test_machine),
		BROKEN(test_vps),          BROKEN(test_child_vps),   BROKEN(test_lock_taken),
		BROKEN(test_pool_count),   BROKEN(test_pool_link),   BROKEN(test_pool_page),
		BROKEN(test_reserve_page), BROKEN(test_stats_page),  BROKEN(test_ports),
	};

	return cmocka_run_group_tests_name("integrity", tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include "synic/id_table.h"

#include "core/integrity.h"
#include "core/machine.h"
#include "core/panic.h"
#include "core/string.h"

_Static_assert(ID_TABLE_OBJECTS_PER_PAGE == 64, "a bit for each object of a page");
_Static_assert(ID_TABLE_MAX * sizeof(struct id_entry) <= PAGE_SIZE, "one page of entries");

static void *object_at(const struct id_table *table, uint32_t place)
{
	return table->page[place / ID_TABLE_OBJECTS_PER_PAGE].objects +
	       (size_t)(place % ID_TABLE_OBJECTS_PER_PAGE) * ID_TABLE_OBJECT_SIZE;
}

/* Where the entry of `id` stands, or would. */
static uint32_t position(const struct id_table *table, uint32_t id)
{
	uint32_t low = 0;
	uint32_t high = table->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (table->entries[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool has(const struct id_table *table, uint32_t at, uint32_t id)
{
	return at < table->count && table->entries[at].id == id;
}

void *id_table_find(const struct id_table *table, uint32_t id)
{
	uint32_t at = position(table, id);

	return has(table, at, id) ? object_at(table, table->entries[at].place) : NULL;
}

/* A page of `pool`, or NULL. */
static void *take_page(struct page_pool *pool)
{
	spa_t page;

	return page_pool_alloc(pool, &page) ? spa_to_virt(page) : NULL;
}

static void give_page(struct page_pool *pool, void *page)
{
	page_pool_free(pool, virt_to_spa(page));
}

/* A place for one more object: in a page that has one, else in one that could be taken. */
static enum hv_status find_place(struct id_table *table, struct page_pool *pool, uint32_t *place)
{
	uint32_t unused = ID_TABLE_PAGES;
	uint32_t bit = 0;
	uint32_t i;

	for (i = 0; i < ID_TABLE_PAGES; i++) {
		if (!table->page[i].objects)
			unused = MIN(unused, i);
		else if (table->page[i].used != UINT64_MAX)
			break;
	}
	if (i == ID_TABLE_PAGES) {
		if (unused == ID_TABLE_PAGES)
			return HV_STATUS_NO_RESOURCES;
		i = unused;
		table->page[i].objects = take_page(pool);
		if (!table->page[i].objects)
			return HV_STATUS_INSUFFICIENT_MEMORY;
	}
	while (table->page[i].used & BIT(bit))
		bit++;
	*place = i * (uint32_t)ID_TABLE_OBJECTS_PER_PAGE + bit;
	return HV_STATUS_SUCCESS;
}

/* Give the page of entries back if no object is left. */
static void drop_entries(struct id_table *table, struct page_pool *pool)
{
	if (table->count > 0)
		return;
	give_page(pool, table->entries);
	table->entries = NULL;
}

enum hv_status id_table_add(struct id_table *table, struct page_pool *pool, uint32_t id,
			    void **object)
{
	enum hv_status status;
	uint32_t place;
	uint32_t at;

	if (!table->entries)
		table->entries = take_page(pool);
	if (!table->entries)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	status = find_place(table, pool, &place);
	if (status != HV_STATUS_SUCCESS) {
		drop_entries(table, pool);
		return status;
	}
	at = position(table, id);
	ASSERT(!has(table, at, id));
	memmove(&table->entries[at + 1], &table->entries[at],
		(table->count - at) * sizeof(struct id_entry));
	table->entries[at] = (struct id_entry){.id = id, .place = place};
	table->count++;
	table->page[place / ID_TABLE_OBJECTS_PER_PAGE].used |= BIT(place %
								   ID_TABLE_OBJECTS_PER_PAGE);
	*object = object_at(table, place);
	memset(*object, 0, ID_TABLE_OBJECT_SIZE);
	return HV_STATUS_SUCCESS;
}

void id_table_remove(struct id_table *table, struct page_pool *pool, uint32_t id)
{
	uint32_t at = position(table, id);
	uint32_t place;
	uint32_t page;

	ASSERT(has(table, at, id));
	place = table->entries[at].place;
	page = place / (uint32_t)ID_TABLE_OBJECTS_PER_PAGE;
	table->count--;
	memmove(&table->entries[at], &table->entries[at + 1],
		(table->count - at) * sizeof(struct id_entry));
	table->page[page].used &= ~BIT(place % ID_TABLE_OBJECTS_PER_PAGE);
	if (table->page[page].used == 0) {
		give_page(pool, table->page[page].objects);
		table->page[page].objects = NULL;
	}
	drop_entries(table, pool);
}

/* Each entry names an object of its own, and they are in order. */
static void check_entries(const struct id_table *table, struct integrity *i)
{
	for (uint32_t n = 0; n < table->count; n++) {
		const struct id_entry *entry = &table->entries[n];
		uint32_t place = entry->place;

		integrity_expect(i, n == 0 || entry[-1].id < entry->id,
				 "ids are in order, each once", entry->id);
		integrity_expect(i,
				 place < ID_TABLE_MAX &&
					 (table->page[place / ID_TABLE_OBJECTS_PER_PAGE].used &
					  BIT(place % ID_TABLE_OBJECTS_PER_PAGE)),
				 "an id names an object that is used", entry->id);
	}
}

uint64_t id_table_check(const struct id_table *table, struct integrity *i)
{
	uint64_t pages = table->entries ? 1 : 0;
	uint32_t used = 0;

	for (uint32_t n = 0; n < ID_TABLE_PAGES; n++) {
		integrity_expect(i, (table->page[n].used != 0) == (table->page[n].objects != NULL),
				 "a page of objects is there while one is used", n);
		used += bits_set(table->page[n].used);
		pages += table->page[n].objects ? 1 : 0;
	}
	if (integrity_expect(i, used == table->count && (used != 0) == (table->entries != NULL),
			     "a table has an entry for each object", used))
		check_entries(table, i);
	return pages;
}

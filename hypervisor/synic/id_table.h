// SPDX-License-Identifier: Apache-2.0
/*
 * Small objects found by ids of their user's choice. The pages they stand in come from a pool, the
 * first when the first object is made, and go back when nothing is left in them. Whoever uses a
 * table has it locked.
 */
#ifndef SYNIC_ID_TABLE_H
#define SYNIC_ID_TABLE_H

#include "abi/hv/status.h"
#include "core/types.h"
#include "partition/page_pool.h"

struct integrity;

#define ID_TABLE_OBJECT_SIZE      64u
#define ID_TABLE_OBJECTS_PER_PAGE (PAGE_SIZE / ID_TABLE_OBJECT_SIZE)
#define ID_TABLE_PAGES            8u
#define ID_TABLE_MAX              (ID_TABLE_PAGES * ID_TABLE_OBJECTS_PER_PAGE)

struct id_entry {
	uint32_t id;
	uint32_t place; /* the object's page and place in it, as one number */
};

/* All zeros is an empty table. */
struct id_table {
	struct id_entry *entries; /* a page of them, sorted by id; NULL while there are none */
	uint32_t count;
	struct {
		uint8_t *objects; /* NULL while none is used */
		uint64_t used;    /* bit n: object n */
	} page[ID_TABLE_PAGES];
};

/* The object with `id`, or NULL. */
void *id_table_find(const struct id_table *table, uint32_t id);

/*
 * Make the object `id`, which the table does not have, of zeros; *object becomes its address.
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INSUFFICIENT_MEMORY: `pool` is empty;
 * HV_STATUS_NO_RESOURCES: ID_TABLE_MAX objects are there. Nothing has changed then. Takes
 * pool->lock.
 */
enum hv_status id_table_add(struct id_table *table, struct page_pool *pool, uint32_t id,
			    void **object);

/* Remove the object `id`, which the table has. Takes pool->lock. */
void id_table_remove(struct id_table *table, struct page_pool *pool, uint32_t id);

/* Check the table (integrity.h). Returns how many pages it takes. */
uint64_t id_table_check(const struct id_table *table, struct integrity *i);

#endif

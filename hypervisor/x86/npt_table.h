// SPDX-License-Identifier: Apache-2.0
/*
 * Nested page tables from the inside: entries, and how one gets to them. For x86/npt*.c alone;
 * every function here holds the lock that guards the space, or the space is nobody else's.
 */
#ifndef X86_NPT_TABLE_H
#define X86_NPT_TABLE_H

#include "partition/gpa_space.h"

/* Page table entry bits (APM volume 2, 5.3 and 15.25.5: nested tables are walked as user accesses).
 */
#define PTE_PRESENT       BIT(0)
#define PTE_WRITE         BIT(1)
#define PTE_USER          BIT(2)
#define PTE_WRITE_THROUGH BIT(3)
#define PTE_CACHE_DISABLE BIT(4)
#define PTE_ACCESSED      BIT(5)
#define PTE_DIRTY         BIT(6)
#define PTE_LARGE         BIT(7)
#define PTE_NX            BIT(63)
#define PTE_ADDRESS       0x000ffffffffff000UL
/* Bits the processor leaves to us. */
#define PTE_MEMORY        BIT(9)  /* ordinary memory of the partition */
#define PTE_OVERLAY       BIT(10) /* a page of the hypervisor's that the partition may see */
#define PTE_REVOKED       BIT(11) /* the partition gave the page away; the entry keeps the address */
#define PTE_FORBIDDEN     BIT(52) /* of a child: the parent mapped it without access */

#define TABLE_ENTRIES 512u
#define TOP_LEVEL     4u

/* Bytes that an entry of a table of `level` (1: pages, 4: top) spans. */
static inline uint64_t level_size(unsigned int level)
{
	return PAGE_SIZE << (9 * (level - 1));
}

static inline unsigned int level_index(gpa_t gpa, unsigned int level)
{
	return (unsigned int)(gpa / level_size(level) % TABLE_ENTRIES);
}

/* True for an entry, not 0, that leads to no table. */
static inline bool is_leaf(uint64_t entry, unsigned int level)
{
	return level == 1 || (entry & PTE_LARGE);
}

/*
 * The entry of a table of `level` for `gpa`, on the way there building tables for what is empty and
 * splitting larger pages. NULL if the pool is empty; what the space maps is then as before.
 */
uint64_t *npt_reach(struct gpa_space *space, gpa_t gpa, unsigned int level);

/* Where the way to `gpa`, within the space, ends: a leaf, or 0, and its level. Builds nothing. */
uint64_t *npt_walk(const struct gpa_space *space, gpa_t gpa, unsigned int *level);

#endif

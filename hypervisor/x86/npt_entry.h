// SPDX-License-Identifier: Apache-2.0
/* What an entry of a nested page table says: for x86/npt*.c, which write and check them. */
#ifndef X86_NPT_ENTRY_H
#define X86_NPT_ENTRY_H

#include "x86/npt.h"

/* Bits of an entry (APM volume 2, 5.3 and 15.25.5: nested tables are walked as user accesses). */
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
/* Bits the processor sets as it walks. */
#define PTE_WALKED        (PTE_ACCESSED | PTE_DIRTY)
/* Bits the processor leaves to us. */
#define PTE_MEMORY        BIT(9)  /* ordinary memory of the partition */
#define PTE_OVERLAY       BIT(10) /* a page of the hypervisor's that the partition may see */
#define PTE_REVOKED       BIT(11) /* the partition gave it away; the entry keeps the address */
#define PTE_FORBIDDEN     BIT(52) /* of a child: the parent mapped it without access */

#define TABLE_ENTRIES 512u
#define TOP_LEVEL     4u

static inline uint64_t kind_bits(enum npt_kind kind)
{
	switch (kind) {
	case NPT_MEMORY:
		return PTE_PRESENT | PTE_USER | PTE_WRITE | PTE_MEMORY;
	case NPT_DEVICE:
		return PTE_PRESENT | PTE_USER | PTE_WRITE;
	case NPT_OVERLAY:
		return PTE_PRESENT | PTE_USER | PTE_WRITE | PTE_OVERLAY | PTE_NX;
	case NPT_OVERLAY_READ:
		return PTE_PRESENT | PTE_USER | PTE_OVERLAY;
	case NPT_HOLE:
		return PTE_OVERLAY;
	}
	return 0;
}

/* Bytes that an entry of a table of `level` (1: pages, 4: top) spans. */
static inline uint64_t level_size(unsigned int level)
{
	return PAGE_SIZE << (9 * (level - 1));
}

static inline unsigned int level_index(gpa_t gpa, unsigned int level)
{
	return (unsigned int)(gpa / level_size(level) % TABLE_ENTRIES);
}

/* A place without access, in a table of `level` of a child's. */
static inline uint64_t forbidden_bits(unsigned int level)
{
	return PTE_FORBIDDEN | (level > 1 ? PTE_LARGE : 0);
}

/* True for an entry, not 0, that leads to no table. */
static inline bool is_leaf(uint64_t entry, unsigned int level)
{
	return level == 1 || (entry & PTE_LARGE);
}

#endif

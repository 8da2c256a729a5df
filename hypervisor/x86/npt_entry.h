// SPDX-License-Identifier: Apache-2.0
/* What an entry of a nested page table says: for x86/npt.c, which writes them, and npt_check.c. */
#ifndef X86_NPT_ENTRY_H
#define X86_NPT_ENTRY_H

#include "x86/npt.h"

/* Page table entry bits (APM volume 2, 5.3 and 15.25.5: nested tables are walked as user accesses).
 */
#define PTE_PRESENT BIT(0)
#define PTE_WRITE   BIT(1)
#define PTE_USER    BIT(2)
#define PTE_LARGE   BIT(7)
#define PTE_NX      BIT(63)
#define PTE_ADDRESS 0x000ffffffffff000UL
/* Bits the processor sets as it walks. */
#define PTE_WALKED  (BIT(5) | BIT(6)) /* accessed, dirty */
/* Bits the processor leaves to us. */
#define PTE_MEMORY  BIT(9)  /* ordinary memory of the partition */
#define PTE_OVERLAY BIT(10) /* a page of the hypervisor's that the partition may see */
#define PTE_REVOKED BIT(11) /* the partition gave the page away; the entry keeps the address */

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

static inline bool is_leaf(uint64_t entry, unsigned int level)
{
	return level == 1 || (entry & PTE_LARGE);
}

#endif

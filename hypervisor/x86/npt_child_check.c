// SPDX-License-Identifier: Apache-2.0
/* The statements about the nested page tables of children: see core/integrity.h. */
#include "core/integrity.h"
#include "core/machine.h"
#include "partition/frame.h"
#include "partition/gpa_map.h"
#include "partition/page_pool.h"
#include "x86/npt_table.h"

#define LARGE_LEVEL 2u

static void check_leaf(struct gpa_space *owner, struct integrity *i, uint64_t entry, gpa_t gpa,
		       unsigned int level)
{
	const uint32_t pages = level == LARGE_LEVEL ? GPA_LARGE_PAGES : 1;
	bool held = true;
	spa_t page;

	if (!(entry & PTE_PRESENT)) {
		integrity_expect(i, entry == forbidden_bits(level), "a closed nested entry says so",
				 gpa);
		return;
	}
	if (!(entry & PTE_MEMORY))
		return;
	if (!integrity_expect(i, level <= LARGE_LEVEL && !(entry & PTE_OVERLAY),
			      "a child's memory is in pages of 4 KiB or 2 MiB", gpa))
		return;
	for (uint32_t n = 0; n < pages; n++)
		held = held && frame_mappings((entry & PTE_ADDRESS) + n * PAGE_SIZE) > 0;
	integrity_expect(i, held && gpa_owned_pages(owner, entry & PTE_ADDRESS, pages, &page),
			 "what a child maps is its parent's, and counted", gpa);
}

void gpa_check_child(struct gpa_space *space, struct gpa_space *owner, struct integrity *i)
{
	uint64_t left = space->pool->used_count * TABLE_ENTRIES;
	unsigned int level, access;

	/* From leaf to leaf; there are no more of them than the child's pages have room for. */
	for (gpa_t at = 0; at < space->limit;
	     at = ALIGN_DOWN(at, level_size(level)) + level_size(level)) {
		const uint64_t *entry = npt_walk(space, at, &level);
		spa_t table = virt_to_spa(entry) & PAGE_MASK;

		if (!integrity_expect(
			    i,
			    left-- > 0 &&
				    gpa_page_revoked(owner, gpa_of_page(owner, table), &access) &&
				    access == 0,
			    "a child's tables are hidden pages of its pool", table))
			return;
		if (*entry != 0)
			check_leaf(owner, i, *entry, at, level);
	}
}

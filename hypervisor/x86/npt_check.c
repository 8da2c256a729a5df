// SPDX-License-Identifier: Apache-2.0
/* The statements about nested page tables: see core/integrity.h. */
#include "core/integrity.h"
#include "core/machine.h"
#include "partition/page_pool.h"
#include "x86/npt_entry.h"

struct walk {
	struct gpa_space *space;
	struct integrity *integrity;
	struct gpa_tally *tally;
};

/* What a table entry's bits may be, beside its address and what the processor sets. */
#define TABLE_BITS  (PTE_PRESENT | PTE_WRITE | PTE_USER)
#define CLOSED_BITS (PTE_REVOKED | PTE_MEMORY)
#define SHARED_BITS (CLOSED_BITS | PTE_PRESENT | PTE_USER | PTE_NX)

/* Of pages that the partition gave away: only ever single ones. */
static void check_revoked(const struct walk *w, uint64_t bits, gpa_t gpa, unsigned int level)
{
	w->tally->revoked++;
	if (bits & PTE_PRESENT)
		w->tally->shared++;
	integrity_expect(w->integrity,
			 level == 1 && (bits == CLOSED_BITS || bits == SHARED_BITS ||
					bits == (SHARED_BITS | PTE_WRITE)),
			 "a nested entry closes a page that was given away", gpa);
}

/*
 * Of the hypervisor's own memory: every page of it is named, so that it is never taken for a
 * device, and is closed or an overlay.
 */
static void check_owned(const struct walk *w, uint64_t bits, gpa_t gpa, unsigned int level)
{
	integrity_expect(w->integrity,
			 bits == kind_bits(NPT_HOLE) ||
				 (level == 1 && (bits == kind_bits(NPT_OVERLAY) ||
						 bits == kind_bits(NPT_OVERLAY_READ))),
			 "no nested entry opens the hypervisor's memory", gpa);
}

static void check_leaf(const struct walk *w, uint64_t entry, gpa_t gpa, unsigned int level)
{
	const bool owned = machine_owns(gpa, level_size(level));
	uint64_t bits = entry & ~(PTE_ADDRESS | PTE_WALKED);

	integrity_expect(w->integrity, (entry & PTE_ADDRESS) == gpa,
			 "a nested entry leads to its own address", gpa);
	if (level > 1) {
		integrity_expect(w->integrity, level <= w->space->levels,
				 "no nested page is larger than the processor has them", gpa);
		bits &= ~PTE_LARGE;
	}
	if ((bits & PTE_REVOKED) && !owned)
		check_revoked(w, bits, gpa, level);
	else if (owned)
		check_owned(w, bits, gpa, level);
	else
		integrity_expect(w->integrity,
				 bits == kind_bits(NPT_MEMORY) || bits == kind_bits(NPT_DEVICE) ||
					 bits == kind_bits(NPT_HOLE),
				 "a nested entry is memory, a device or closed", gpa);
}

static void check_table(const struct walk *w, spa_t table, gpa_t gpa, unsigned int level);

static void check_entry(const struct walk *w, uint64_t entry, gpa_t gpa, unsigned int level)
{
	spa_t table = entry & PTE_ADDRESS;

	if (entry == 0) {
		integrity_expect(w->integrity, !machine_owns(gpa, level_size(level)),
				 "every page of the hypervisor's is named", gpa);
		return;
	}
	if (is_leaf(entry, level)) {
		check_leaf(w, entry, gpa, level);
		return;
	}
	if (integrity_expect(w->integrity,
			     (entry & ~(PTE_ADDRESS | PTE_WALKED)) == TABLE_BITS &&
				     machine_owns(table, PAGE_SIZE),
			     "a nested table is in the hypervisor's memory", gpa))
		check_table(w, table, gpa, level - 1);
}

/*
 * Check the table of `level` (4 at the top) at `table`, which maps from `gpa` on. There are no more
 * of them than pages that the pool has given out: tables that loop come to an end there.
 */
static void check_table(const struct walk *w, spa_t table, gpa_t gpa, unsigned int level)
{
	const uint64_t *entries = spa_to_virt(table);

	if (!integrity_expect(w->integrity, w->tally->tables++ < w->space->pool->used_count,
			      "nested tables are pages of their pool", table))
		return;
	integrity_expect(
		w->integrity,
		!gpa_accessible(w->space, gpa_of_page(w->space, table), PAGE_SIZE, GPA_READ),
		"nested tables are hidden from their partition", table);
	for (unsigned int n = 0; n < TABLE_ENTRIES; n++)
		check_entry(w, __atomic_load_n(&entries[n], __ATOMIC_RELAXED),
			    gpa + n * level_size(level), level);
}

void gpa_check(struct gpa_space *space, struct integrity *i, struct gpa_tally *tally)
{
	const struct walk w = {space, i, tally};

	if (integrity_expect(i, machine_owns(space->table, PAGE_SIZE),
			     "the nested tables' top is in the hypervisor's memory", space->table))
		check_table(&w, space->table, 0, TOP_LEVEL);
}

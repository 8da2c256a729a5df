// SPDX-License-Identifier: Apache-2.0
/*
 * The address space of a child: what its parent maps into it, page by page, and what the hypervisor
 * lays over that. Implemented over nested page tables in x86/npt_child.c. The partition's lock is
 * held throughout.
 *
 * A place is unmapped, or mapped without access (which costs no tables where much of it is), or
 * mapped; small pages are 4 KiB, large ones 2 MiB. Anything can be mapped over anything. Each
 * mapping of ordinary memory counts in the frames of that memory (partition/frame.h); who maps it
 * has counted it, the space gives it back.
 */
#ifndef PARTITION_GPA_MAP_H
#define PARTITION_GPA_MAP_H

#include "core/types.h"
#include "partition/gpa_space.h"

/* Small pages in a large one. */
#define GPA_LARGE_PAGES 512u

/* Tables that may go in one change: see gpa_change_begin(). */
#define GPA_CHANGE_TABLES 24u

/* Make an empty space whose tables come from `pool`. Returns false, nothing changed, if that is
 * empty. */
bool gpa_space_create(struct gpa_space *space, struct page_pool *pool);

/*
 * Take `space` apart, in rounds of about `budget` entries: true when nothing is left and every page
 * of it is back in its pool. No processor uses the space any more. Pages that lay over it are of no
 * concern here.
 */
bool gpa_space_destroy(struct gpa_space *space, uint32_t budget);

/*
 * A round of changes, to neighbouring places: at most 64 small or 8 large pages. What has been
 * taken away is still in use by processors until gpa_change_end() returns; the tables go then as
 * well.
 */
struct gpa_change {
	struct gpa_space *space;
	gpa_t first, last; /* places touched */
	bool touched;
	bool flush; /* processors may have cached what is gone */
	uint32_t table_count;
	spa_t tables[GPA_CHANGE_TABLES];
};

void gpa_change_begin(struct gpa_change *change, struct gpa_space *space);
void gpa_change_end(struct gpa_change *change);

/* What to map: a page, or the first of 512 contiguous ones, aligned. */
struct gpa_mapping {
	spa_t page;
	unsigned int access; /* enum gpa_access; reading is part of it */
	bool memory;         /* ordinary memory, with a frame; otherwise device registers */
	bool uncached;
	bool large;
};

/*
 * Map `gpa`, aligned and within the space; make it a place without access; unmap it. Each returns
 * false if the pool has no page for the tables that takes: then nothing has changed.
 */
bool gpa_map(struct gpa_change *change, gpa_t gpa, const struct gpa_mapping *mapping);
bool gpa_forbid(struct gpa_change *change, gpa_t gpa, bool large);
bool gpa_unmap(struct gpa_change *change, gpa_t gpa, bool large);

#define GPA_STATE_ACCESSED 1u
#define GPA_STATE_DIRTY    2u

/*
 * Whether the page at `gpa` was accessed and written (GPA_STATE_ bits; 0 where nothing is mapped)
 * since that was last cleared; then clear and set these bits. Before they change a large page is
 * split: returns false, nothing changed, if the pool has no page for that.
 */
bool gpa_access_state(struct gpa_change *change, gpa_t gpa, unsigned int clear, unsigned int set,
		      uint8_t *state);

/* What an access of a VP finds. */
enum gpa_kind {
	GPA_OK,        /* mapped: whoever was refused may try again */
	GPA_UNMAPPED,  /* the parent never mapped it */
	GPA_NO_ACCESS, /* ... mapped it without access */
	GPA_VIOLATION, /* ... or without this one, or a page of the hypervisor's does not allow it
			*/
};

/* What `access` (enum gpa_access bits) to `gpa` finds. */
enum gpa_kind gpa_lookup(const struct gpa_space *space, gpa_t gpa, unsigned int access);

/* True if a page of the hypervisor's lies over the one at `gpa`. */
bool gpa_is_overlay(const struct gpa_space *space, gpa_t gpa);

/*
 * Lay `page`, the hypervisor's, over the page at `gpa`, for reading and writing or reading and
 * executing. What the parent maps there meanwhile comes to light when the overlay goes. Returns
 * false, nothing changed, if `gpa` is not in the space, has an overlay already, or the pool has no
 * page for it.
 */
bool gpa_overlay_map(struct gpa_space *space, gpa_t gpa, spa_t page, bool writable);

/*
 * Take the overlay at `gpa` away; no processor uses its page any more then. Nothing happens if
 * there is none.
 */
void gpa_overlay_unmap(struct gpa_space *space, gpa_t gpa);

#endif

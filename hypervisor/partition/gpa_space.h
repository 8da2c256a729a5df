// SPDX-License-Identifier: Apache-2.0
/*
 * A partition's guest physical address space: what each GPA means, and the only way the hypervisor
 * reads or writes a partition's memory. Implemented over nested page tables in x86/npt.c; hosted
 * tests bring a fake.
 */
#ifndef PARTITION_GPA_SPACE_H
#define PARTITION_GPA_SPACE_H

#include "core/types.h"

struct integrity;
struct overlay_page;
struct page_pool;

enum gpa_access {
	GPA_READ = 1,
	GPA_WRITE = 2,
	GPA_EXECUTE = 4,
};

struct gpa_space {
	spa_t table;            /* the top-level nested page table */
	struct page_pool *pool; /* what tables are built from */
	uint64_t limit;         /* first GPA beyond the space: 1 << physical address width */
	unsigned int levels;    /* the largest page: 1 of 4 KiB, 2 of 2 MiB, 3 of 1 GiB */
	uint64_t generation;    /* grows with every change that a processor may have cached */
	bool one_to_one;        /* the root's: what it maps is its own, at its own address */
	gpa_t cursor;           /* how far gpa_space_destroy() (partition/gpa_map.h) has come */
	struct overlay_page *overlays; /* what lists a child's overlays, or NULL */
};

/* The GPA of the partition's own page `page`: only the root owns pages, and its space is one to
 * one.
 */
static inline gpa_t gpa_of_page(const struct gpa_space *space, spa_t page)
{
	(void)space;
	return page;
}

/* True if [gpa, gpa + size) lies below the end of the space. size > 0. */
bool gpa_in_space(const struct gpa_space *space, gpa_t gpa, uint64_t size);

/*
 * Read or write `size` bytes at `gpa`; may cross pages. Returns false, having copied an unspecified
 * part, if a page is not mapped with the access needed or is not memory. Each byte is touched once.
 */
bool copy_from_gpa(struct gpa_space *space, void *dst, gpa_t gpa, size_t size);
bool copy_to_gpa(struct gpa_space *space, gpa_t gpa, const void *src, size_t size);

/*
 * Read the naturally aligned word of `size` bytes (4 or 8) at `gpa` at once. Returns false if the
 * page is not mapped for reading or is not memory.
 */
bool gpa_read_word(struct gpa_space *space, gpa_t gpa, size_t size, uint64_t *value);

/*
 * Replace the naturally aligned word of `size` bytes (4 or 8) at `gpa` by `desired`, at once and
 * only if it is `expected`; *exchanged says whether it was. Returns false if the page is not mapped
 * for reading and writing or is not memory.
 */
bool gpa_exchange_word(struct gpa_space *space, gpa_t gpa, size_t size, uint64_t expected,
		       uint64_t desired, bool *exchanged);

/*
 * Where the hypervisor sees the memory at `gpa`, good for reading up to the end of its 4 KiB page
 * and until the space's generation grows. NULL if the page is not mapped for reading or is not
 * memory. For what is looked at again and again and believed never; everything else is copied.
 */
const void *gpa_view(struct gpa_space *space, gpa_t gpa);

/* True if every page of [gpa, gpa + size) is memory mapped with all of `access` (enum gpa_access
 * bits). */
bool gpa_accessible(struct gpa_space *space, gpa_t gpa, uint64_t size, unsigned int access);

/*
 * The first of the `count` contiguous pages at `gpa` if all are ordinary memory of the partition
 * that it may give away: mapped for reading and writing, not the hypervisor's, not overlays, not
 * deposited already. Nothing in a child's space is: its memory is its parent's. Returns false
 * otherwise.
 */
bool gpa_owned_pages(struct gpa_space *space, gpa_t gpa, uint64_t count, spa_t *page);

/*
 * The same for device ranges: what the partition reaches and is neither memory nor the
 * hypervisor's.
 */
bool gpa_device_pages(struct gpa_space *space, gpa_t gpa, uint64_t count, spa_t *page);

/*
 * Take the page at `gpa` (of gpa_owned_pages()) out of the space. After the gpa_sync() that must
 * follow, no processor can reach it through the space any more. Returns false, changing nothing, if
 * the tables cannot be split for want of memory.
 */
bool gpa_revoke_page(struct gpa_space *space, gpa_t gpa);

/* Undo gpa_revoke_page: ordinary memory again. Never fails. */
void gpa_restore_page(struct gpa_space *space, gpa_t gpa);

/*
 * Return when no processor uses what earlier changes to any space have taken away. May be called
 * with locks held; it waits for processors that execute VPs only.
 */
void gpa_sync(void);

/*
 * Let the partition look at (`GPA_READ`), or also write, the revoked page at `gpa`: for pages the
 * hypervisor shares with it, such as statistics. access 0 closes it again. Never fails: the tables
 * exist since the revoke.
 */
void gpa_share_page(struct gpa_space *space, gpa_t gpa, unsigned int access);

/*
 * True if the page at `gpa` is one of gpa_revoke_page; *access becomes what gpa_share_page left
 * open of it.
 */
bool gpa_page_revoked(struct gpa_space *space, gpa_t gpa, unsigned int *access);

/* Pages that gpa_check() came across. */
struct gpa_tally {
	uint64_t tables;  /* of the space itself */
	uint64_t revoked; /* given away, shared again or not */
	uint64_t shared;  /* those of them that the partition can see */
};

/*
 * Check the tables of the root's space (integrity.h): well formed, one to one, and nothing in them
 * leads to the hypervisor's memory but what is meant to. Holds the partition's lock.
 */
void gpa_check(struct gpa_space *space, struct integrity *i, struct gpa_tally *tally);

/*
 * Check the tables of a child's space: they are pages that `owner` gave away, and what they map as
 * memory is the owner's and counted in its frames. Holds the child's and the owner's lock.
 */
void gpa_check_child(struct gpa_space *space, struct gpa_space *owner, struct integrity *i);

#endif

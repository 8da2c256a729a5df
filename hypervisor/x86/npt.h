// SPDX-License-Identifier: Apache-2.0
/*
 * Nested page tables (AMD64 APM volume 2, 15.25): the form a GPA space takes on this processor. The
 * root's space is one to one; what it must not reach is absent from it.
 *
 * partition/gpa_space.h is implemented here; this header is for whoever builds a space at boot.
 */
#ifndef X86_NPT_H
#define X86_NPT_H

#include "partition/gpa_space.h"

/* What a GPA of a one-to-one space is. */
enum npt_kind {
	NPT_MEMORY, /* ordinary memory of the partition, read, write, execute */
	NPT_DEVICE, /* anything else the partition may reach: device registers, firmware's ranges */
	NPT_OVERLAY,      /* a page of the hypervisor's that the partition may read and write */
	NPT_OVERLAY_READ, /* ... or only read and execute */
	NPT_HOLE,         /* the hypervisor's: no access, and never filled as a device */
};

/*
 * Make an empty space of 1 << `physical_bits` bytes whose tables come from `pool`, with pages of up
 * to 4 KiB, 2 MiB or 1 GiB (`levels` 1, 2, 3). Returns false, nothing changed, if the pool is
 * empty.
 */
bool npt_init(struct gpa_space *space, struct page_pool *pool, unsigned int physical_bits,
	      unsigned int levels);

/*
 * Map [start, end), page aligned and not mapped yet (or a hole), one to one with the largest pages
 * that fit. Returns false if the pool ran out; the part already mapped stays.
 */
bool npt_map(struct gpa_space *space, spa_t start, spa_t end, enum npt_kind kind);

/*
 * A nested page fault at `gpa`: map the largest device page around it in which nothing was ever
 * mapped. Returns false if the partition has no business there (or the tables cannot
 * grow).
 */
bool npt_fill_device(struct gpa_space *space, gpa_t gpa);

#endif

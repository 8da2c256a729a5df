// SPDX-License-Identifier: Apache-2.0
/* The synthetic MSRs of a partition and its VPs outside the SynIC: identity, hypercall page, time,
 * APIC access. */
#ifndef PARTITION_SYNTHETIC_H
#define PARTITION_SYNTHETIC_H

#include "core/types.h"

struct vp;

/* Returns false, nothing changed, where #GP(0) is due: no such register, no privilege, read-only,
 * bad value. */
bool synthetic_read_msr(struct vp *vp, uint32_t msr, uint64_t *value);
bool synthetic_write_msr(struct vp *vp, uint32_t msr, uint64_t value);

/* Write the code of the hypercall page (TLFS, "Establishing the hypercall interface") to a page. */
void synthetic_fill_hypercall_page(void *page);

/*
 * Fill the reference TSC page of `p`, which exists, for its reference time as it is; while that
 * stands still the page says that it is of no use. Holds p->lock, or before the partition runs.
 */
struct partition;
void synthetic_fill_tsc_page(struct partition *p);

#endif

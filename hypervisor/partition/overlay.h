// SPDX-License-Identifier: Apache-2.0
/*
 * Registers that place a page of the hypervisor's in a partition's address space: the hypercall
 * page, the reference TSC page, the VP assist page, those of the SynIC. The root is told where its
 * pages are; a child says where it wants to see them, and they cover what is there.
 */
#ifndef PARTITION_OVERLAY_H
#define PARTITION_OVERLAY_H

#include "core/types.h"

struct partition;
struct vp;

/*
 * Give the register `*msr` of `p`, whose page is `page`, the new `value`. Holds p->lock. Returns
 * false, nothing changed, where #GP(0) is due: the child wants the page where there is no address,
 * or where another one is; its pool has no page for it.
 */
bool overlay_write(struct partition *p, uint64_t *msr, spa_t page, uint64_t value, bool writable);

/* Take the page of register `*msr` away, if `p` is a child; the register is disabled. Holds
 * p->lock. */
void overlay_remove(struct partition *p, uint64_t *msr);

/* The pages of a child's own registers, hypercall and reference TSC page, from its pool and back.
 * Allocating returns false, nothing changed, if that is empty. Holds p->lock. */
bool overlay_pages_alloc(struct partition *p);
void overlay_pages_free(struct partition *p);

#endif

// SPDX-License-Identifier: Apache-2.0
/* Partitions: the unit of isolation. The root is the top of the tree. */
#ifndef PARTITION_PARTITION_H
#define PARTITION_PARTITION_H

#include "core/types.h"
#include "core/spinlock.h"
#include "partition/gpa_space.h"
#include "partition/page_pool.h"
#include "synic/port.h"

struct vp;

#define PARTITION_ID_ROOT 1UL
#define PARTITION_MAX_VPS 256u

struct partition {
	uint64_t id;              /* unique for the life of the machine; the root's is 1 */
	struct partition *parent; /* NULL for the root */
	uint64_t privileges;  /* HV_PARTITION_PRIVILEGE_MASK: EBX:EAX of leaf 0x40000003; fixed */
	uint32_t features;    /* EDX of leaf 0x40000003; fixed */
	uint32_t hints;       /* EAX of leaf 0x40000004; fixed */
	struct spinlock lock; /* guards all that follows, unless said otherwise */
	struct gpa_space gpa;
	struct page_pool pool;        /* has its own lock */
	struct port_space port_space; /* guarded by the ports lock */
	uint64_t guest_os_id;         /* HV_X64_MSR_GUEST_OS_ID; 0: no hypercalls */
	uint64_t hypercall_msr;       /* HV_X64_MSR_HYPERCALL */
	uint64_t tsc_page_msr;        /* HV_X64_MSR_REFERENCE_TSC */
	uint64_t *stats;              /* its statistics page (partition/stats.h), or NULL */
	uint32_t vp_count;
	uint32_t vp_limit;                 /* VPs have indices below; never shrinks */
	struct vp *vps[PARTITION_MAX_VPS]; /* by VP index; NULL where none was created */
};

static inline bool partition_is_root(const struct partition *p)
{
	return p->parent == NULL;
}

/* VP `index` (below PARTITION_MAX_VPS) of `p`, NULL if there is none. Without a lock: VPs come, and
 * stay. */
static inline struct vp *partition_vp(const struct partition *p, uint32_t index)
{
	return __atomic_load_n(&p->vps[index], __ATOMIC_ACQUIRE);
}

/*
 * The partition that `id` names to `caller`: itself (its number or HV_PARTITION_ID_SELF) or one of
 * its children. NULL if there is none: HV_STATUS_INVALID_PARTITION_ID.
 */
struct partition *partition_find(struct partition *caller, uint64_t id);

/*
 * Take a free page of `pool` back into the space of `owner`, whose it was, with nothing left in it;
 * *gpa becomes its address there. Holds owner->lock, takes pool->lock. Returns false if no page is
 * free.
 */
bool partition_take_back(struct partition *owner, struct page_pool *pool, gpa_t *gpa);

/*
 * Give the root back all that it deposited for itself, statistics pages, ports and connections
 * too: its operating system is leaving (it cleared HV_X64_MSR_GUEST_OS_ID), and the next one takes
 * all memory for its own. Takes root->lock, the stats lock, the ports lock, SynIC locks and the
 * pool's.
 */
void partition_return_deposits(struct partition *root);

#endif

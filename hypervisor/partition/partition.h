// SPDX-License-Identifier: Apache-2.0
/* Partitions: the unit of isolation. The root is the top of the tree. */
#ifndef PARTITION_PARTITION_H
#define PARTITION_PARTITION_H

#include "abi/hv/partition.h"
#include "abi/hv/status.h"
#include "core/machine.h"
#include "core/types.h"
#include "core/spinlock.h"
#include "partition/gpa_space.h"
#include "partition/page_pool.h"
#include "synic/port.h"

struct cpuid_result_page;
struct vp;

#define PARTITION_ID_ROOT 1UL
#define PARTITION_MAX_VPS 256u
/* Partitions at a time, the root included. */
#define PARTITIONS_MAX    256u

/* The life of a partition. The root is PARTITION_INITIALIZED from the start, and stays so. */
enum partition_state {
	PARTITION_CREATED = 1, /* early properties can be set; no VPs, no memory */
	PARTITION_INITIALIZED, /* can have both, and run */
	PARTITION_FINALIZING,  /* is being taken apart, in rounds; as good as finalized */
	PARTITION_FINALIZED,   /* all it was made of is back in its pool */
	PARTITION_DELETED,     /* has no name any more; who still holds a reference lets go */
};

struct partition {
	uint64_t id;              /* unique for the life of the machine; the root's is 1 */
	struct partition *parent; /* NULL for the root; outlives its children */
	uint32_t references;      /* partition_get(); one more while it has its name */
	uint64_t privileges;  /* HV_PARTITION_PRIVILEGE_MASK: EBX:EAX of leaf 0x40000003; fixed */
	uint32_t features;    /* EDX of leaf 0x40000003; these three are fixed once initialized */
	uint32_t hints;       /* EAX of leaf 0x40000004 */
	struct spinlock lock; /* guards all that follows, unless said otherwise */
	enum partition_state state;
	/* As it was created; fixed. */
	uint64_t flags;                /* HV_PARTITION_CREATION_FLAG_* */
	uint64_t disabled_features[2]; /* a bit set takes the processor feature from the partition
					*/
	uint64_t disabled_xsave;
	uint64_t xsave_states; /* components that XCR0 of its VPs may have */
	uint32_t cpuid_features[MACHINE_FEATURE_WORDS]; /* machine_select_features() */
	/* Properties (partition/property.c). */
	uint64_t privilege_flags;    /* asked for; what came of it is `privileges` */
	uint64_t synthetic_features; /* HV_SYNTHETIC_*, assignable ones only */
	uint64_t processors_per_socket;
	uint64_t unimplemented_msr_action;
	bool access_tracking;
	bool time_frozen;
	uint64_t time_offset; /* its reference time less the machine's, modulo 2^64 */
	uint64_t frozen_time; /* its reference time while time_frozen */
	struct gpa_space gpa;
	struct page_pool pool;        /* has its own lock */
	struct port_space port_space; /* guarded by the ports lock */
	uint64_t counted_pages; /* of the pool, in the hypervisor's statistics; by the stats lock */
	uint64_t guest_os_id;   /* HV_X64_MSR_GUEST_OS_ID; 0: no hypercalls */
	uint64_t hypercall_msr; /* HV_X64_MSR_HYPERCALL */
	uint64_t tsc_page_msr;  /* HV_X64_MSR_REFERENCE_TSC */
	uint32_t tsc_sequence;  /* of the last valid contents of the TSC page */
	spa_t hypercall_page, tsc_page; /* their pages, the hypervisor's; fixed once initialized */
	uint64_t *stats;                /* its statistics page (partition/stats.h), or NULL */
	/* Of a child. */
	uint64_t crash[6];   /* HV_X64_MSR_CRASH_P0 to _CTL */
	bool tsc_invariant;  /* HV_X64_MSR_TSC_INVARIANT_CONTROL */
	uint32_t extint;     /* EXTINT_PENDING and a vector: what its parent's 8259 has; atomic */
	uint64_t intercepts; /* bit for each HV_INTERCEPT_TYPE_ that its parent asked for; atomic */
	struct cpuid_result_page *cpuid_results; /* partition/cpuid_result.c */
	uint32_t vp_count;
	uint32_t vp_limit;                 /* VPs have indices below; never shrinks */
	struct vp *vps[PARTITION_MAX_VPS]; /* by VP index; NULL where none was created */
};

/* struct partition.extint */
#define EXTINT_PENDING 0x100u

static inline bool partition_is_root(const struct partition *p)
{
	return p->parent == NULL;
}

/* True if the VPs of `p` have APICs; otherwise their interrupts are their parent's to bring in. */
static inline bool partition_has_apics(const struct partition *p)
{
	return partition_is_root(p) || (p->flags & HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED);
}

/*
 * VP `index` (below PARTITION_MAX_VPS) of `p`, NULL if there is none. The root's VPs come and stay,
 * so this needs no lock; those of a child stay while its lock is held, or while they run.
 */
static inline struct vp *partition_vp(const struct partition *p, uint32_t index)
{
	return __atomic_load_n(&p->vps[index], __ATOMIC_ACQUIRE);
}

/* True if `id` names `p` itself. */
bool partition_is_self(const struct partition *p, uint64_t id);

/* Let `root` be the top of the tree. Boot only. */
void partition_plant(struct partition *root);

/*
 * The partition that `id` names to `caller`: itself (its number or HV_PARTITION_ID_SELF) or one of
 * its children, which does not go away before partition_put(). NULL if there is none:
 * HV_STATUS_INVALID_PARTITION_ID. It may be deleted meanwhile: that `state` says. Takes the tree
 * lock.
 */
struct partition *partition_get(struct partition *caller, uint64_t id);

/* The same for children alone. */
struct partition *partition_get_child(struct partition *caller, uint64_t id);

/* Let go of `p`. The last one frees it: takes the lock of its parent's pool. */
void partition_put(struct partition *p);

/*
 * The child of `parent` with the lowest number above `id`; referenced, as by partition_get(). NULL
 * if there is none. Takes the tree lock.
 */
struct partition *partition_next_child(struct partition *parent, uint64_t id);

/* How many partitions there are, and how many VPs they have together. Takes the tree lock. */
uint32_t partition_count(void);
uint64_t partition_vp_total(void);

/*
 * Give `p`, all zeros but for its parent, a number and so a name, and its first reference. Returns
 * false if there are PARTITIONS_MAX partitions. Takes the tree lock.
 */
bool partition_name(struct partition *p);

/* Take the name and its reference from `p`, whose state is PARTITION_DELETED. Locks as in
 * partition_put(). */
void partition_unname(struct partition *p);

/*
 * HV_STATUS_SUCCESS if `p`, whose lock is held, is initialized and not finalized: can have VPs and
 * memory. Else HV_STATUS_INVALID_PARTITION_STATE, or HV_STATUS_INVALID_PARTITION_ID if it has been
 * deleted.
 */
enum hv_status partition_check_initialized(const struct partition *p);

/* True if the parent of `p` asked to be told of what HV_INTERCEPT_TYPE_ `type` is about. */
static inline bool partition_intercepts(const struct partition *p, unsigned int type)
{
	return __atomic_load_n(&p->intercepts, __ATOMIC_RELAXED) & BIT(type);
}

/* The reference time of `p` in units of 100 ns. While it is frozen or set it may be either. */
uint64_t partition_reference_time(const struct partition *p);

/* The machine's reference time at which that of `p` is `time`; UINT64_MAX, which stands for never,
 * if that is it, or p's time stands. */
uint64_t partition_deadline(const struct partition *p, uint64_t time);

/*
 * Give the root back all that it deposited, for itself and for its children, and end those: its
 * operating system is leaving (it cleared HV_X64_MSR_GUEST_OS_ID), and the next one takes all
 * memory for its own. Children whose VPs are still dispatched stay as they are. Ports
 * and connections go too. Takes root->lock, those of its children, the stats lock, the ports lock,
 * SynIC locks and the pools'.
 */
void partition_return_deposits(struct partition *root);

#endif

// SPDX-License-Identifier: Apache-2.0
/* Whom a call is about: a child of the caller, and one of its VPs. */
#ifndef HYPERCALL_TARGET_H
#define HYPERCALL_TARGET_H

#include "abi/hv/status.h"
#include "hypercall/hypercall.h"
#include "partition/vp.h"

struct target {
	struct partition *partition; /* a reference is held */
	struct vp *vp;               /* owned (scheduler/scheduler.h), or NULL */
};

/*
 * Find child `id` of the caller. Returns HV_STATUS_SUCCESS, and target_put() must follow;
 * HV_STATUS_INVALID_PARTITION_ID: there is none, or it is the caller itself.
 */
enum hv_status target_child(const struct hypercall *call, uint64_t id, struct target *target);

/*
 * The same, and own its VP `vp_index` as `owner`; target_release(), or for a dispatch
 * scheduler_run() and target_put(), must follow. HV_STATUS_INVALID_VP_INDEX;
 * HV_STATUS_INVALID_PARTITION_STATE: it is not initialized, or has been finalized; for a dispatch
 * HV_STATUS_INVALID_VP_STATE: another processor runs it.
 */
enum hv_status target_vp(const struct hypercall *call, uint64_t id, uint32_t vp_index,
			 enum vp_owner owner, struct target *target);

/* Let go of the VP; its parent is told if it has become able to go on (`wake`). Then of the child.
 */
void target_release(struct target *target, bool wake);

void target_put(struct target *target);

#endif

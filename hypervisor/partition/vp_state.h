// SPDX-License-Identifier: Apache-2.0
/*
 * State of a child's VP that has no register names, for a parent that saves or sets up its child.
 * The VP does not run and is owned (scheduler/scheduler.h).
 */
#ifndef PARTITION_VP_STATE_H
#define PARTITION_VP_STATE_H

#include "abi/hv/status.h"
#include "core/types.h"

struct vp;

/*
 * Bytes of the state of `type` (HV_VP_STATE_) of `vp`, at most a page; 0 if there is no such type.
 * Of XSAVE those with the components `states` that the VP can have.
 */
uint32_t vp_state_size(const struct vp *vp, uint32_t type, uint64_t states);

/* Write the state of `type`, which there is, to `data`, as many bytes as said. Takes the SynIC
 * lock. */
void vp_state_get(struct vp *vp, uint32_t type, uint64_t states, void *data);

/*
 * Set it. `data` is hostile, and nobody else's. Takes the SynIC lock. Returns HV_STATUS_SUCCESS;
 * HV_STATUS_INVALID_PARAMETER: nothing has changed, a VP cannot have that state.
 */
enum hv_status vp_state_set(struct vp *vp, uint32_t type, const void *data);

#endif

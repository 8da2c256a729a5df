// SPDX-License-Identifier: Apache-2.0
/*
 * Registers of a child's VP by name, and the page in which its parent has the most important ones.
 * The VP is owned (scheduler/scheduler.h).
 */
#ifndef PARTITION_REGISTERS_H
#define PARTITION_REGISTERS_H

#include "abi/hv/status.h"
#include "core/types.h"

union hv_register_value;
struct vp;

/*
 * Read register `name` (HV_X64_REGISTER_, HV_REGISTER_) into *value, which is all zero. Returns
 * HV_STATUS_SUCCESS or HV_STATUS_UNKNOWN_REGISTER_NAME. Source: TLFS, HV_REGISTER_NAME.
 */
enum hv_status registers_get(struct vp *vp, uint32_t name, union hv_register_value *value);

/*
 * Set register `name`. *wake becomes true if the VP may be able to go on by that. Returns
 * HV_STATUS_SUCCESS; HV_STATUS_UNKNOWN_REGISTER_NAME; HV_STATUS_INVALID_REGISTER_VALUE: it cannot
 * have that value. What processors refuse in combination is found at the next entry.
 */
enum hv_status registers_set(struct vp *vp, uint32_t name, const union hv_register_value *value,
			     bool *wake);

/* XMM0 and those behind it, 16 bytes each. */
const void *registers_xmm(const struct vp *vp);

/* The protection keys' rights (PKRU), which has no name; it counts with CR4.PKE alone. */
uint32_t registers_pkru(const struct vp *vp);

/* The register page, if there is one: fill it for the parent; take over what the parent changed. */
void register_page_fill(struct vp *vp);
void register_page_take(struct vp *vp);

#endif

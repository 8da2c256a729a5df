// SPDX-License-Identifier: Apache-2.0
/* The synthetic interrupt controller of a VP: its registers and pages (TLFS, "Inter-partition
 * communication"). */
#ifndef SYNIC_SYNIC_H
#define SYNIC_SYNIC_H

#include "core/types.h"

#define SYNIC_SINT_COUNT 16u

struct vp;

struct vp_synic {
	uint64_t scontrol;
	uint64_t siefp;
	uint64_t simp;
	uint64_t sirbp;
	uint64_t sint[SYNIC_SINT_COUNT];
};

/* The state after reset; the page registers point to the pages given, disabled. */
void synic_reset(struct vp_synic *synic, spa_t siefp, spa_t simp, spa_t sirbp);

/* Returns false, nothing changed, where #GP(0) is due: no such register, no privilege, read-only,
 * bad value. */
bool synic_read_msr(struct vp *vp, uint32_t msr, uint64_t *value);
bool synic_write_msr(struct vp *vp, uint32_t msr, uint64_t value);

#endif

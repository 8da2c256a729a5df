// SPDX-License-Identifier: Apache-2.0
/*
 * Results of CPUID that a parent has set for its child's VPs (HvCallRegisterInterceptResult). They
 * are kept in pages of the child's pool, and stay until the partition is finalized.
 */
#ifndef PARTITION_CPUID_RESULT_H
#define PARTITION_CPUID_RESULT_H

#include "abi/hv/status.h"
#include "core/types.h"

struct cpuid_regs;
struct partition;
struct vp;

/* A result: which bits of each register are the parent's, and what they are. */
struct cpuid_result {
	uint32_t vp_index; /* or HV_ANY_VP */
	uint32_t leaf, subleaf;
	bool subleaf_specific;
	bool always_override;
	uint32_t value[4], mask[4]; /* EAX, EBX, ECX, EDX */
};

/* As many of them a partition may have: more than there are leaves. */
#define CPUID_RESULTS_MAX 4096u

/*
 * Add `result` to `p`'s, or replace the one of the same VP, leaf and subleaf. Takes p->lock.
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_STATE or _ID: it is not initialized, or
 * has been finalized, and would keep the page; HV_STATUS_INSUFFICIENT_MEMORY: the partition's pool
 * is empty, nothing has changed; HV_STATUS_NO_RESOURCES: there are CPUID_RESULTS_MAX.
 */
enum hv_status cpuid_result_add(struct partition *p, const struct cpuid_result *result);

/* Change what CPUID says to `vp` in `leaf` and `subleaf` as its parent has asked. */
void cpuid_result_apply(const struct vp *vp, uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r);

/* Give the pages back to the pool. The partition has no VPs any more. */
void cpuid_results_free(struct partition *p);

#endif

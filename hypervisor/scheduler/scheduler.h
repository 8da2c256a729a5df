// SPDX-License-Identifier: Apache-2.0
/*
 * The root scheduler: a child's VP executes inside a hypercall (HvCallDispatchVp) of a thread of
 * the root, so that the root's own scheduler decides who runs where. A VP that cannot go on is
 * blocked: its parent sleeps until it is signalled. Source: Linux's mshv driver, which is the other
 * side.
 *
 * A VP has one owner at a time: the processor that runs it, or a hypercall that looks into it.
 */
#ifndef SCHEDULER_SCHEDULER_H
#define SCHEDULER_SCHEDULER_H

#include "abi/hv/status.h"
#include "core/types.h"
#include "partition/vp.h"

struct hv_output_dispatch_vp;

/* Why a VP stopped running. */
enum vp_outcome {
	VP_READY,       /* its parent has something else to do; it could go on */
	VP_BLOCKED,     /* it waits for an interrupt, or for a start-up message */
	VP_INTERCEPTED, /* its parent has to do something for it: the message page says what */
};

/* What came of trying to own a VP. */
enum vp_claim {
	VP_CLAIMED,
	VP_RUNS,     /* a processor runs it, and has been asked to stop */
	VP_ACCESSED, /* a hypercall looks into it, for a moment */
};

/*
 * Own `vp`, a child's, as `owner`, if nobody does. Holds its partition's lock, so that it does not
 * go away before; takes child.lock. `owner` is VP_OWNER_ACCESS, and a VP that runs is asked to
 * stop, or VP_OWNER_DISPATCH of `carrier`, the root's VP on this processor.
 */
enum vp_claim scheduler_claim(struct vp *vp, enum vp_owner owner, struct vp *carrier);

/*
 * Let `vp` run on this processor, which has claimed it, until something ends that; then it is owned
 * no more. `flags`: HV_DISPATCH_VP_FLAG_.
 */
void scheduler_run(struct vp *vp, uint32_t flags, struct hv_output_dispatch_vp *output);

/*
 * Something was asked of `vp`, a child's: the processor that runs it looks, or its parent is told
 * that it can go on. Any processor; the VP's child.lock is not held.
 */
void scheduler_notify(struct vp *vp);

/* Whoever owned `vp` to look into it does not any more; where it has become able to go on (`wake`),
 * its parent is told. */
void scheduler_release(struct vp *vp, bool wake);

/* Take back what `vp`, a child's, is about to be said of it: it will be deleted. It is owned. */
void scheduler_forget(struct vp *vp);

#endif

// SPDX-License-Identifier: Apache-2.0
#include "scheduler/scheduler.h"

#include "abi/hv/scheduler.h"
#include "abi/hv/stats.h"
#include "abi/hv/synic.h"
#include "core/counter.h"
#include "core/machine.h"
#include "core/string.h"
#include "partition/partition.h"
#include "partition/registers.h"
#include "partition/vp.h"
#include "x86/vendor.h"

COUNTER(dispatches, "scheduler.dispatches");
COUNTER(blocks, "scheduler.blocked");
COUNTER(signals, "scheduler.signals");
COUNTER(signals_lost, "scheduler.signals_lost");

/* Tell the parent, which looks there before it sleeps. Holds child.lock, which guards vp->stats. */
static void publish_blocked(struct vp *vp, bool blocked)
{
	vp->child.blocked = blocked;
	if (vp->stats)
		__atomic_store_n(&vp->stats[HV_COUNTER_VP_ROOT_DISPATCH_THREAD_BLOCKED],
				 blocked ? 1 : 0, __ATOMIC_SEQ_CST);
}

/* Send the signal of `vp` to `to`, one of the root's. Returns false if that cannot take it. */
static bool tell(struct vp *vp, struct vp *to)
{
	struct vp_child *child = &vp->child;

	if (message_send(to, HV_SYNIC_INTERCEPTION_SINT_INDEX, &child->signal) != HV_STATUS_SUCCESS)
		return false;
	child->told = to;
	return true;
}

/*
 * Whoever dispatched the VP last is the nearest, but its processor may have been taken offline
 * since: then any of the root's.
 */
static bool tell_anyone(struct vp *vp)
{
	const struct partition *root = vp->child.carrier->partition;

	if (tell(vp, vp->child.carrier))
		return true;
	for (uint32_t i = 0; i < root->vp_limit; i++) {
		struct vp *to = partition_vp(root, i);

		if (to && to != vp->child.carrier && tell(vp, to))
			return true;
	}
	return false;
}

/*
 * `vp` was blocked and is not any more: say so in its counter first, then wake the thread. One
 * message for each time; if the last one is still on its way it will do.
 */
static void unblock(struct vp *vp)
{
	struct guest_message *message = &vp->child.signal;
	struct hv_scheduler_vp_signal_pair *pair = (void *)message->payload;

	publish_blocked(vp, false);
	if (!vp->child.carrier || !message_buffer_free(&message->head))
		return;
	memset(pair, 0, sizeof(*pair));
	pair->vp_count = 1;
	pair->partition_ids[0] = vp->partition->id;
	pair->vp_indexes[0] = vp->index;
	message->head.port_id = 0;
	message->head.payload_size = sizeof(*pair);
	message->head.type = HVMSG_SCHEDULER_VP_SIGNAL_PAIR;
	vp->child.signals++;
	if (tell_anyone(vp)) {
		counter_inc(&signals);
		return;
	}
	/* The parent's driver is gone, or has not come yet. */
	message->head.type = HVMSG_NONE;
	vp->child.signals--;
	counter_inc(&signals_lost);
}

static bool suspended(const struct vp_child *child)
{
	return child->explicit_suspend || child->dispatch_suspend;
}

void scheduler_notify(struct vp *vp)
{
	struct vp_child *child = &vp->child;

	spin_lock(&child->lock);
	if (child->owner == VP_OWNER_DISPATCH)
		machine_wake_lp(vp->lp);
	else if (child->owner == VP_OWNER_NONE && child->blocked && !suspended(child))
		unblock(vp);
	spin_unlock(&child->lock);
}

enum vp_claim scheduler_claim(struct vp *vp, enum vp_owner owner, struct vp *carrier)
{
	struct vp_child *child = &vp->child;
	enum vp_claim claim = VP_CLAIMED;

	spin_lock(&child->lock);
	if (child->owner == VP_OWNER_ACCESS) {
		claim = VP_ACCESSED;
	} else if (child->owner == VP_OWNER_DISPATCH) {
		claim = VP_RUNS;
		if (owner == VP_OWNER_ACCESS) {
			__atomic_fetch_or(&vp->requests, VP_REQUEST_YIELD, __ATOMIC_SEQ_CST);
			machine_wake_lp(vp->lp);
		}
	} else {
		child->owner = owner;
		if (owner == VP_OWNER_DISPATCH) {
			child->carrier = carrier;
			vp->lp = carrier->lp;
			/* A parent that was woken by something else comes without a signal. */
			publish_blocked(vp, false);
		}
	}
	spin_unlock(&child->lock);
	return claim;
}

void scheduler_release(struct vp *vp, bool wake)
{
	struct vp_child *child = &vp->child;

	spin_lock(&child->lock);
	child->owner = VP_OWNER_NONE;
	/* What was asked for meanwhile found an owner, and left it to this. */
	if (child->blocked && !suspended(child) &&
	    (wake || __atomic_load_n(&vp->requests, __ATOMIC_RELAXED) != 0))
		unblock(vp);
	spin_unlock(&child->lock);
}

/* Let go of `vp`, which cannot go on (`blocked`) unless something was asked of it meanwhile. */
static bool give_back(struct vp *vp, bool blocked)
{
	struct vp_child *child = &vp->child;

	spin_lock(&child->lock);
	child->owner = VP_OWNER_NONE;
	if (blocked && !suspended(child) && __atomic_load_n(&vp->requests, __ATOMIC_SEQ_CST) != 0)
		blocked = false;
	if (blocked)
		publish_blocked(vp, true);
	spin_unlock(&child->lock);
	return blocked;
}

static void answer(struct hv_output_dispatch_vp *output, uint32_t state, uint32_t event)
{
	output->dispatch_state = state;
	output->dispatch_event = event;
}

void scheduler_run(struct vp *vp, uint32_t flags, struct hv_output_dispatch_vp *output)
{
	struct vp_child *child = &vp->child;
	enum vp_outcome outcome;

	counter_inc(&dispatches);
	if (flags & HV_DISPATCH_VP_FLAG_CLEAR_INTERCEPT_SUSPEND)
		child->intercept_suspend = false;
	if (suspended(child)) {
		give_back(vp, true);
		answer(output, HV_VP_DISPATCH_STATE_BLOCKED, HV_VP_DISPATCH_EVENT_SUSPEND);
		return;
	}
	if (child->intercept_suspend || !vp->message_page) {
		/* Its message has not been dealt with, or there is nowhere to put one. */
		give_back(vp, false);
		answer(output, HV_VP_DISPATCH_STATE_READY, HV_VP_DISPATCH_EVENT_INTERCEPT);
		return;
	}
	register_page_take(vp);
	outcome = vendor_run_child(vp);
	if (outcome == VP_INTERCEPTED) {
		child->intercept_suspend = true;
		register_page_fill(vp);
	}
	if (give_back(vp, outcome == VP_BLOCKED)) {
		counter_inc(&blocks);
		answer(output, HV_VP_DISPATCH_STATE_BLOCKED, HV_VP_DISPATCH_EVENT_NONE);
	} else {
		answer(output, HV_VP_DISPATCH_STATE_READY,
		       outcome == VP_INTERCEPTED ? HV_VP_DISPATCH_EVENT_INTERCEPT
						 : HV_VP_DISPATCH_EVENT_NONE);
	}
}

void scheduler_forget(struct vp *vp)
{
	struct vp_child *child = &vp->child;

	if (child->told)
		message_recall(child->told, HV_SYNIC_INTERCEPTION_SINT_INDEX, &child->signal, 1);
}

// SPDX-License-Identifier: Apache-2.0
/* What is asked of a VP from elsewhere, and what it does about it between two of its instructions.
 */
#include "partition/vp.h"

#include "abi/hv/partition.h"
#include "abi/hv/synic.h"
#include "core/machine.h"
#include "partition/overlay.h"
#include "partition/partition.h"
#include "scheduler/scheduler.h"
#include "synic/synic.h"
#include "synic/timer.h"
#include "x86/interrupt.h"
#include "x86/lapic.h"
#include "x86/lp.h"
#include "x86/vendor.h"

/* Requests that change nothing but what is to go into the VP next. */
#define REQUESTS_LIGHT \
	(VP_REQUEST_NMI | VP_REQUEST_INTERRUPT | VP_REQUEST_TIMER | VP_REQUEST_MACHINE_CHECK)

void vp_request(struct vp *vp, uint32_t bits)
{
	__atomic_fetch_or(&vp->requests, bits, __ATOMIC_SEQ_CST);
	if (partition_is_root(vp->partition))
		machine_wake_lp(vp->lp);
	else
		scheduler_notify(vp);
}

void vp_timer_changed(struct vp *vp)
{
	vp_request(vp, VP_REQUEST_TIMER);
}

/* Let the timer of `lp`, this processor, come for the first of the VPs that wait there. Holds
 * lp->timer_lock. */
static void arm(struct lp *lp)
{
	uint64_t first = APIC_NEVER;
	struct list *link;

	list_for_each (link, &lp->timers) {
		const struct vp *vp = container_of(link, struct vp, timer_link);

		first = MIN(first, vp->deadline);
	}
	interrupt_set_timer(lp, first);
}

void vp_forget_timers(struct vp *vp)
{
	struct lp *lp = vp->timer_lp;

	if (!lp)
		return;
	spin_lock(&lp->timer_lock);
	list_del(&vp->timer_link);
	vp->timer_lp = NULL;
	spin_unlock(&lp->timer_lock);
}

/* `vp` waits for `deadline` on its processor from now on, and nowhere else. */
static void wait_until(struct vp *vp, uint64_t deadline)
{
	struct lp *lp = vp->lp;

	if (vp->timer_lp != lp || deadline == APIC_NEVER)
		vp_forget_timers(vp);
	spin_lock(&lp->timer_lock);
	vp->deadline = deadline;
	if (!vp->timer_lp && deadline != APIC_NEVER) {
		list_add(&lp->timers, &vp->timer_link);
		vp->timer_lp = lp;
	}
	arm(lp);
	spin_unlock(&lp->timer_lock);
}

void lp_timer_expired(struct lp *lp)
{
	uint64_t now = machine_reference_time();
	struct list *link;

	spin_lock(&lp->timer_lock);
	list_for_each (link, &lp->timers) {
		struct vp *vp = container_of(link, struct vp, timer_link);

		if (vp->deadline > now)
			continue;
		/* It looks itself when it next waits; until then it is not asked again. */
		vp->deadline = APIC_NEVER;
		vp_request(vp, VP_REQUEST_TIMER);
	}
	arm(lp);
	spin_unlock(&lp->timer_lock);
}

/* Let what is due happen, and the processor's timer come for the next. */
static void run_timers(struct vp *vp)
{
	uint64_t now = partition_reference_time(vp->partition);

	synic_timer_expire(vp, now);
	apic_timer_expire(vp, now);
	wait_until(vp, partition_deadline(vp->partition,
					  MIN(synic_timer_next(vp), apic_timer_next(vp))));
}

static void take_light(struct vp *vp, uint32_t requests)
{
	if (requests & VP_REQUEST_NMI)
		vp->nmi_pending = true;
	if (requests & VP_REQUEST_MACHINE_CHECK)
		vp->machine_check_pending = true;
	if (requests & VP_REQUEST_INTERRUPT)
		vp->apic.look = true;
	if (requests & VP_REQUEST_EXTINT)
		vp->apic.look = vp->apic.extint_pending = true;
	if (requests & VP_REQUEST_TIMER)
		run_timers(vp);
}

/* INIT: everything a start-up message must not find (APM volume 2, 14.1.3; TLFS, "Virtual
 * Processors"). */
static void init(struct vp *vp)
{
	struct hv_vp_assist_page *assist = spa_to_virt(vp->assist_page);

	vp->waits_for_startup = true;
	vp->nmi_pending = false;
	vp->machine_check_pending = false;
	apic_init(vp);
	synic_init(vp);
	spin_lock(&vp->partition->lock);
	overlay_remove(vp->partition, &vp->vp_assist_msr);
	spin_unlock(&vp->partition->lock);
	assist->apic_assist = 0;
	run_timers(vp);
}

void vp_handle_requests(struct vp *vp)
{
	do {
		uint32_t requests;

		lp_look(vp->lp);
		requests = __atomic_exchange_n(&vp->requests, 0, __ATOMIC_SEQ_CST);
		if (requests & VP_REQUEST_INIT)
			init(vp);
		if ((requests & VP_REQUEST_STARTUP) && vp->waits_for_startup) {
			vp->waits_for_startup = false;
			/* Nor what was sent while it could not take it. */
			apic_init(vp);
			requests = 0;
			vendor_set_startup_state(vp, (uint8_t)vp->startup_vector);
		}
		if (vp->waits_for_startup)
			lp_idle(vp->lp);
		else
			take_light(vp, requests);
	} while (vp->waits_for_startup || __atomic_load_n(&vp->lp->wake, __ATOMIC_RELAXED) != 0);
}

void vp_take_light_requests(struct vp *vp)
{
	take_light(vp, __atomic_fetch_and(&vp->requests, ~REQUESTS_LIGHT, __ATOMIC_SEQ_CST));
}

uint32_t vp_take_child_requests(struct vp *vp)
{
	uint32_t requests = __atomic_exchange_n(&vp->requests, 0, __ATOMIC_SEQ_CST);

	if (requests & VP_REQUEST_INIT) {
		vp->child.halted = vp->child.idle = false;
		init(vp);
	}
	if ((requests & VP_REQUEST_STARTUP) && vp->waits_for_startup) {
		vp->waits_for_startup = false;
		vendor_set_startup_state(vp, (uint8_t)vp->startup_vector);
	}
	take_light(vp, requests);
	return requests;
}

void vp_idle(struct vp *vp)
{
	if (!partition_is_root(vp->partition)) {
		vp->child.idle = true;
		return;
	}
	for (;;) {
		lp_look(vp->lp);
		take_light(vp,
			   __atomic_fetch_and(&vp->requests, ~REQUESTS_LIGHT, __ATOMIC_SEQ_CST));
		if (vp->nmi_pending || vp->machine_check_pending || apic_has_interrupt(vp) ||
		    __atomic_load_n(&vp->requests, __ATOMIC_RELAXED) != 0)
			break;
		lp_idle(vp->lp);
	}
	/* What is left is looked at before the VP goes on. */
	__atomic_store_n(&vp->lp->wake, 1, __ATOMIC_SEQ_CST);
}

bool vp_has_x2apic(const struct vp *vp)
{
	const struct partition *p = vp->partition;

	/* A child's APIC is none of the processor's. */
	return partition_is_root(p) ? lapic_has_x2apic()
				    : p->flags & HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE;
}

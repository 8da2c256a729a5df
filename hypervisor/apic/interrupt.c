// SPDX-License-Identifier: Apache-2.0
/* Requests, priorities, service and its end. */
#include "apic/apic.h"

#include "abi/hv/synic.h"
#include "core/counter.h"
#include "core/machine.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "synic/synic.h"
#include "x86/lapic.h"

COUNTER(raised, "apic.raised");            /* requests made, of any vector in any VP */
COUNTER(merged, "apic.merged");            /* ... that found the same one still waiting */
COUNTER(dropped, "apic.dropped");          /* ... at an APIC that takes none */
COUNTER(injected, "apic.injected");        /* interrupts that a VP took */
COUNTER(returned, "apic.returned");        /* ... that did not go in: they wait again */
COUNTER(eois, "apic.eoi");                 /* ended by the register */
COUNTER(eois_granted, "apic.eoi_granted"); /* ended without: the assist page said it could */

#define PRIORITY_CLASS(vector) ((uint32_t)(vector) >> 4)

int apic_vector_highest(const struct apic_vectors *v)
{
	for (int i = 7; i >= 0; i--) {
		uint32_t word = __atomic_load_n(&v->word[i], __ATOMIC_RELAXED);

		if (word != 0)
			return i * 32 + 31 - __builtin_clz(word);
	}
	return APIC_NONE;
}

static void set(struct apic_vectors *v, unsigned int vector)
{
	v->word[vector / 32] |= 1u << vector % 32;
}

static void clear(struct apic_vectors *v, unsigned int vector)
{
	v->word[vector / 32] &= ~(1u << vector % 32);
}

static bool raise(struct vp *vp, uint8_t vector, bool level)
{
	struct vp_apic *apic = &vp->apic;
	uint32_t bit = 1u << vector % 32;
	uint32_t *trigger = &apic->tmr.word[vector / 32];

	if (!apic_software_enabled(apic)) {
		counter_inc(&dropped);
		return false;
	}
	counter_inc(&raised);
	/* How it was triggered is known before it is asked for. Nearly always it is what it was. */
	if (((__atomic_load_n(trigger, __ATOMIC_RELAXED) & bit) != 0) != level) {
		if (level)
			__atomic_fetch_or(trigger, bit, __ATOMIC_RELAXED);
		else
			__atomic_fetch_and(trigger, ~bit, __ATOMIC_RELAXED);
	}
	if (__atomic_fetch_or(&apic->irr.word[vector / 32], bit, __ATOMIC_SEQ_CST) & bit)
		counter_inc(&merged);
	vp_request(vp, VP_REQUEST_INTERRUPT);
	return true;
}

void apic_raise(struct vp *vp, uint8_t vector)
{
	raise(vp, vector, false);
}

bool apic_raise_level(struct vp *vp, uint8_t vector)
{
	return raise(vp, vector, true);
}

/* The VP assist page, if the VP has enabled it. */
static struct hv_vp_assist_page *assist_page(const struct vp *vp)
{
	if (!(vp->vp_assist_msr & HV_X64_MSR_VP_ASSIST_PAGE_ENABLE))
		return NULL;
	return spa_to_virt(vp->assist_page);
}

/* The interrupt in service is over: what waited behind it may be next. */
static void end_service(struct vp *vp, int vector)
{
	struct vp_apic *apic = &vp->apic;

	clear(&apic->isr, (unsigned int)vector);
	apic->look = true;
	vp_interrupt_ended(vp, (uint8_t)vector);
	synic_eoi(vp, (uint8_t)vector);
}

void apic_withdraw_grant(struct vp *vp)
{
	struct vp_apic *apic = &vp->apic;
	struct hv_vp_assist_page *page = assist_page(vp);

	if (!apic->eoi_granted)
		return;
	apic->eoi_granted = false;
	if (page && (__atomic_fetch_and(&page->apic_assist, ~(uint32_t)HV_VP_ASSIST_NO_EOI_REQUIRED,
					__ATOMIC_SEQ_CST) &
		     HV_VP_ASSIST_NO_EOI_REQUIRED))
		return;
	counter_inc(&eois_granted);
	end_service(vp, apic_vector_highest(&apic->isr));
}

void apic_settle_eoi(struct vp *vp)
{
	struct vp_apic *apic = &vp->apic;
	const struct hv_vp_assist_page *page = assist_page(vp);

	if (!apic->eoi_granted)
		return;
	if (page &&
	    (__atomic_load_n(&page->apic_assist, __ATOMIC_ACQUIRE) & HV_VP_ASSIST_NO_EOI_REQUIRED))
		return;
	apic->eoi_granted = false;
	counter_inc(&eois_granted);
	end_service(vp, apic_vector_highest(&apic->isr));
}

uint32_t apic_ppr(struct vp *vp)
{
	struct vp_apic *apic = &vp->apic;
	int serving;

	apic_settle_eoi(vp);
	serving = apic_vector_highest(&apic->isr);
	if (serving != APIC_NONE && PRIORITY_CLASS(serving) >= PRIORITY_CLASS(apic->tpr))
		return (uint32_t)serving & 0xf0;
	return apic->tpr;
}

/*
 * The highest vector that is asked for and that what is in service does not hold back. What is in
 * service may have ended silently; if it has not, its end is to be heard of.
 */
static int requested(struct vp *vp)
{
	struct vp_apic *apic = &vp->apic;
	int vector = apic_vector_highest(&apic->irr);
	int serving = apic_vector_highest(&apic->isr);

	if (vector == APIC_NONE || serving == APIC_NONE)
		return vector;
	apic_withdraw_grant(vp);
	serving = apic_vector_highest(&apic->isr);
	if (serving != APIC_NONE && PRIORITY_CLASS(vector) <= PRIORITY_CLASS(serving))
		return APIC_NONE;
	return vector;
}

/* `vector` goes in. Its end needs no EOI if nobody waits for that. */
static void accept(struct vp *vp, unsigned int vector)
{
	struct vp_apic *apic = &vp->apic;
	struct hv_vp_assist_page *page;

	counter_inc(&injected);
	__atomic_fetch_and(&apic->irr.word[vector / 32], ~(1u << vector % 32), __ATOMIC_SEQ_CST);
	if (synic_vector_auto_eoi(vp, (uint8_t)vector)) {
		vp_interrupt_ended(vp, (uint8_t)vector);
		return;
	}
	set(&apic->isr, vector);
	page = assist_page(vp);
	if (page && !apic_vector_test(&apic->tmr, vector) &&
	    apic_vector_highest(&apic->irr) == APIC_NONE &&
	    !synic_eoi_needed(vp, (uint8_t)vector)) {
		__atomic_fetch_or(&page->apic_assist, (uint32_t)HV_VP_ASSIST_NO_EOI_REQUIRED,
				  __ATOMIC_RELAXED);
		apic->eoi_granted = true;
	}
}

struct apic_next apic_next(struct vp *vp, bool open)
{
	struct vp_apic *apic = &vp->apic;
	struct apic_next next = {APIC_NONE, APIC_NONE, false};
	int vector = requested(vp);

	apic->look = vector != APIC_NONE || apic->extint_pending;
	/* An 8259 does not care for priorities. */
	if (apic->extint_pending && !open) {
		next.window = APIC_WINDOW_EXTINT;
		return next;
	}
	if (apic->extint_pending) {
		apic->extint_pending = false;
		next.vector = vp_acknowledge_extint(vp);
		if (next.vector != APIC_NONE)
			return next;
	}
	if (vector == APIC_NONE)
		return next;
	if (!open || PRIORITY_CLASS(vector) <= PRIORITY_CLASS(apic->tpr)) {
		next.window = vector;
		return next;
	}
	accept(vp, (unsigned int)vector);
	next.vector = vector;
	next.returnable = true;
	/* What waits behind it has to wait for its end, but for one of a higher class. */
	apic->look = apic_vector_highest(&apic->irr) != APIC_NONE;
	return next;
}

void apic_return(struct vp *vp, uint8_t vector)
{
	struct vp_apic *apic = &vp->apic;
	struct hv_vp_assist_page *page = assist_page(vp);
	uint32_t bit = 1u << vector % 32;

	counter_inc(&returned);
	/* Nothing else can have been granted since. */
	if (apic->eoi_granted && page)
		__atomic_fetch_and(&page->apic_assist, ~(uint32_t)HV_VP_ASSIST_NO_EOI_REQUIRED,
				   __ATOMIC_SEQ_CST);
	apic->eoi_granted = false;
	clear(&apic->isr, vector);
	if (__atomic_fetch_or(&apic->irr.word[vector / 32], bit, __ATOMIC_SEQ_CST) & bit)
		counter_inc(&merged);
	apic->look = true;
}

bool apic_has_interrupt(struct vp *vp)
{
	int vector = requested(vp);

	return vp->apic.extint_pending ||
	       (vector != APIC_NONE && PRIORITY_CLASS(vector) > PRIORITY_CLASS(vp->apic.tpr));
}

void apic_eoi(struct vp *vp)
{
	int vector;

	counter_inc(&eois);
	apic_withdraw_grant(vp);
	vector = apic_vector_highest(&vp->apic.isr);
	if (vector != APIC_NONE)
		end_service(vp, vector);
}

void apic_error(struct vp *vp, uint32_t error)
{
	vp->apic.errors |= error;
	apic_raise_lvt(vp, APIC_LVT_ERROR);
}

void apic_raise_lvt(struct vp *vp, enum apic_lvt lvt)
{
	uint32_t entry = vp->apic.lvt[lvt];
	uint8_t vector = (uint8_t)entry;

	if (entry & LAPIC_LVT_MASKED)
		return;
	if (lvt != APIC_LVT_TIMER && lvt != APIC_LVT_ERROR &&
	    (entry & LAPIC_ICR_MODE) == LAPIC_LVT_MODE_NMI) {
		vp_request(vp, VP_REQUEST_NMI);
		return;
	}
	if (vector >= APIC_VECTOR_MIN)
		apic_raise(vp, vector);
	else if (lvt == APIC_LVT_ERROR)
		vp->apic.errors |= (uint32_t)APIC_ERROR_RECEIVE_ILLEGAL_VECTOR;
	else
		apic_error(vp, (uint32_t)APIC_ERROR_RECEIVE_ILLEGAL_VECTOR);
}

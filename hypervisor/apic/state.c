// SPDX-License-Identifier: Apache-2.0
/* All of an APIC at once, for a parent that saves its child or sets it up. */
#include "apic/apic.h"

#include "abi/hv/vp_state.h"
#include "partition/vp.h"
#include "x86/lapic.h"

/* Below are exceptions: nothing of that kind is ever requested or in service. */
#define ILLEGAL_VECTORS ((1u << APIC_VECTOR_MIN) - 1)

static uint32_t *entry_of(struct hv_local_interrupt_controller_state *state, unsigned int lvt)
{
	uint32_t *const entries[APIC_LVT_COUNT] = {
		[APIC_LVT_TIMER] = &state->lvt_timer,
		[APIC_LVT_THERMAL] = &state->lvt_thermal,
		[APIC_LVT_PERFORMANCE] = &state->lvt_perfmon,
		[APIC_LVT_LINT0] = &state->lvt_lint0,
		[APIC_LVT_LINT1] = &state->lvt_lint1,
		[APIC_LVT_ERROR] = &state->lvt_error,
	};

	return entries[lvt];
}

void apic_get_state(struct vp *vp, struct hv_local_interrupt_controller_state *state)
{
	struct vp_apic *apic = &vp->apic;

	apic_settle_eoi(vp);
	*state = (struct hv_local_interrupt_controller_state){
		.apic_id = apic_read_own(vp, LAPIC_ID),
		.version = apic_read_own(vp, LAPIC_VERSION),
		.ldr = apic_read_own(vp, LAPIC_LDR),
		.dfr = apic->dfr,
		.spurious = apic->svr,
		.esr = apic->esr,
		.icr_high = apic->icr_high,
		.icr_low = apic->icr_low,
		.lvt_cmci = (uint32_t)LAPIC_LVT_MASKED,
		.error_status = apic->errors,
		.initial_count = apic->initial_count,
		.counter_value = apic_timer_count(vp),
		.divide_configuration = apic->divide,
	};
	for (unsigned int i = 0; i < ARRAY_SIZE(state->isr); i++) {
		state->isr[i] = apic->isr.word[i];
		state->tmr[i] = __atomic_load_n(&apic->tmr.word[i], __ATOMIC_RELAXED);
		state->irr[i] = __atomic_load_n(&apic->irr.word[i], __ATOMIC_RELAXED);
	}
	for (unsigned int i = 0; i < APIC_LVT_COUNT; i++)
		*entry_of(state, i) = apic->lvt[i];
}

void apic_set_state(struct vp *vp, const struct hv_local_interrupt_controller_state *given)
{
	struct hv_local_interrupt_controller_state state = *given;
	struct vp_apic *apic = &vp->apic;

	apic_withdraw_grant(vp);
	/* In x2APIC mode the logical id follows from the other, which is what it was. */
	if (!apic_is_x2apic(vp)) {
		apic->id = state.apic_id >> 24;
		apic->ldr = state.ldr & APIC_XAPIC_BYTE;
		state.icr_high &= APIC_XAPIC_BYTE;
	}
	apic->dfr = state.dfr | APIC_DFR_RESERVED;
	apic->esr = state.esr;
	apic->errors = state.error_status;
	apic->icr_low = state.icr_low & (uint32_t)LAPIC_ICR_DEFINED;
	apic->icr_high = state.icr_high;
	__atomic_store_n(&apic->svr, state.spurious & APIC_SVR_DEFINED, __ATOMIC_RELAXED);
	/* Also with the APIC off: a parent sets the pins up as firmware would find them. */
	for (unsigned int i = 0; i < APIC_LVT_COUNT; i++)
		apic->lvt[i] = *entry_of(&state, i) & apic_lvt_defined(i);
	state.isr[0] &= ~ILLEGAL_VECTORS;
	state.irr[0] &= ~ILLEGAL_VECTORS;
	for (unsigned int i = 0; i < ARRAY_SIZE(state.isr); i++) {
		apic->isr.word[i] = state.isr[i];
		__atomic_store_n(&apic->tmr.word[i], state.tmr[i], __ATOMIC_RELAXED);
		__atomic_store_n(&apic->irr.word[i], state.irr[i], __ATOMIC_SEQ_CST);
	}
	apic_timer_set(vp, state.initial_count, state.counter_value, state.divide_configuration);
	vp_request(vp, VP_REQUEST_INTERRUPT);
}

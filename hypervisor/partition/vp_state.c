// SPDX-License-Identifier: Apache-2.0
#include "partition/vp_state.h"

#include "abi/hv/vp_state.h"
#include "core/machine.h"
#include "core/string.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "x86/xsave_image.h"
#include "x86/xstate.h"

/* x87 and SSE have their place in every image. */
static uint64_t components(const struct vp *vp, uint64_t states)
{
	return (states & vp->partition->xsave_states) | XSTATE_X87 | XSTATE_SSE;
}

uint32_t vp_state_size(const struct vp *vp, uint32_t type, uint64_t states)
{
	switch (type) {
	case HV_VP_STATE_LAPIC:
		return sizeof(struct hv_local_interrupt_controller_state);
	case HV_VP_STATE_XSAVE:
		return machine_xsave_size(components(vp, states));
	case HV_VP_STATE_SIM_PAGE:
	case HV_VP_STATE_SIEF_PAGE:
		return PAGE_SIZE;
	case HV_VP_STATE_SYNTHETIC_TIMERS:
		return sizeof(struct hv_synthetic_timers_state);
	default:
		return 0;
	}
}

void vp_state_get(struct vp *vp, uint32_t type, uint64_t states, void *data)
{
	switch (type) {
	case HV_VP_STATE_LAPIC:
		apic_get_state(vp, data);
		break;
	case HV_VP_STATE_XSAVE:
		xsave_compact(data, vp->child.xsave, components(vp, states));
		break;
	case HV_VP_STATE_SIM_PAGE:
		memcpy(data, spa_to_virt(vp->synic.simp_page), PAGE_SIZE);
		break;
	case HV_VP_STATE_SIEF_PAGE:
		memcpy(data, spa_to_virt(vp->synic.siefp_page), PAGE_SIZE);
		break;
	default:
		synic_timer_get_state(vp, data);
		break;
	}
}

enum hv_status vp_state_set(struct vp *vp, uint32_t type, const void *data)
{
	bool valid = true;

	switch (type) {
	case HV_VP_STATE_LAPIC:
		apic_set_state(vp, data);
		break;
	case HV_VP_STATE_XSAVE:
		valid = xsave_expand(vp->child.xsave, data, vp->partition->xsave_states);
		break;
	case HV_VP_STATE_SIM_PAGE:
	case HV_VP_STATE_SIEF_PAGE:
		synic_set_page(vp, type == HV_VP_STATE_SIEF_PAGE, data);
		break;
	default:
		valid = synic_timer_set_state(vp, data);
		break;
	}
	return valid ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_PARAMETER;
}

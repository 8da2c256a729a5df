// SPDX-License-Identifier: Apache-2.0
/* Event flags (TLFS, "SynIC Event Flags"): a bit in a page, and an interrupt when it was clear. */
#include "synic/synic.h"

#include "abi/hv/synic.h"
#include "apic/apic.h"
#include "core/counter.h"
#include "partition/vp.h"

COUNTER(events, "synic.events");

enum hv_status synic_signal_event(struct vp *vp, unsigned int sint, unsigned int flag,
				  bool *newly_signaled)
{
	struct vp_synic *synic = &vp->synic;
	enum hv_status status = HV_STATUS_INVALID_SYNIC_STATE;
	struct hv_synic_event_flags_page *page;
	uint8_t bit = (uint8_t)(1u << flag % 8);
	uint8_t old;

	spin_lock(&synic->lock);
	page = synic_page(synic, synic->siefp, synic->siefp_page);
	if (page && !synic_sint_masked(synic->sint[sint])) {
		old = __atomic_fetch_or(&page->event_flags[sint].flags[flag / 8], bit,
					__ATOMIC_SEQ_CST);
		*newly_signaled = !(old & bit);
		if (*newly_signaled) {
			counter_inc(&events);
			if (synic_sint_raises(synic->sint[sint]))
				apic_raise(vp, (uint8_t)(synic->sint[sint] &
							 HV_SYNIC_SINT_VECTOR_MASK));
		}
		status = HV_STATUS_SUCCESS;
	}
	spin_unlock(&synic->lock);
	return status;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * The state of a VP that is no register: its APIC, extended processor state, SynIC pages, timers.
 * Source: Linux's mshv driver and its VMMs.
 */
#ifndef ABI_HV_VP_STATE_H
#define ABI_HV_VP_STATE_H

#include <stddef.h>
#include <stdint.h>

/* HV_GET_SET_VP_STATE_TYPE. Those with the high bit are passed in pages of the caller's. */
#define HV_VP_STATE_LAPIC            UINT32_C(0x80000000)
#define HV_VP_STATE_XSAVE            UINT32_C(0x80000001)
#define HV_VP_STATE_SIM_PAGE         UINT32_C(0x80000002)
#define HV_VP_STATE_SIEF_PAGE        UINT32_C(0x80000003)
#define HV_VP_STATE_SYNTHETIC_TIMERS UINT32_C(0x00000004)

#define HV_VP_STATE_IN_PAGES UINT32_C(0x80000000)

/*
 * Input of HVCALL_GET_VP_STATE and HVCALL_SET_VP_STATE. The variable header behind it are page
 * numbers, or for the other types the state to set.
 */
struct hv_input_vp_state {
	uint64_t partition_id;
	uint32_t vp_index;
	uint8_t input_vtl;
	uint8_t reserved[3];
	uint32_t type;
	uint32_t reserved2;
	uint64_t xsave_flags;
	uint64_t xsave_states; /* components wanted, as in XCR0 */
};

_Static_assert(sizeof(struct hv_input_vp_state) == 40, "hv_input_vp_state");
_Static_assert(offsetof(struct hv_input_vp_state, type) == 16, "hv_input_vp_state");
_Static_assert(offsetof(struct hv_input_vp_state, xsave_states) == 32, "hv_input_vp_state");

/* As many words as fit behind the header. */
#define HV_VP_STATE_WORDS_MAX 507u

/* HV_VP_STATE_LAPIC. In xAPIC mode ids and destinations stand in bits 31:24. */
struct hv_local_interrupt_controller_state {
	uint32_t apic_id;
	uint32_t version;
	uint32_t ldr;
	uint32_t dfr;
	uint32_t spurious;
	uint32_t isr[8];
	uint32_t tmr[8];
	uint32_t irr[8];
	uint32_t esr;
	uint32_t icr_high;
	uint32_t icr_low;
	uint32_t lvt_timer;
	uint32_t lvt_thermal;
	uint32_t lvt_perfmon;
	uint32_t lvt_lint0;
	uint32_t lvt_lint1;
	uint32_t lvt_error;
	uint32_t lvt_cmci;
	uint32_t error_status; /* not latched into ESR yet */
	uint32_t initial_count;
	uint32_t counter_value;
	uint32_t divide_configuration;
	uint32_t remote_read;
};

_Static_assert(sizeof(struct hv_local_interrupt_controller_state) == 176,
	       "hv_local_interrupt_controller_state");
_Static_assert(offsetof(struct hv_local_interrupt_controller_state, isr) == 20,
	       "hv_local_interrupt_controller_state");
_Static_assert(offsetof(struct hv_local_interrupt_controller_state, lvt_timer) == 128,
	       "hv_local_interrupt_controller_state");

/* HV_VP_STATE_SYNTHETIC_TIMERS */
#define HV_STIMER_STATE_UNDELIVERED UINT32_C(0x1) /* its message waits for a slot */

struct hv_synthetic_timer_state {
	uint32_t flags;
	uint32_t reserved;
	uint64_t config;
	uint64_t count;
	uint64_t adjustment; /* of a periodic one that runs: when it expires next */
	uint64_t undelivered_expiration;
};

struct hv_synthetic_timers_state {
	struct hv_synthetic_timer_state timer[4];
	uint8_t reserved[40];
};

_Static_assert(sizeof(struct hv_synthetic_timer_state) == 40, "hv_synthetic_timer_state");
_Static_assert(sizeof(struct hv_synthetic_timers_state) == 200, "hv_synthetic_timers_state");

#endif

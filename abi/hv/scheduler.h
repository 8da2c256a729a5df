// SPDX-License-Identifier: Apache-2.0
/*
 * The root scheduler: a child's VP runs inside a hypercall of its parent's. Source: what Linux's
 * mshv driver passes and reads.
 */
#ifndef ABI_HV_SCHEDULER_H
#define ABI_HV_SCHEDULER_H

#include <stddef.h>
#include <stdint.h>

#define HV_DISPATCH_VP_FLAG_CLEAR_INTERCEPT_SUSPEND  UINT32_C(0x01)
#define HV_DISPATCH_VP_FLAG_SCAN_INTERRUPT_INJECTION UINT32_C(0x40)

struct hv_input_dispatch_vp {
	uint64_t partition_id;
	uint32_t vp_index;
	uint32_t flags;
	uint64_t time_slice; /* 100 ns; 0: until something happens */
	uint64_t spec_ctrl;
};

_Static_assert(sizeof(struct hv_input_dispatch_vp) == 32, "hv_input_dispatch_vp");
_Static_assert(offsetof(struct hv_input_dispatch_vp, time_slice) == 16, "hv_input_dispatch_vp");

/* How a dispatch ended: whether the VP could go on, and why it did not. */
#define HV_VP_DISPATCH_STATE_BLOCKED 1u
#define HV_VP_DISPATCH_STATE_READY   2u

#define HV_VP_DISPATCH_EVENT_NONE      0u
#define HV_VP_DISPATCH_EVENT_SUSPEND   1u
#define HV_VP_DISPATCH_EVENT_INTERCEPT 2u

struct hv_output_dispatch_vp {
	uint32_t dispatch_state;
	uint32_t dispatch_event;
};

_Static_assert(sizeof(struct hv_output_dispatch_vp) == 8, "hv_output_dispatch_vp");

/* Payload of HVMSG_SCHEDULER_VP_SIGNAL_PAIR: VPs that can go on. */
#define HV_MESSAGE_MAX_PARTITION_VP_PAIR_COUNT 19u

struct hv_scheduler_vp_signal_pair {
	uint32_t overflow_count;
	uint8_t vp_count;
	uint8_t reserved1[3];
	uint64_t partition_ids[HV_MESSAGE_MAX_PARTITION_VP_PAIR_COUNT];
	uint32_t vp_indexes[HV_MESSAGE_MAX_PARTITION_VP_PAIR_COUNT];
	uint8_t reserved2[4];
};

_Static_assert(sizeof(struct hv_scheduler_vp_signal_pair) == 240, "hv_scheduler_vp_signal_pair");
_Static_assert(offsetof(struct hv_scheduler_vp_signal_pair, partition_ids) == 8,
	       "hv_scheduler_vp_signal_pair");
_Static_assert(offsetof(struct hv_scheduler_vp_signal_pair, vp_indexes) == 160,
	       "hv_scheduler_vp_signal_pair");

#endif

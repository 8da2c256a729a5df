// SPDX-License-Identifier: Apache-2.0
/*
 * Pages and messages of the synthetic interrupt controller, the reference TSC page and the VP
 * assist page. Source: TLFS, "Inter-Partition Communication", "Timers", "Virtual Interrupts".
 */
#ifndef ABI_HV_SYNIC_H
#define ABI_HV_SYNIC_H

#include <stddef.h>
#include <stdint.h>

#include "abi/hv/msr.h"

/* SINTs with a fixed meaning. */
#define HV_SYNIC_INTERCEPTION_SINT_INDEX 0
#define HV_SYNIC_IOMMU_FAULT_SINT_INDEX  1
#define HV_SYNIC_VMBUS_SINT_INDEX        2
#define HV_SYNIC_DOORBELL_SINT_INDEX     5 /* Linux's mshv driver */

#define HV_MESSAGE_SIZE               256
#define HV_MESSAGE_PAYLOAD_BYTE_COUNT 240

/* Message types. TLFS: HV_MESSAGE_TYPE. Those with the high bit come from the hypervisor alone. */
#define HVMSG_NONE                         UINT32_C(0)
#define HVMSG_UNMAPPED_GPA                 UINT32_C(0x80000000)
#define HVMSG_GPA_INTERCEPT                UINT32_C(0x80000001)
#define HVMSG_TIMER_EXPIRED                UINT32_C(0x80000010)
#define HVMSG_INVALID_VP_REGISTER_VALUE    UINT32_C(0x80000020)
#define HVMSG_UNRECOVERABLE_EXCEPTION      UINT32_C(0x80000021)
#define HVMSG_UNSUPPORTED_FEATURE          UINT32_C(0x80000022)
#define HVMSG_OPAQUE_INTERCEPT             UINT32_C(0x8000003F)
#define HVMSG_HYPERCALL_INTERCEPT          UINT32_C(0x80000050)
#define HVMSG_SYNIC_EVENT_INTERCEPT        UINT32_C(0x80000060)
#define HVMSG_SYNIC_SINT_INTERCEPT         UINT32_C(0x80000061)
#define HVMSG_SYNIC_SINT_DELIVERABLE       UINT32_C(0x80000062)
#define HVMSG_ASYNC_CALL_COMPLETION        UINT32_C(0x80000070)
#define HVMSG_SCHEDULER_VP_SIGNAL_BITSET   UINT32_C(0x80000100)
#define HVMSG_SCHEDULER_VP_SIGNAL_PAIR     UINT32_C(0x80000101)
#define HVMSG_X64_IO_PORT_INTERCEPT        UINT32_C(0x80010000)
#define HVMSG_X64_MSR_INTERCEPT            UINT32_C(0x80010001)
#define HVMSG_X64_CPUID_INTERCEPT          UINT32_C(0x80010002)
#define HVMSG_X64_EXCEPTION_INTERCEPT      UINT32_C(0x80010003)
#define HVMSG_X64_APIC_EOI                 UINT32_C(0x80010004)
#define HVMSG_X64_HALT                     UINT32_C(0x80010007)
#define HVMSG_X64_INTERRUPTION_DELIVERABLE UINT32_C(0x80010008)
#define HVMSG_X64_SIPI_INTERCEPT           UINT32_C(0x80010009)

/* hv_message_header.message_flags */
#define HV_MESSAGE_FLAG_PENDING 0x01

/* TLFS: HV_MESSAGE_HEADER */
struct hv_message_header {
	uint32_t message_type; /* HVMSG_* */
	uint8_t payload_size;  /* bytes, 0..240 */
	uint8_t message_flags;
	uint16_t reserved;
	uint64_t origination_id; /* sender's partition id, or the port id */
};

_Static_assert(sizeof(struct hv_message_header) == 16, "hv_message_header");
_Static_assert(offsetof(struct hv_message_header, payload_size) == 4, "hv_message_header");
_Static_assert(offsetof(struct hv_message_header, message_flags) == 5, "hv_message_header");
_Static_assert(offsetof(struct hv_message_header, origination_id) == 8, "hv_message_header");

/* TLFS: HV_MESSAGE */
struct hv_message {
	struct hv_message_header header;
	uint64_t payload[HV_MESSAGE_PAYLOAD_BYTE_COUNT / 8];
};

_Static_assert(sizeof(struct hv_message) == HV_MESSAGE_SIZE, "hv_message");
_Static_assert(offsetof(struct hv_message, payload) == 16, "hv_message");

/* Payload of HVMSG_TIMER_EXPIRED; times in units of 100 ns. TLFS: HV_TIMER_MESSAGE_PAYLOAD */
struct hv_timer_message_payload {
	uint32_t timer_index; /* 0..3 */
	uint32_t reserved;
	uint64_t expiration_time;
	uint64_t delivery_time; /* when the message came into its slot */
};

_Static_assert(sizeof(struct hv_timer_message_payload) == 24, "hv_timer_message_payload");

/* The message page (SIMP). TLFS: "SIM Page" */
struct hv_message_page {
	struct hv_message sint_message[HV_SYNIC_SINT_COUNT];
};

_Static_assert(sizeof(struct hv_message_page) == 4096, "hv_message_page");

/* The event flags page (SIEFP): 2048 flags a SINT. TLFS: HV_SYNIC_EVENT_FLAGS */
#define HV_EVENT_FLAGS_COUNT 2048

struct hv_synic_event_flags {
	uint8_t flags[HV_EVENT_FLAGS_COUNT / 8];
};

struct hv_synic_event_flags_page {
	struct hv_synic_event_flags event_flags[HV_SYNIC_SINT_COUNT];
};

_Static_assert(sizeof(struct hv_synic_event_flags_page) == 4096, "hv_synic_event_flags_page");

/* The event ring page (SIRBP). Source: layout read by Linux's mshv driver. */
#define HV_SYNIC_EVENT_RING_MESSAGE_COUNT 63

struct hv_synic_event_ring {
	uint8_t signal_masked; /* the consumer is draining, or has been told */
	uint8_t ring_full;     /* the producer keeps more */
	uint16_t reserved;
	uint32_t data[HV_SYNIC_EVENT_RING_MESSAGE_COUNT]; /* port ids; 0: empty */
};

struct hv_synic_event_ring_page {
	struct hv_synic_event_ring sint_event_ring[HV_SYNIC_SINT_COUNT];
};

_Static_assert(sizeof(struct hv_synic_event_ring) == 256, "hv_synic_event_ring");
_Static_assert(offsetof(struct hv_synic_event_ring, data) == 4, "hv_synic_event_ring");
_Static_assert(sizeof(struct hv_synic_event_ring_page) == 4096, "hv_synic_event_ring_page");

/* The reference TSC page: 100 ns = ((tsc * scale) >> 64) + offset. TLFS: HV_REFERENCE_TSC_PAGE */
struct hv_reference_tsc_page {
	uint32_t tsc_sequence; /* 0: not valid, read HV_X64_MSR_TIME_REF_COUNT instead */
	uint32_t reserved1;
	uint64_t tsc_scale;
	int64_t tsc_offset; /* 100 ns */
	uint64_t reserved2[509];
};

_Static_assert(sizeof(struct hv_reference_tsc_page) == 4096, "hv_reference_tsc_page");
_Static_assert(offsetof(struct hv_reference_tsc_page, tsc_scale) == 8, "hv_reference_tsc_page");
_Static_assert(offsetof(struct hv_reference_tsc_page, tsc_offset) == 16, "hv_reference_tsc_page");

/* hv_vp_assist_page.apic_assist */
#define HV_VP_ASSIST_NO_EOI_REQUIRED 0x01

/* TLFS: HV_VP_ASSIST_PAGE */
struct hv_vp_assist_page {
	uint32_t apic_assist;
	uint32_t reserved1;
	uint32_t vtl_entry_reason;
	uint32_t vtl_reserved;
	uint64_t vtl_ret_x64rax;
	uint64_t vtl_ret_x64rcx;
	uint64_t nested_control;
	uint8_t enlighten_vmentry;
	uint8_t reserved2[7];
	uint64_t current_nested_vmcs;
	uint8_t synthetic_time_unhalted_timer_expired;
	uint8_t reserved3[7];
	uint8_t virtualization_fault_information[40];
	uint8_t reserved4[8];
	uint8_t intercept_message[256];
	uint8_t vtl_ret_actions[256];
	uint8_t reserved5[3472];
};

_Static_assert(sizeof(struct hv_vp_assist_page) == 4096, "hv_vp_assist_page");
_Static_assert(offsetof(struct hv_vp_assist_page, vtl_entry_reason) == 0x08, "hv_vp_assist_page");
_Static_assert(offsetof(struct hv_vp_assist_page, nested_control) == 0x20, "hv_vp_assist_page");
_Static_assert(offsetof(struct hv_vp_assist_page, current_nested_vmcs) == 0x30,
	       "hv_vp_assist_page");
_Static_assert(offsetof(struct hv_vp_assist_page, virtualization_fault_information) == 0x40,
	       "hv_vp_assist_page");
_Static_assert(offsetof(struct hv_vp_assist_page, intercept_message) == 0x70, "hv_vp_assist_page");
_Static_assert(offsetof(struct hv_vp_assist_page, vtl_ret_actions) == 0x170, "hv_vp_assist_page");

#endif

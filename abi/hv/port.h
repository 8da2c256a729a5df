// SPDX-License-Identifier: Apache-2.0
/*
 * Ports, connections, and what is sent over them. Source: TLFS, "Inter-Partition Communication" and
 * the calls named; Linux's headers for the layouts of HV_PORT_INFO and HV_CONNECTION_INFO.
 */
#ifndef ABI_HV_PORT_H
#define ABI_HV_PORT_H

#include <stddef.h>
#include <stdint.h>

#include "abi/hv/synic.h"

/* Ids of ports and connections: 24 bits, chosen by the caller; the others are zero. */
#define HV_PORT_ID_MAX       UINT32_C(0xFFFFFF)
#define HV_CONNECTION_ID_MAX UINT32_C(0xFFFFFF)

/* Messages that can wait in each message port. */
#define HV_PORT_MESSAGE_BUFFERS 16u

/* TLFS: HV_PORT_TYPE */
#define HV_PORT_TYPE_MESSAGE  1u
#define HV_PORT_TYPE_EVENT    2u
#define HV_PORT_TYPE_MONITOR  3u
#define HV_PORT_TYPE_DOORBELL 4u

/* TLFS: HV_PORT_INFO. The flags are an event port's. */
struct hv_port_info {
	uint32_t port_type;
	uint32_t padding;
	uint32_t target_sint;
	uint32_t target_vp; /* or HV_ANY_VP */
	uint16_t base_flag_number;
	uint16_t flag_count;
	uint32_t reserved;
};

_Static_assert(sizeof(struct hv_port_info) == 24, "hv_port_info");
_Static_assert(offsetof(struct hv_port_info, target_vp) == 12, "hv_port_info");
_Static_assert(offsetof(struct hv_port_info, base_flag_number) == 16, "hv_port_info");

/* TLFS: HV_CONNECTION_INFO. What follows the type is a doorbell's. */
struct hv_connection_info {
	uint32_t port_type;
	uint32_t padding;
	uint64_t gpa;
	uint64_t trigger_value;
	uint64_t flags;
};

_Static_assert(sizeof(struct hv_connection_info) == 32, "hv_connection_info");

/* Flags of a doorbell: what size a write has to have, and whether its value matters. Source:
 * Linux's mshv driver. */
#define HV_DOORBELL_FLAG_SIZE_MASK UINT64_C(0x7)
#define HV_DOORBELL_FLAG_SIZE_ANY  UINT64_C(0)
#define HV_DOORBELL_FLAG_SIZE_1    UINT64_C(1)
#define HV_DOORBELL_FLAG_SIZE_2    UINT64_C(2)
#define HV_DOORBELL_FLAG_SIZE_4    UINT64_C(3)
#define HV_DOORBELL_FLAG_SIZE_8    UINT64_C(4)
#define HV_DOORBELL_FLAG_ANY_VALUE UINT64_C(0x80000000)

/* Input of HVCALL_CREATE_PORT. */
struct hv_input_create_port {
	uint64_t port_partition_id;
	uint32_t port_id;
	uint8_t port_vtl;
	uint8_t min_connection_vtl;
	uint16_t padding;
	uint64_t connection_partition_id; /* who may connect; 0: whoever can name the port */
	struct hv_port_info port_info;
	uint64_t proximity_domain_info;
};

_Static_assert(sizeof(struct hv_input_create_port) == 56, "hv_input_create_port");
_Static_assert(offsetof(struct hv_input_create_port, port_vtl) == 12, "hv_input_create_port");
_Static_assert(offsetof(struct hv_input_create_port, connection_partition_id) == 16,
	       "hv_input_create_port");
_Static_assert(offsetof(struct hv_input_create_port, port_info) == 24, "hv_input_create_port");

/* Input of HVCALL_DELETE_PORT. */
struct hv_input_delete_port {
	uint64_t port_partition_id;
	uint32_t port_id;
	uint32_t reserved;
};

_Static_assert(sizeof(struct hv_input_delete_port) == 16, "hv_input_delete_port");

/* Input of HVCALL_CONNECT_PORT. */
struct hv_input_connect_port {
	uint64_t connection_partition_id;
	uint32_t connection_id;
	uint8_t connection_vtl;
	uint8_t padding[3];
	uint64_t port_partition_id;
	uint32_t port_id;
	uint32_t reserved;
	struct hv_connection_info connection_info;
	uint64_t proximity_domain_info;
};

_Static_assert(sizeof(struct hv_input_connect_port) == 72, "hv_input_connect_port");
_Static_assert(offsetof(struct hv_input_connect_port, port_partition_id) == 16,
	       "hv_input_connect_port");
_Static_assert(offsetof(struct hv_input_connect_port, connection_info) == 32,
	       "hv_input_connect_port");

/* Input of HVCALL_DISCONNECT_PORT. */
#define HV_DISCONNECT_DOORBELL 1u

struct hv_input_disconnect_port {
	uint64_t connection_partition_id;
	uint32_t connection_id;
	uint32_t flags;
};

_Static_assert(sizeof(struct hv_input_disconnect_port) == 16, "hv_input_disconnect_port");

/* Input of HVCALL_NOTIFY_PORT_RING_EMPTY. */
struct hv_input_notify_port_ring_empty {
	uint32_t sint_index;
	uint32_t reserved;
};

_Static_assert(sizeof(struct hv_input_notify_port_ring_empty) == 8,
	       "hv_input_notify_port_ring_empty");

/* Payload of HVMSG_SYNIC_SINT_INTERCEPT: there is something in the ring of the SINT. */
struct hv_sint_intercept_message {
	uint32_t sint_index;
	uint32_t reserved;
};

_Static_assert(sizeof(struct hv_sint_intercept_message) == 8, "hv_sint_intercept_message");

/* Input of HVCALL_POST_MESSAGE. */
struct hv_input_post_message {
	uint32_t connection_id;
	uint32_t reserved;
	uint32_t message_type;
	uint32_t payload_size; /* bytes, 0..240 */
	uint64_t payload[HV_MESSAGE_PAYLOAD_BYTE_COUNT / 8];
};

_Static_assert(sizeof(struct hv_input_post_message) == 256, "hv_input_post_message");
_Static_assert(offsetof(struct hv_input_post_message, payload) == 16, "hv_input_post_message");

/* Message types with this bit are the hypervisor's. */
#define HV_MESSAGE_TYPE_HYPERVISOR UINT32_C(0x80000000)

/* Input of HVCALL_SIGNAL_EVENT. */
struct hv_input_signal_event {
	uint32_t connection_id;
	uint16_t flag_number; /* counted from the port's first */
	uint16_t reserved;
};

_Static_assert(sizeof(struct hv_input_signal_event) == 8, "hv_input_signal_event");

/*
 * Input of HVCALL_POST_MESSAGE_DIRECT. The message is not aligned to eight bytes. Source: the
 * callers (rust-vmm, OpenVMM); the TLFS draws it differently.
 */
struct hv_input_post_message_direct {
	uint64_t partition_id;
	uint32_t vp_index;
	uint8_t vtl;
	uint8_t padding[3];
	uint32_t sint_index;
	uint8_t message[HV_MESSAGE_SIZE];
	uint32_t padding2;
};

_Static_assert(sizeof(struct hv_input_post_message_direct) == 280, "hv_input_post_message_direct");
_Static_assert(offsetof(struct hv_input_post_message_direct, message) == 20,
	       "hv_input_post_message_direct");

/* Input and output of HVCALL_SIGNAL_EVENT_DIRECT. */
struct hv_input_signal_event_direct {
	uint64_t target_partition;
	uint32_t target_vp;
	uint8_t target_vtl;
	uint8_t target_sint;
	uint16_t flag_number;
};

struct hv_output_signal_event_direct {
	uint8_t newly_signaled;
	uint8_t reserved[7];
};

_Static_assert(sizeof(struct hv_input_signal_event_direct) == 16, "hv_input_signal_event_direct");
_Static_assert(offsetof(struct hv_input_signal_event_direct, target_sint) == 13,
	       "hv_input_signal_event_direct");
_Static_assert(sizeof(struct hv_output_signal_event_direct) == 8, "hv_output_signal_event_direct");

#endif

// SPDX-License-Identifier: Apache-2.0
/*
 * Message buffers and the queues they wait in. Whatever sends messages has buffers of its own, a
 * fixed number of them: each timer one, each message port sixteen. So a queue is bounded by what
 * may send to it, and sending needs no memory.
 */
#ifndef SYNIC_MESSAGE_H
#define SYNIC_MESSAGE_H

#include "abi/hv/status.h"
#include "abi/hv/synic.h"
#include "core/types.h"

struct vp;
struct synic_timer;

struct message_buffer {
	struct message_buffer *next; /* in its queue; guarded by the SynIC lock of the VP */
	uint32_t type;               /* HVMSG_NONE: its owner may fill it */
	uint32_t port_id : 24;       /* where the message comes from */
	uint32_t payload_size : 8;   /* bytes, 0..240 */
};

/* The buffer of a message that a guest sent. */
struct guest_message {
	struct message_buffer head;
	uint64_t payload[HV_MESSAGE_PAYLOAD_BYTE_COUNT / 8];
};

_Static_assert(sizeof(struct guest_message) == HV_MESSAGE_SIZE, "guest_message");

struct message_queue {
	struct message_buffer *first; /* NULL: empty */
	struct message_buffer *last;
};

/* True if `buffer` is in no queue: never filled, delivered, or dropped. */
static inline bool message_buffer_free(const struct message_buffer *buffer)
{
	return __atomic_load_n(&buffer->type, __ATOMIC_ACQUIRE) == HVMSG_NONE;
}

/*
 * Send `message`, filled but for its place in the queue, to `sint` (0..15) of `vp`. It is free
 * again when message_buffer_free() says so. Takes the SynIC lock. Returns HV_STATUS_SUCCESS;
 * HV_STATUS_INVALID_SYNIC_STATE: the SynIC or its message page is disabled, nothing has changed.
 */
enum hv_status message_send(struct vp *vp, unsigned int sint, struct guest_message *message);

/*
 * Say on `sint` (1..15) of `vp` that its `timer` expired at `expiration` (reference time). If an
 * earlier message of the timer still waits, that one says so. Takes the SynIC lock.
 */
void message_send_timer(struct vp *vp, unsigned int sint, struct synic_timer *timer,
			uint64_t expiration);

/*
 * Take the undelivered ones of the `count` messages at `messages` out of the queue of `sint` of
 * `vp`; they are free then. Takes the SynIC lock.
 */
void message_recall(struct vp *vp, unsigned int sint, const struct guest_message *messages,
		    size_t count);

/*
 * Deliver what can be delivered from the queues of the SINTs in the mask `sints`. Holds the SynIC
 * lock. Returns true if a message was delivered.
 */
bool message_scan(struct vp *vp, uint32_t sints);

/* Free all that waits in the queues of `vp`. Holds the SynIC lock. */
void message_drop_all(struct vp *vp);

#endif

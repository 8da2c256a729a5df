// SPDX-License-Identifier: Apache-2.0
/*
 * The way of a message into the page (TLFS, "SynIC Messages"). The reader empties its slot, then
 * looks whether the slot said that more is pending, and only if so writes EOM; so the flag is set
 * before the slot is looked at a last time, and no message can wait unknown to both sides.
 */
#include "synic/message.h"

#include "apic/apic.h"
#include "core/counter.h"
#include "core/machine.h"
#include "core/string.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "synic/synic.h"

COUNTER(delivered, "synic.messages");
COUNTER(waiting, "synic.messages_queued");
COUNTER(dropped, "synic.messages_dropped");

/* The slot of `sint`, or NULL while nothing can be delivered. Holds the SynIC lock. */
static struct hv_message *slot_of(const struct vp_synic *synic, unsigned int sint)
{
	struct hv_message_page *page = synic_page(synic, synic->simp, synic->simp_page);

	return page ? &page->sint_message[sint] : NULL;
}

static bool slot_empty(const struct hv_message *slot)
{
	return __atomic_load_n(&slot->header.message_type, __ATOMIC_SEQ_CST) == HVMSG_NONE;
}

/* True if `slot` is empty; a full one says from now on that more is pending. */
static bool slot_ready(struct hv_message *slot)
{
	if (slot_empty(slot))
		return true;
	__atomic_fetch_or(&slot->header.message_flags, HV_MESSAGE_FLAG_PENDING, __ATOMIC_SEQ_CST);
	return slot_empty(slot);
}

/* Put a message into the empty `slot`: its type, which makes it one, last. */
static void fill(struct hv_message *slot, const struct hv_message_header *header,
		 const void *payload)
{
	memcpy(slot->payload, payload, header->payload_size);
	slot->header.payload_size = header->payload_size;
	slot->header.message_flags = header->message_flags;
	slot->header.reserved = 0;
	slot->header.origination_id = header->origination_id;
	__atomic_store_n(&slot->header.message_type, header->message_type, __ATOMIC_RELEASE);
}

static void announce(struct vp *vp, unsigned int sint)
{
	uint64_t value = vp->synic.sint[sint];

	counter_inc(&delivered);
	if (synic_sint_raises(value))
		apic_raise(vp, (uint8_t)(value & HV_SYNIC_SINT_VECTOR_MASK));
}

static void set_queued(struct vp_synic *synic, unsigned int sint)
{
	uint32_t others = synic->queued & ~(uint32_t)BIT(sint);
	uint32_t this = synic->queue[sint].first ? (uint32_t)BIT(sint) : 0;

	__atomic_store_n(&synic->queued, others | this, __ATOMIC_RELAXED);
}

/* Append `buffer`. Holds the SynIC lock. */
static void append(struct vp_synic *synic, unsigned int sint, struct message_buffer *buffer)
{
	struct message_queue *queue = &synic->queue[sint];

	buffer->next = NULL;
	if (queue->first)
		queue->last->next = buffer;
	else
		queue->first = buffer;
	queue->last = buffer;
	set_queued(synic, sint);
}

static void release(struct message_buffer *buffer)
{
	__atomic_store_n(&buffer->type, HVMSG_NONE, __ATOMIC_RELEASE);
}

/* Copy the message in `buffer`, which `more` wait behind, to the empty `slot`. */
static void fill_from(struct vp *vp, struct hv_message *slot, struct message_buffer *buffer,
		      bool more)
{
	struct hv_message_header header = {
		.message_type = buffer->type,
		.payload_size = (uint8_t)buffer->payload_size,
		.message_flags = more ? HV_MESSAGE_FLAG_PENDING : 0,
		.origination_id = buffer->port_id,
	};

	if (buffer->type == HVMSG_TIMER_EXPIRED) {
		const struct synic_timer *timer = container_of(buffer, struct synic_timer, message);
		const struct hv_timer_message_payload payload = {
			.timer_index = (uint32_t)(timer - vp->synic.timer),
			.expiration_time = timer->expiration,
			.delivery_time = partition_reference_time(vp->partition),
		};

		fill(slot, &header, &payload);
	} else {
		fill(slot, &header, container_of(buffer, struct guest_message, head)->payload);
	}
}

/* Deliver the first message of a queue if its slot is empty. Holds the SynIC lock. */
static bool deliver(struct vp *vp, unsigned int sint)
{
	struct vp_synic *synic = &vp->synic;
	struct message_queue *queue = &synic->queue[sint];
	struct message_buffer *buffer = queue->first;
	struct hv_message *slot = slot_of(synic, sint);

	if (!buffer || !slot || !slot_ready(slot))
		return false;
	queue->first = buffer->next;
	set_queued(synic, sint);
	fill_from(vp, slot, buffer, queue->first != NULL);
	release(buffer);
	announce(vp, sint);
	return true;
}

bool message_scan(struct vp *vp, uint32_t sints)
{
	uint32_t queued = vp->synic.queued & sints;
	bool any = false;

	for (unsigned int i = 0; queued >> i != 0; i++)
		if (queued >> i & 1)
			any |= deliver(vp, i);
	return any;
}

/* Queue `buffer` and deliver what can be. Holds the SynIC lock. */
static void send(struct vp *vp, unsigned int sint, struct message_buffer *buffer)
{
	append(&vp->synic, sint, buffer);
	deliver(vp, sint);
	if (!message_buffer_free(buffer))
		counter_inc(&waiting);
}

enum hv_status message_send(struct vp *vp, unsigned int sint, struct guest_message *message)
{
	enum hv_status status = HV_STATUS_INVALID_SYNIC_STATE;

	spin_lock(&vp->synic.lock);
	if (slot_of(&vp->synic, sint)) {
		send(vp, sint, &message->head);
		status = HV_STATUS_SUCCESS;
	}
	spin_unlock(&vp->synic.lock);
	return status;
}

void message_send_timer(struct vp *vp, unsigned int sint, struct synic_timer *timer,
			uint64_t expiration)
{
	spin_lock(&vp->synic.lock);
	timer->expiration = expiration;
	if (message_buffer_free(&timer->message)) {
		timer->message = (struct message_buffer){
			.type = HVMSG_TIMER_EXPIRED,
			.payload_size = sizeof(struct hv_timer_message_payload),
		};
		send(vp, sint, &timer->message);
	}
	spin_unlock(&vp->synic.lock);
}

/*
 * Take the messages in [start, end) out of a queue; all of them if `start` is NULL. Holds the SynIC
 * lock.
 */
static void drop(struct vp_synic *synic, unsigned int sint, const void *start, const void *end)
{
	struct message_queue old = synic->queue[sint];
	struct message_buffer *next;

	synic->queue[sint] = (struct message_queue){NULL, NULL};
	for (struct message_buffer *buffer = old.first; buffer; buffer = next) {
		next = buffer->next;
		if (start && ((const void *)buffer < start || (const void *)buffer >= end)) {
			append(synic, sint, buffer);
		} else {
			release(buffer);
			counter_inc(&dropped);
		}
	}
	set_queued(synic, sint);
}

void message_recall(struct vp *vp, unsigned int sint, const struct guest_message *messages,
		    size_t count)
{
	spin_lock(&vp->synic.lock);
	drop(&vp->synic, sint, messages, messages + count);
	spin_unlock(&vp->synic.lock);
}

void message_drop_all(struct vp *vp)
{
	for (unsigned int i = 0; i < SYNIC_SINT_COUNT; i++)
		drop(&vp->synic, i, NULL, NULL);
}

enum hv_status synic_post_message(struct vp *vp, unsigned int sint,
				  const struct hv_message *message)
{
	struct hv_message_header header = message->header;
	struct hv_message *slot;
	enum hv_status status = HV_STATUS_SUCCESS;

	header.message_flags = 0;
	spin_lock(&vp->synic.lock);
	slot = slot_of(&vp->synic, sint);
	if (!slot || synic_sint_masked(vp->synic.sint[sint])) {
		status = HV_STATUS_INVALID_SYNIC_STATE;
	} else if (vp->synic.queue[sint].first || !slot_empty(slot)) {
		deliver(vp, sint);
		status = HV_STATUS_OBJECT_IN_USE;
	} else {
		fill(slot, &header, message->payload);
		announce(vp, sint);
	}
	spin_unlock(&vp->synic.lock);
	return status;
}

uint16_t synic_deliverable_sints(struct vp *vp, uint16_t sints)
{
	struct vp_synic *synic = &vp->synic;
	uint16_t deliverable = 0;

	spin_lock(&synic->lock);
	for (unsigned int sint = 0; sint < SYNIC_SINT_COUNT; sint++) {
		struct hv_message *slot = slot_of(synic, sint);

		if ((sints & BIT(sint)) && slot && !synic_sint_masked(synic->sint[sint]) &&
		    !synic->queue[sint].first && slot_ready(slot))
			deliverable |= (uint16_t)BIT(sint);
	}
	spin_unlock(&synic->lock);
	return deliverable;
}

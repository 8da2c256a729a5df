// SPDX-License-Identifier: Apache-2.0
/*
 * The ring of doorbells in a VP's event ring page (SIRBP), as Linux's mshv driver reads it: entries
 * in order, each emptied when it was read; the reader is told by a message on SINT 0, unless it is
 * at it. Places go round and are never counted anew while the page is in use: its reader counts,
 * too.
 */
#include "synic/synic.h"

#include "abi/hv/msr.h"
#include "abi/hv/port.h"
#include "abi/hv/synic.h"
#include "core/string.h"
#include "partition/vp.h"

/* The ring, or NULL while nothing can be put into it, or nobody could be told. Holds the lock. */
static struct hv_synic_event_ring *ring_of(const struct vp_synic *synic)
{
	struct hv_synic_event_ring_page *page = synic_page(synic, synic->sirbp, synic->sirbp_page);
	uint64_t sint = synic->sint[HV_SYNIC_DOORBELL_SINT_INDEX];

	if (!page || !synic_page(synic, synic->simp, synic->simp_page) || synic_sint_masked(sint) ||
	    !(sint & HV_SYNIC_SINT_AS_INTERCEPT))
		return NULL;
	return &page->sint_event_ring[HV_SYNIC_DOORBELL_SINT_INDEX];
}

/* Fill the next entry. Returns false, having said so, if it is still full. */
static bool fill(struct vp_synic *synic, struct hv_synic_event_ring *ring, uint32_t port_id)
{
	uint32_t *entry = &ring->data[synic->ring_head];

	if (__atomic_load_n(entry, __ATOMIC_ACQUIRE) != 0) {
		__atomic_store_n(&ring->ring_full, 1, __ATOMIC_SEQ_CST);
		return false;
	}
	__atomic_store_n(entry, port_id, __ATOMIC_RELEASE);
	synic->ring_head = (synic->ring_head + 1) % HV_SYNIC_EVENT_RING_MESSAGE_COUNT;
	return true;
}

/* Tell the reader. Only holders of the ports lock do. */
static bool announce(struct vp *vp)
{
	struct guest_message *message = &vp->synic.ring_message;
	const struct hv_sint_intercept_message payload = {
		.sint_index = HV_SYNIC_DOORBELL_SINT_INDEX};

	/* An earlier one is still on its way. */
	if (!message_buffer_free(&message->head))
		return true;
	memcpy(message->payload, &payload, sizeof(payload));
	message->head = (struct message_buffer){
		.type = HVMSG_SYNIC_SINT_INTERCEPT,
		.payload_size = sizeof(payload),
	};
	if (message_send(vp, HV_SYNIC_INTERCEPTION_SINT_INDEX, message) == HV_STATUS_SUCCESS)
		return true;
	message->head.type = HVMSG_NONE;
	return false;
}

enum hv_status synic_ring_append(struct vp *vp, uint32_t port_id)
{
	struct vp_synic *synic = &vp->synic;
	struct hv_synic_event_ring *ring;
	bool filled = false, told = true;

	spin_lock(&synic->lock);
	ring = ring_of(synic);
	if (ring) {
		filled = fill(synic, ring, port_id);
		told = __atomic_exchange_n(&ring->signal_masked, 1, __ATOMIC_SEQ_CST);
	}
	spin_unlock(&synic->lock);
	if (!ring)
		return HV_STATUS_INVALID_SYNIC_STATE;
	if (!told && !announce(vp)) {
		/* Whoever comes next has to tell. */
		__atomic_store_n(&ring->signal_masked, 0, __ATOMIC_SEQ_CST);
		return HV_STATUS_INVALID_SYNIC_STATE;
	}
	return filled ? HV_STATUS_SUCCESS : HV_STATUS_INSUFFICIENT_BUFFERS;
}

void synic_ring_reset(struct vp *vp)
{
	struct vp_synic *synic = &vp->synic;

	spin_lock(&synic->lock);
	synic->ring_head = 0;
	memset(spa_to_virt(synic->sirbp_page), 0, PAGE_SIZE);
	spin_unlock(&synic->lock);
}

// SPDX-License-Identifier: Apache-2.0
/* Messages to the parent of a VP that has stopped. */
#include "abi/hv/intercept.h"
#include "abi/hv/synic.h"
#include "core/counter.h"
#include "core/machine.h"
#include "core/string.h"
#include "intercept/child.h"
#include "intercept/intercept.h"
#include "intercept/memory_access.h"
#include "partition/gpa_map.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "scheduler/scheduler.h"
#include "synic/port.h"
#include "x86/lp.h"

COUNTER(io_messages, "intercept.io_port");
COUNTER(memory_messages, "intercept.memory");
COUNTER(unrecoverable_messages, "intercept.unrecoverable");
COUNTER(invalid_messages, "intercept.invalid_state");
COUNTER(halt_messages, "intercept.halt");
COUNTER(eoi_messages, "intercept.apic_eoi");
COUNTER(sint_messages, "intercept.sint_deliverable");
COUNTER(deliverable_messages, "intercept.deliverable");

/* Where a message goes that nobody has mapped a page for. */
static struct hv_message *message_of(struct vp *vp)
{
	return vp->message_page;
}

static void *begin(struct vp *vp, uint32_t type, size_t size)
{
	struct hv_message *message = message_of(vp);

	memset(message, 0, sizeof(*message));
	message->header.message_type = type;
	message->header.payload_size = (uint8_t)size;
	message->header.origination_id = vp->partition->id;
	return message->payload;
}

void *child_message(struct vp *vp, uint32_t type, size_t size, unsigned int length,
		    unsigned int access)
{
	struct hv_x64_intercept_message_header *header = begin(vp, type, size);

	header->vp_index = vp->index;
	header->instruction_length_cr8 = (uint8_t)(length | (vp->apic.tpr & 0xf0));
	header->intercept_access_type = (uint8_t)access;
	header->execution_state = vp_execution_state(vp);
	vp_get_segment(vp, HV_X64_REGISTER_CS, &header->cs);
	header->rip = vp->regs.rip;
	header->rflags = vp->regs.rflags;
	return header;
}

bool child_io_port(struct vp *vp, const struct child_io *io)
{
	struct hv_x64_io_port_intercept_message *m = child_message(
		vp, HVMSG_X64_IO_PORT_INTERCEPT, sizeof(*m), io->length,
		io->in ? HV_INTERCEPT_ACCESS_READ : HV_INTERCEPT_ACCESS_WRITE);

	counter_inc(&io_messages);
	m->port_number = io->port;
	m->access_info = (uint8_t)(io->size | (io->string ? HV_IO_ACCESS_STRING : 0) |
				   (io->rep ? HV_IO_ACCESS_REP : 0));
	m->rax = vp->regs.rax;
	m->rcx = vp->regs.rcx;
	m->rsi = vp->regs.rsi;
	m->rdi = vp->regs.rdi;
	vp_get_segment(vp, HV_X64_REGISTER_DS, &m->ds);
	vp_get_segment(vp, HV_X64_REGISTER_ES, &m->es);
	if (io->string)
		m->instruction_byte_count = (uint8_t)vp_instruction_bytes(vp, m->instruction_bytes);
	return true;
}

/* The parent resolves it: fill what is missing, or emulate the device. */
static bool memory_message(struct vp *vp, uint32_t type, gpa_t gpa, unsigned int access)
{
	struct hv_x64_memory_intercept_message *m = child_message(vp, type, sizeof(*m), 0, access);

	counter_inc(&memory_messages);
	m->cache_type = HV_CACHE_TYPE_WRITE_BACK;
	m->tpr_priority = (uint8_t)(vp->apic.tpr >> 4);
	m->guest_physical_address = gpa;
	if (access != HV_INTERCEPT_ACCESS_EXECUTE)
		m->instruction_byte_count = (uint8_t)vp_instruction_bytes(vp, m->instruction_bytes);
	return true;
}

/* A store to where nothing is mapped: true if that rang a doorbell, and is done. */
static bool doorbell(struct vp *vp, gpa_t gpa)
{
	struct memory_access store;

	if (!port_has_doorbell(vp->partition, gpa) || !memory_access_decode(vp, &store) ||
	    memory_access_is_load(&store) ||
	    !port_ring_doorbell(vp, vp->lp->vp, gpa, store.size, memory_access_stored(vp, &store)))
		return false;
	vp_step(vp, store.insn.length);
	return true;
}

bool child_memory(struct vp *vp, gpa_t gpa, unsigned int access)
{
	static const unsigned int needed[] = {GPA_READ, GPA_WRITE, GPA_EXECUTE};
	struct partition *p = vp->partition;
	enum gpa_kind kind;
	bool overlay;

	if (partition_has_apics(p) && intercept_apic_page(vp, gpa))
		return false;
	spin_lock(&p->lock);
	kind = gpa_lookup(&p->gpa, gpa, needed[access]);
	overlay = gpa_is_overlay(&p->gpa, gpa);
	spin_unlock(&p->lock);
	/* Its parent has no page there, and could do nothing. */
	if (kind == GPA_VIOLATION && overlay) {
		vp_raise(vp, VECTOR_GP);
		return false;
	}
	switch (kind) {
	case GPA_OK:
		/* Somebody has filled it meanwhile. */
		return false;
	case GPA_UNMAPPED:
		if (access == HV_INTERCEPT_ACCESS_WRITE && doorbell(vp, gpa))
			return false;
		return memory_message(vp, HVMSG_UNMAPPED_GPA, gpa, access);
	default:
		return memory_message(vp, HVMSG_GPA_INTERCEPT, gpa, access);
	}
}

bool child_halt(struct vp *vp)
{
	if (partition_has_apics(vp->partition)) {
		vp_advance(vp, 1);
		vp->child.halted = true;
		return false;
	}
	counter_inc(&halt_messages);
	child_message(vp, HVMSG_X64_HALT, sizeof(struct hv_x64_intercept_message_header),
		      vp_length(vp, 1), HV_INTERCEPT_ACCESS_READ);
	return true;
}

bool child_unrecoverable(struct vp *vp)
{
	counter_inc(&unrecoverable_messages);
	child_message(vp, HVMSG_UNRECOVERABLE_EXCEPTION,
		      sizeof(struct hv_x64_intercept_message_header), 0, HV_INTERCEPT_ACCESS_READ);
	return true;
}

bool child_invalid_state(struct vp *vp)
{
	struct hv_x64_invalid_vp_register_message *m = begin(vp, HVMSG_INVALID_VP_REGISTER_VALUE,
							     sizeof(*m));

	counter_inc(&invalid_messages);
	m->vp_index = vp->index;
	return true;
}

/* The SINTs of the register that have become deliverable. */
static uint16_t deliverable_sints(struct vp *vp)
{
	uint16_t wanted = (uint16_t)(vp->child.deliverability >> HV_DELIVERABILITY_SINTS_SHIFT);

	return wanted == 0 ? 0 : wanted & synic_deliverable_sints(vp, wanted);
}

static bool sint_deliverable(struct vp *vp)
{
	struct hv_x64_sint_deliverable_message *m;
	uint16_t sints = deliverable_sints(vp);

	if (sints == 0)
		return false;
	counter_inc(&sint_messages);
	vp->child.deliverability &= ~((uint64_t)sints << HV_DELIVERABILITY_SINTS_SHIFT);
	m = child_message(vp, HVMSG_SYNIC_SINT_DELIVERABLE, sizeof(*m), 0,
			  HV_INTERCEPT_ACCESS_READ);
	m->deliverable_sints = sints;
	return true;
}

static bool interruption_deliverable(struct vp *vp)
{
	struct hv_x64_interruption_deliverable_message *m;
	uint64_t wanted = vp->child.deliverability &
			  (HV_DELIVERABILITY_NMI | HV_DELIVERABILITY_INTERRUPT);
	uint64_t bit;

	if (wanted == 0)
		return false;
	bit = wanted & HV_DELIVERABILITY_NMI && vp_nmi_open(vp) ? HV_DELIVERABILITY_NMI
	      : wanted & HV_DELIVERABILITY_INTERRUPT && vp_interrupt_open(vp)
		      ? HV_DELIVERABILITY_INTERRUPT
		      : 0;
	if (bit == 0) {
		if (wanted & HV_DELIVERABILITY_INTERRUPT)
			vp_interrupt_window(vp);
		return false;
	}
	counter_inc(&deliverable_messages);
	vp->child.deliverability &= ~bit;
	m = child_message(vp, HVMSG_X64_INTERRUPTION_DELIVERABLE, sizeof(*m), 0,
			  HV_INTERCEPT_ACCESS_READ);
	m->deliverable_type = bit == HV_DELIVERABILITY_NMI ? HV_PENDING_NMI_TYPE
							   : HV_PENDING_INTERRUPT_TYPE;
	return true;
}

/* Level-triggered interrupts that the VP has ended: one message each, lowest vector last. */
static bool level_ended(struct vp *vp)
{
	struct hv_x64_apic_eoi_message *m;
	int vector = apic_vector_highest(&vp->child.ended);

	if (vector == APIC_NONE) {
		vp->child.any_ended = false;
		return false;
	}
	counter_inc(&eoi_messages);
	vp->child.ended.word[vector / 32] &= ~(1u << vector % 32);
	m = begin(vp, HVMSG_X64_APIC_EOI, sizeof(*m));
	m->vp_index = vp->index;
	m->interrupt_vector = (uint32_t)vector;
	return true;
}

/* child_before_entry() where there is something to look at, which is rare. */
static bool __noinline look_before_entry(struct vp *vp)
{
	if (vp->child.shut_down) {
		vp->child.shut_down = false;
		return child_unrecoverable(vp);
	}
	if (vp->child.deliverability != 0 && (sint_deliverable(vp) || interruption_deliverable(vp)))
		return true;
	return vp->child.any_ended && level_ended(vp);
}

bool child_before_entry(struct vp *vp)
{
	const struct vp_child *child = &vp->child;

	return (child->shut_down || child->deliverability != 0 || child->any_ended) &&
	       look_before_entry(vp);
}

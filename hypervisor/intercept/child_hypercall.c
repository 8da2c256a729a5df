// SPDX-License-Identifier: Apache-2.0
/*
 * Hypercalls of a child. What the hypervisor serves it does itself; for the rest a parent may have
 * asked to be told: unknown calls, messages and signals over connections that there are not, device
 * interrupts of devices that only the parent knows (HvCallInstallIntercept).
 */
#include "abi/hv/hypercall.h"
#include "abi/hv/intercept.h"
#include "abi/hv/synic.h"
#include "core/counter.h"
#include "core/string.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "intercept/child.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "synic/port.h"

COUNTER(hypercall_messages, "intercept.hypercall");

#define XMM_COUNT 6u

/* The first four bytes of the input of the call: the connection's number, where it is about one. */
static bool connection_of(struct vp *vp, uint64_t control, uint64_t input, uint32_t *id)
{
	struct partition *p = vp->partition;
	bool ok;

	if (control & HV_HYPERCALL_FAST_BIT) {
		*id = (uint32_t)input;
		return true;
	}
	spin_lock(&p->lock);
	ok = copy_from_gpa(&p->gpa, id, input, sizeof(*id));
	spin_unlock(&p->lock);
	return ok;
}

/* True if the call sends over a connection that the child does not have. */
static bool unknown_connection(struct vp *vp, uint64_t control, uint64_t input)
{
	uint32_t id;

	/* What cannot be read here its parent may be able to. */
	return !connection_of(vp, control, input, &id) || !port_is_connected(vp->partition, id);
}

/* True if the parent is to be told of the call that the VP makes. */
static bool __noinline is_parents(struct vp *vp)
{
	const struct partition *p = vp->partition;
	const struct vp_regs *regs = &vp->regs;
	bool wide = vp_long_mode(vp);
	uint64_t control = wide ? regs->rcx : regs->rdx << 32 | (uint32_t)regs->rax;
	uint64_t input = wide ? regs->rdx : regs->rbx << 32 | (uint32_t)regs->rcx;
	uint16_t code = (uint16_t)control;
	const struct hypercall_row *row = hypercall_find(code);

	switch (code) {
	case HVCALL_POST_MESSAGE:
	case HVCALL_SIGNAL_EVENT:
		return partition_intercepts(p, HV_INTERCEPT_TYPE_UNKNOWN_SYNIC_CONNECTION) &&
		       unknown_connection(vp, control, input);
	case HVCALL_RETARGET_INTERRUPT:
		return partition_intercepts(p, HV_INTERCEPT_TYPE_RETARGET_UNKNOWN_DEVICE);
	default:
		return (!row || !row->handler) &&
		       partition_intercepts(p, HV_INTERCEPT_TYPE_HYPERCALL);
	}
}

static bool __noinline tell_parent(struct vp *vp)
{
	const struct vp_regs *regs = &vp->regs;
	struct hv_x64_hypercall_intercept_message *m = child_message(
		vp, HVMSG_HYPERCALL_INTERCEPT, sizeof(*m), vp_length(vp, HYPERCALL_LENGTH),
		HV_INTERCEPT_ACCESS_EXECUTE);

	counter_inc(&hypercall_messages);
	m->rax = regs->rax;
	m->rbx = regs->rbx;
	m->rcx = regs->rcx;
	m->rdx = regs->rdx;
	m->r8 = regs->r8;
	m->rsi = regs->rsi;
	m->rdi = regs->rdi;
	for (unsigned int i = 0; i < XMM_COUNT; i++)
		vp_read_xmm(vp, i, m->xmm[i]);
	return true;
}

/* Any other call; out of the way of the short ones. */
static bool __noinline dispatch(struct vp *vp)
{
	gpa_t gpa;
	bool write;

	if (hypercall_dispatch_child(vp, &gpa, &write))
		return false;
	return child_memory(vp, gpa, write ? HV_INTERCEPT_ACCESS_WRITE : HV_INTERCEPT_ACCESS_READ);
}

bool child_hypercall(struct vp *vp)
{
	uint16_t code = (uint16_t)(vp_long_mode(vp) ? vp->regs.rcx : vp->regs.rax);

	vp->child.calls[hypercall_number(code)]++;
	if (vp->partition->intercepts != 0 && hypercall_legal(vp) && is_parents(vp))
		return tell_parent(vp);
	return !hypercall_dispatch_short(vp) && dispatch(vp);
}

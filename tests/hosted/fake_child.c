// SPDX-License-Identifier: Apache-2.0
/* The vendor's and the processor's side of children's VPs. */
#include <string.h>

#include "fake.h"

#include "abi/hv/vp.h"
#include "abi/hv/vp_state.h"
#include "apic/apic.h"
#include "core/integrity.h"
#include "core/machine.h"
#include "intercept/child.h"
#include "partition/child_vp.h"
#include "partition/registers.h"
#include "partition/synthetic.h"
#include "x86/cpu.h"
#include "x86/vendor.h"
#include "x86/xsave_image.h"

enum hv_status child_vp_create(struct partition *p, uint32_t index)
{
	struct vp *vp;
	spa_t page;

	if (p->state != PARTITION_INITIALIZED)
		return HV_STATUS_INVALID_PARTITION_STATE;
	if (index >= PARTITION_MAX_VPS || p->vps[index])
		return HV_STATUS_INVALID_VP_INDEX;
	if (!page_pool_alloc(&p->pool, &page))
		return HV_STATUS_INSUFFICIENT_MEMORY;
	vp = spa_to_virt(page);
	vp->partition = p;
	vp->index = index;
	vp->child.explicit_suspend = true;
	p->vps[index] = vp;
	p->vp_limit = MAX(p->vp_limit, index + 1);
	p->vp_count++;
	return HV_STATUS_SUCCESS;
}

void vp_request(struct vp *vp, uint32_t bits)
{
	__atomic_fetch_or(&vp->requests, bits, __ATOMIC_SEQ_CST);
}

enum vp_outcome vendor_run_child(struct vp *vp)
{
	__atomic_store_n(&vp->requests, 0, __ATOMIC_SEQ_CST);
	return fake.outcome;
}

void machine_wake_lp(struct lp *lp)
{
	(void)lp;
	fake.wakes++;
	if (fake.woken)
		fake.woken();
}

void machine_sync_vps(const struct partition *p)
{
	(void)p;
	fake.vp_syncs++;
}

bool apic_assert(const struct partition *p, uint32_t type, bool level, bool logical,
		 uint32_t destination, uint32_t vector)
{
	(void)p;
	(void)level;
	(void)logical;
	(void)destination;
	return type <= 9 && vector >= APIC_VECTOR_MIN && vector <= 0xff;
}

void register_page_fill(struct vp *vp)
{
	(void)vp;
}

void register_page_take(struct vp *vp)
{
	(void)vp;
}

/* Where a child's VP has a register: those of the processor's control are in general ones. */
static uint64_t *register_place(struct vp *vp, uint32_t name)
{
	switch (name) {
	case HV_X64_REGISTER_RAX:
		return &vp->regs.rax;
	case HV_X64_REGISTER_CR0:
		return &vp->regs.r8;
	case HV_X64_REGISTER_CR3:
		return &vp->regs.r9;
	case HV_X64_REGISTER_CR4:
		return &vp->regs.r10;
	case HV_X64_REGISTER_EFER:
		return &vp->regs.r11;
	default:
		return NULL;
	}
}

enum hv_status registers_get(struct vp *vp, uint32_t name, union hv_register_value *value)
{
	const uint64_t *place = register_place(vp, name);

	if (!place)
		return HV_STATUS_UNKNOWN_REGISTER_NAME;
	value->reg64 = *place;
	return HV_STATUS_SUCCESS;
}

enum hv_status registers_set(struct vp *vp, uint32_t name, const union hv_register_value *value,
			     bool *wake)
{
	uint64_t *place = register_place(vp, name);

	if (name == HV_REGISTER_EXPLICIT_SUSPEND) {
		vp->child.explicit_suspend = value->reg64 & 1;
		*wake = !vp->child.explicit_suspend;
		return HV_STATUS_SUCCESS;
	}
	if (!place)
		return HV_STATUS_UNKNOWN_REGISTER_NAME;
	*place = value->reg64;
	return HV_STATUS_SUCCESS;
}

void synthetic_fill_hypercall_page(void *page)
{
	memset(page, 0xcc, PAGE_SIZE);
}

void synthetic_fill_tsc_page(struct partition *p)
{
	p->tsc_sequence++;
}

/* partition/vp_state.h's sources: an APIC's state is its TPR and its id, an XSAVE image the legacy
 * part and the header. */

void apic_get_state(struct vp *vp, struct hv_local_interrupt_controller_state *state)
{
	memset(state, 0, sizeof(*state));
	state->apic_id = vp->apic.id;
	state->remote_read = vp->apic.tpr;
}

void apic_set_state(struct vp *vp, const struct hv_local_interrupt_controller_state *state)
{
	vp->apic.id = state->apic_id;
	vp->apic.tpr = state->remote_read;
}

void xsave_compact(void *to, const void *standard, uint64_t states)
{
	memcpy(to, standard, machine_xsave_size(states));
}

bool xsave_expand(void *standard, const void *from, uint64_t allowed)
{
	const uint8_t *image = from;

	if (image[0] & ~allowed)
		return false;
	memcpy(standard, image, machine_xsave_size(allowed));
	return true;
}

/* What a child's VP says of itself: the leaf and the subleaf again, XCR0, its index. */
void child_cpuid_leaf(const struct vp *vp, uint32_t leaf, uint32_t subleaf, uint64_t xcr0,
		      struct cpuid_regs *r)
{
	*r = (struct cpuid_regs){leaf, subleaf, (uint32_t)xcr0, vp->index};
}

uint32_t registers_pkru(const struct vp *vp)
{
	(void)vp;
	return 0;
}

void vendor_check_child_vp(const struct vp *vp, struct integrity *i)
{
	(void)vp;
	(void)i;
}

void vendor_set_startup_state(struct vp *vp, uint8_t vector)
{
	vp->regs = (struct vp_regs){.rip = (uint64_t)vector << 12};
}

void vp_set_segment(struct vp *vp, uint32_t name, const struct hv_x64_segment_register *value)
{
	if (name == HV_X64_REGISTER_CS)
		vp->regs.r15 = value->base;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * The register page: written for the parent when its VP stops with a message, read when the VP goes
 * on. The parent's user space writes it at any time, so what is taken over is read once.
 */
#include "abi/hv/vp.h"
#include "core/string.h"
#include "partition/registers.h"
#include "partition/vp.h"
#include "x86/cpu.h"
#include "x86/vendor.h"

#define CLASS(name) (1u << HV_X64_REGISTER_CLASS_##name)

#define XMM_COUNT     6u
#define SEGMENT_COUNT 6u

/* One that the vendor keeps. */
static uint64_t get64(struct vp *vp, uint32_t name)
{
	union hv_register_value value = {0};

	vendor_get_register(vp, name, &value);
	return value.reg64;
}

void register_page_fill(struct vp *vp)
{
	struct hv_vp_register_page *page = vp->register_page;

	if (!page)
		return;
	page->version = HV_VP_REGISTER_PAGE_VERSION_1;
	memcpy(page->gp_registers, &vp->regs.rax, sizeof(page->gp_registers));
	page->rip = vp->regs.rip;
	page->rflags = vp->regs.rflags;
	memcpy(page->xmm_registers, registers_xmm(vp), sizeof(page->xmm_registers));
	for (uint32_t i = 0; i < SEGMENT_COUNT; i++)
		vp_get_segment(vp, HV_X64_REGISTER_ES + i, &page->segment_registers[i]);
	page->cr0 = get64(vp, HV_X64_REGISTER_CR0);
	page->cr3 = get64(vp, HV_X64_REGISTER_CR3);
	page->cr4 = get64(vp, HV_X64_REGISTER_CR4);
	page->cr8 = vp->apic.tpr >> 4;
	page->efer = get64(vp, HV_X64_REGISTER_EFER);
	page->dr7 = get64(vp, HV_X64_REGISTER_DR7);
	page->pending_interruption = get64(vp, HV_REGISTER_PENDING_INTERRUPTION);
	page->interrupt_state = get64(vp, HV_REGISTER_INTERRUPT_STATE);
	page->instruction_emulation_hints = 0;
	page->xfem = vp->child.xcr0;
	page->dirty = 0;
	__atomic_store_n(&page->isvalid, 1, __ATOMIC_RELEASE);
}

void register_page_take(struct vp *vp)
{
	struct hv_vp_register_page *page = vp->register_page;
	bool wake = false;
	uint32_t dirty;

	if (!page)
		return;
	dirty = __atomic_exchange_n(&page->dirty, 0, __ATOMIC_ACQUIRE);
	if (dirty & CLASS(GENERAL))
		memcpy(&vp->regs.rax, page->gp_registers, sizeof(page->gp_registers));
	if (dirty & CLASS(IP))
		vp->regs.rip = page->rip;
	if (dirty & CLASS(FLAGS))
		vp->regs.rflags = page->rflags | RFLAGS_FIXED;
	for (uint32_t i = 0; (dirty & CLASS(XMM)) && i < XMM_COUNT; i++) {
		union hv_register_value value;

		memcpy(&value, page->xmm_registers[i], sizeof(value));
		registers_set(vp, HV_X64_REGISTER_XMM0 + i, &value, &wake);
	}
	for (uint32_t i = 0; (dirty & CLASS(SEGMENT)) && i < SEGMENT_COUNT; i++) {
		struct hv_x64_segment_register value;

		memcpy(&value, &page->segment_registers[i], sizeof(value));
		vp_set_segment(vp, HV_X64_REGISTER_ES + i, &value);
	}
	page->isvalid = 0;
}

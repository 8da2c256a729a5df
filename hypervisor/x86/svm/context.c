// SPDX-License-Identifier: Apache-2.0
/*
 * What a child's VP and the root's share in a processor and VMRUN does not switch: vector and other
 * extended state, debug address registers, a few MSRs. The hypervisor itself uses none of it, so it
 * is switched when a dispatch begins and ends.
 */
#include "x86/svm/svm.h"

#include "core/machine.h"
#include "partition/partition.h"
#include "x86/cpu.h"
#include "x86/lp.h"
#include "x86/xstate.h"

static void read_dr(uint64_t *dr)
{
	__asm__ volatile("mov %%dr0, %0" : "=r"(dr[0]));
	__asm__ volatile("mov %%dr1, %0" : "=r"(dr[1]));
	__asm__ volatile("mov %%dr2, %0" : "=r"(dr[2]));
	__asm__ volatile("mov %%dr3, %0" : "=r"(dr[3]));
}

static void write_dr(const uint64_t *dr)
{
	__asm__ volatile("mov %0, %%dr0" : : "r"(dr[0]));
	__asm__ volatile("mov %0, %%dr1" : : "r"(dr[1]));
	__asm__ volatile("mov %0, %%dr2" : : "r"(dr[2]));
	__asm__ volatile("mov %0, %%dr3" : : "r"(dr[3]));
}

/* Save the state of one and load that of another; both are VPs' of this processor. */
static void exchange(struct vp_child *out, const struct vp_child *in)
{
	read_dr(out->dr);
	write_dr(in->dr);
	xstate_save(out);
	xstate_load(in);
	if (xstate_has_tsc_aux()) {
		out->tsc_aux = rdmsr(MSR_TSC_AUX);
		wrmsr(MSR_TSC_AUX, in->tsc_aux);
	}
	if (xstate_spec_ctrl() != 0) {
		out->spec_ctrl = rdmsr(MSR_SPEC_CTRL);
		wrmsr(MSR_SPEC_CTRL, in->spec_ctrl);
	}
}

void svm_context_enter(struct vp *vp, struct vp *carrier)
{
	exchange(&carrier->child, &vp->child);
}

void svm_context_leave(struct vp *vp, struct vp *carrier)
{
	exchange(&vp->child, &carrier->child);
}

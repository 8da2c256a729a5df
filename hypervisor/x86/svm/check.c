// SPDX-License-Identifier: Apache-2.0
/* The statements about virtual machine control blocks: see core/integrity.h. */
#include "x86/svm/svm.h"

#include "core/machine.h"
#include "partition/partition.h"
#include "x86/cpu.h"
#include "x86/integrity.h"
#include "x86/vendor.h"

/* Without an exit at each of these a partition would be out of its bounds. */
#define INTERCEPTS_1                                                             \
	(INTERCEPT1_INTR | INTERCEPT1_NMI | INTERCEPT1_CPUID | INTERCEPT1_INVD | \
	 INTERCEPT1_INVLPGA | INTERCEPT1_MSR | INTERCEPT1_SHUTDOWN)
#define INTERCEPTS_2                                                                     \
	(INTERCEPT2_VMRUN | INTERCEPT2_VMMCALL | INTERCEPT2_VMLOAD | INTERCEPT2_VMSAVE | \
	 INTERCEPT2_STGI | INTERCEPT2_CLGI | INTERCEPT2_SKINIT)

#define CHILD_INTERCEPTS_1 (INTERCEPTS_1 | INTERCEPT1_IOIO | INTERCEPT1_HLT)

/* The permission maps that all VPs of the root share: MSRs, then I/O ports. */
#define MSRPM_SIZE (2 * PAGE_SIZE)
#define IOPM_SIZE  (3 * PAGE_SIZE)

void vendor_check_vp(const struct vp *vp, struct integrity *i)
{
	const struct vp *first = vp->partition->vps[0];
	const struct vmcb *vmcb = vp->arch->vmcb;
	uint32_t index = vp->index;

	integrity_expect(i,
			 spa_to_virt(vp->arch->vmcb_spa) == vmcb &&
				 machine_owns(vp->arch->vmcb_spa, PAGE_SIZE),
			 "a VP's control block is the hypervisor's", index);
	integrity_expect(i,
			 (vmcb->intercept_1 & INTERCEPTS_1) == INTERCEPTS_1 &&
				 (vmcb->intercept_2 & INTERCEPTS_2) == INTERCEPTS_2,
			 "a VP exits where it must", index);
	integrity_expect(i, vmcb->interrupt_control & V_INTR_MASKING,
			 "a VP cannot keep interrupts from the hypervisor", index);
	integrity_expect(i, vmcb->asid != 0 && (vmcb->efer & EFER_SVME), "a VP runs as a guest",
			 index);
	integrity_expect(i,
			 (vmcb->nested_control & NESTED_PAGING_ENABLE) &&
				 vmcb->nested_cr3 == vp->partition->gpa.table,
			 "a VP sees memory through its partition's tables", index);
	integrity_expect(i,
			 vmcb->msrpm_base == first->arch->vmcb->msrpm_base &&
				 vmcb->iopm_base == first->arch->vmcb->iopm_base &&
				 machine_owns(vmcb->msrpm_base, MSRPM_SIZE) &&
				 machine_owns(vmcb->iopm_base, IOPM_SIZE),
			 "a VP has the permission maps of the root", index);
	integrity_hidden(i, virt_to_spa(vp->arch), PAGE_SIZE);
	integrity_hidden(i, vp->arch->vmcb_spa, PAGE_SIZE);
	if (vp == first) {
		integrity_hidden(i, vmcb->msrpm_base, MSRPM_SIZE);
		integrity_hidden(i, vmcb->iopm_base, IOPM_SIZE);
		integrity_sum(i, spa_to_virt(vmcb->msrpm_base), MSRPM_SIZE);
		integrity_sum(i, spa_to_virt(vmcb->iopm_base), IOPM_SIZE);
	}
}

void vendor_check_child_vp(const struct vp *vp, struct integrity *i)
{
	const struct vmcb *vmcb = vp->arch->vmcb;
	uint32_t index = vp->index;

	integrity_expect(i,
			 (vmcb->intercept_1 & CHILD_INTERCEPTS_1) == CHILD_INTERCEPTS_1 &&
				 (vmcb->intercept_2 & INTERCEPTS_2) == INTERCEPTS_2 &&
				 (vmcb->interrupt_control & V_INTR_MASKING) && vmcb->asid != 0,
			 "a child's VP exits where it must", index);
	integrity_expect(i,
			 (vmcb->nested_control & NESTED_PAGING_ENABLE) &&
				 vmcb->nested_cr3 == vp->partition->gpa.table,
			 "a child's VP sees memory through its partition's tables", index);
	integrity_expect(i,
			 machine_owns(vmcb->msrpm_base, MSRPM_SIZE) &&
				 machine_owns(vmcb->iopm_base, IOPM_SIZE),
			 "a child's VP has permission maps of the hypervisor's", index);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * The vendor's share of a processor and a VP on AMD (SVM). The functions of x86/vendor.h and
 * partition/vp.h are implemented here; vmx/ would offer the same ones.
 */
#ifndef X86_SVM_SVM_H
#define X86_SVM_SVM_H

#include "partition/vp.h"
#include "x86/fetch.h"
#include "x86/svm/vmcb.h"

/* Whether a non-maskable interrupt can go in: not before the handler of the last one is through. */
enum svm_nmi {
	SVM_NMI_OPEN,
	SVM_NMI_HANDLED,  /* the handler runs until its IRET, which exits */
	SVM_NMI_RETURNING /* that IRET is executed under single step */
};

struct vp_arch {
	struct vmcb *vmcb;
	spa_t vmcb_spa;
	uint64_t generation; /* of the GPA space, as far as the TLB knows it */
	enum svm_nmi nmi;
	uint64_t nmi_dr6; /* before the single step */
	struct fetch_cache fetch;
};

#endif

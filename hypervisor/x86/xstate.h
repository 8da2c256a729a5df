// SPDX-License-Identifier: Apache-2.0
/*
 * Extended processor state (APM volume 2, 11.5; XSAVE): what there is of it, and what a partition's
 * VP may use.
 */
#ifndef X86_XSTATE_H
#define X86_XSTATE_H

#include "core/types.h"

struct vp_child;

/* State components (XCR0). */
#define XSTATE_X87    BIT(0)
#define XSTATE_SSE    BIT(1)
#define XSTATE_AVX    BIT(2)
#define XSTATE_AVX512 (BIT(5) | BIT(6) | BIT(7))
#define XSTATE_PKRU   BIT(XSTATE_PKRU_NUMBER)

#define XSTATE_PKRU_NUMBER 9u

/* The standard image: legacy region, header, then the components. */
#define XSTATE_LEGACY_SIZE 512u
#define XSTATE_HEADER_SIZE 64u
#define XSTATE_MXCSR       24u
#define XSTATE_MXCSR_RESET 0x1f80u
#define XSTATE_FCW_RESET   0x037fu
#define XSTATE_BV          512u /* which components the image holds */

/* Learn what this processor has, and let the hypervisor execute XSAVE on it. On each LP. */
void xstate_setup(void);

/*
 * Components that a child's VP may use at most: those of the processor whose state fits in a page.
 * With XSAVE; without, x87 and SSE alone. Of these a partition has what machine_xsave_states()
 * says.
 */
uint64_t xstate_supported(void);

/* Bytes of the standard image with the components `mask`. */
uint32_t xstate_size(uint64_t mask);

/* Where component `n` (2..62) is in the standard image, and its size; 0 if there is none. */
uint32_t xstate_offset(unsigned int n, uint32_t *size);

/* True for a value of XCR0 that the processor takes (APM volume 2, 11.5.2), of the components
 * `allowed`. */
bool xstate_xcr0_valid(uint64_t value, uint64_t allowed);

/* Load XCR0 on this processor. */
void xstate_set_xcr0(uint64_t value);

/* What the processor has. */
bool xstate_has_xsave(void);
bool xstate_has_tsc_aux(void);
bool xstate_has_ibpb(void);
/* The bits of SPEC_CTRL that the processor takes and a child may set; none if there is no such MSR.
 */
uint64_t xstate_spec_ctrl(void);

/* Put the initial state into `image`, a page. */
void xstate_reset(void *image);

/* Move the state between the processor and where it is kept, with XCR0 as it is there. */
void xstate_save(struct vp_child *to);
void xstate_load(const struct vp_child *from);

#endif

// SPDX-License-Identifier: Apache-2.0
/*
 * The two forms of an XSAVE image (Intel SDM volume 1, 13.4; APM volume 2, 11.5.3): the standard
 * one, in which the hypervisor keeps a VP's state, and the compacted one, in which its parent gets
 * and sets it.
 */
#ifndef X86_XSAVE_IMAGE_H
#define X86_XSAVE_IMAGE_H

#include "core/types.h"

/*
 * Write the components `states` of the standard image at `standard` to `to` in the compacted form,
 * features_xsave_size() bytes. Components have their place in a page in both forms.
 */
void xsave_compact(void *to, const void *standard, uint64_t states);

/*
 * Replace the standard image at `standard` by the compacted one at `from`, a page of hostile bytes;
 * components that it does not have are as after reset. Returns false, nothing changed, if it has
 * others than `allowed`, is not compacted, or has what a processor refuses.
 */
bool xsave_expand(void *standard, const void *from, uint64_t allowed);

#endif

// SPDX-License-Identifier: Apache-2.0
/*
 * What no child may change, whatever it does: memory of ours that it does not have, another child,
 * our pool, our messages and events, the hypervisor.
 */
#ifndef GUEST_OUTSIDE_H
#define GUEST_OUTSIDE_H

#include "root/child.h"

/* Our pages by their index (beside those of child.h): memory of ours, a page of statistics. */
#define OUTSIDE_FIRST (CHILD_MEMORY + CHILD_SECOND + CHILD_PAGES)
#define OUTSIDE_PAGES 256u
#define OUTSIDE_STATS 240u

/* Fill our pages, start a sibling, map the hypervisor's statistics. The sibling is the second of
 * two children (CHILD_SECOND). */
void outside_begin(void);

/* The sibling's id. */
uint64_t outside_sibling(void);

/* Remember how all is, and check that it is so again. Returns whether it is. */
void outside_remember(void);
bool outside_same(void);

/* Let the sibling end, and take everything back. */
void outside_end(void);

#endif

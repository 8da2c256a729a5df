// SPDX-License-Identifier: Apache-2.0
/*
 * Nested page tables from the inside: how one gets to an entry. For x86/npt*.c alone; every
 * function here holds the lock that guards the space, or the space is nobody else's.
 */
#ifndef X86_NPT_TABLE_H
#define X86_NPT_TABLE_H

#include "x86/npt_entry.h"

/*
 * The entry of a table of `level` for `gpa`, on the way there building tables for what is empty and
 * splitting larger pages. NULL if the pool is empty; what the space maps is then as before.
 */
uint64_t *npt_reach(struct gpa_space *space, gpa_t gpa, unsigned int level);

/* Where the way to `gpa`, within the space, ends: a leaf, or 0, and its level. Builds nothing. */
uint64_t *npt_walk(const struct gpa_space *space, gpa_t gpa, unsigned int *level);

#endif

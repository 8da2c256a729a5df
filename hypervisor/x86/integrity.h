// SPDX-License-Identifier: Apache-2.0
/* What the machine's checks of themselves share: see core/integrity.h. */
#ifndef X86_INTEGRITY_H
#define X86_INTEGRITY_H

#include "core/integrity.h"

/*
 * The statement that the root partition sees no page of [spa, spa + size). Holds the root
 * partition's lock.
 */
void integrity_hidden(struct integrity *i, spa_t spa, uint64_t size);

#endif

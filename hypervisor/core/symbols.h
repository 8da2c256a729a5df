// SPDX-License-Identifier: Apache-2.0
/* The image's own function names, for back traces. The table is made from the linked image
 * (hypervisor/symbols.py). */
#ifndef CORE_SYMBOLS_H
#define CORE_SYMBOLS_H

#include "core/types.h"

/*
 * The function that `address` lies in: its name, and the distance from its start in *offset. NULL
 * if the address is not in the image's text.
 */
const char *symbol_find(uint64_t address, uint64_t *offset);

#endif

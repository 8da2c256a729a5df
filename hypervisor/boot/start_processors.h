// SPDX-License-Identifier: Apache-2.0
/* Bringing up the application processors, before the root partition runs. */
#ifndef BOOT_START_PROCESSORS_H
#define BOOT_START_PROCESSORS_H

#include "boot/memory_map.h"

/*
 * Start every LP but the first (x86/lp.h), one after the other, each until it waits for its VP.
 * Takes four pages below 1 MiB for the time of it. Calls boot_fail() for a processor that does not
 * come.
 */
void start_processors(const struct memory_map *memory, spa_t cr3);

#endif

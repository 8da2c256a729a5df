// SPDX-License-Identifier: Apache-2.0
#ifndef CORE_STACK_PROTECTOR_H
#define CORE_STACK_PROTECTOR_H

#include "core/types.h"

/* The canary. Set once, by a function that never returns; its low byte is 0, so that no string
 * holds it. */
extern uintptr_t __stack_chk_guard;

#endif

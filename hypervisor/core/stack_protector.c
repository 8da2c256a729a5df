// SPDX-License-Identifier: Apache-2.0
/* The compiler's stack protector: a canary chosen at boot, and what happens when it died. */
#include "core/stack_protector.h"

#include "core/panic.h"

uintptr_t __stack_chk_guard;

void __stack_chk_fail(void);

void __noreturn __stack_chk_fail(void)
{
	panic("stack overflow: the canary of %p's frame is damaged", __builtin_return_address(0));
}

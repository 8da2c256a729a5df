// SPDX-License-Identifier: Apache-2.0
/* Text on the first serial port. */
#ifndef GUEST_CONSOLE_H
#define GUEST_CONSOLE_H

#include <stdarg.h>

#include "core/types.h"

void console_init(void);
void console_text(const char *text);

/* As format() of the hypervisor's core/printk.h; lines of up to 511 bytes, longer ones are cut. */
void console_print(const char *fmt, ...) __printf(1, 2);

#endif

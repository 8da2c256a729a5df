// SPDX-License-Identifier: Apache-2.0
/* The hypervisor's voice: formatted lines with a level, kept in the log ring, mirrored to consoles.
 */
#ifndef CORE_PRINTK_H
#define CORE_PRINTK_H

#include <stdarg.h>

#include "core/types.h"

enum log_level {
	LOG_PANIC = 0, /* the last words of a broken hypervisor */
	LOG_ERROR = 3, /* something failed that should not have */
	LOG_WARN = 4,  /* a partition did something it may not; or a capability is missing */
	LOG_INFO = 6,  /* what a person wants to know once */
	LOG_DEBUG = 7, /* what a developer wants to know */
};

/*
 * Append one line to the log ring and to every console that takes its level. No newline at the end
 * of `fmt`. Conversions: %s %c %d %i %u %x %X %p %%, the flags 0 - #, a width, and l, ll, z. Lines
 * longer than LOG_LINE_MAX bytes are cut. Callable everywhere, also while holding any lock.
 */
void printk(enum log_level level, const char *fmt, ...) __printf(2, 3);
void vprintk(enum log_level level, const char *fmt, va_list args);

/* Mirror lines of at least the importance of `level` to `consoles` (CONSOLE_ bits of
 * core/console.h; 0: none). */
void printk_mirror(uint64_t consoles, enum log_level level);

/* Format into `buf` of `size` bytes, always terminated if size > 0. Returns the length without the
 * cut. */
size_t format(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
size_t vformat(char *buf, size_t size, const char *fmt, va_list args);

#endif

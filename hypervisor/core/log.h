// SPDX-License-Identifier: Apache-2.0
/* The log ring: what printk() said, as records that a partition can read (abi/hv/bulkhead.h). */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "core/types.h"
#include "core/printk.h"

#define LOG_RING_SIZE (128u << 10) /* bytes, a power of two */
#define LOG_LINE_MAX  240u         /* bytes of text in a record */

/* Append a record. `time` in units of 100 ns. Takes the log ring lock. */
void log_append(enum log_level level, uint64_t time, const char *text, size_t length);

/*
 * Copy whole records into `buf` of `size` bytes, from position *from on; a position that has been
 * overwritten, or is not the start of a record, moves up to the oldest record still there. On
 * return *from is where the first record copied stood and *next where the following one will.
 * Returns the bytes copied, 0 at the end.
 */
size_t log_read(uint64_t *from, uint64_t *next, void *buf, size_t size);

#endif

// SPDX-License-Identifier: Apache-2.0
/* Takes apart what BULKHEAD_PROPERTY_LOG returns (abi/hv/bulkhead.h). Pure; trusts no byte of it.
 */
#ifndef CLI_LOG_CHUNK_H
#define CLI_LOG_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_chunk {
	uint64_t position; /* of the next record to take */
	uint64_t next;     /* where to read on */
	uint64_t lost;     /* bytes between what was asked for and the first record */
	const uint8_t *records;
	size_t left; /* bytes of records not taken yet */
};

struct log_line {
	uint64_t position;
	uint64_t time_100ns;
	uint8_t level;
	const char *text; /* inside the value, not terminated */
	size_t length;
};

/*
 * Begin with the chunk in the `size` bytes at `value`, read for `position`. Returns false if it
 * contradicts itself. An empty chunk (the end of the log) has left == 0 and next == its start.
 */
bool log_chunk_open(struct log_chunk *chunk, const void *value, size_t size, uint64_t position);

/*
 * Take the next record. Returns 1 and fills *line, 0 at the end of the chunk, -1 if the record
 * contradicts the chunk.
 */
int log_chunk_next(struct log_chunk *chunk, struct log_line *line);

/* The level called `name` ("error", "warn", "info", "debug"); 0 if none is. */
uint8_t log_level_parse(const char *name);

/* The name of a level, of the next less important one for a level between two. */
const char *log_level_name(uint8_t level);

#endif

// SPDX-License-Identifier: Apache-2.0
#include "cli/log_chunk.h"

#include <string.h>

#include "abi/hv/bulkhead.h"

#define RECORD_ALIGN 8u

/* Levels of abi/hv/bulkhead.h, from the most important on. */
static const struct {
	uint8_t level;
	const char *name;
} levels[] = {{3, "error"}, {4, "warn"}, {6, "info"}, {7, "debug"}};

#define LEVEL_COUNT (sizeof(levels) / sizeof(levels[0]))

bool log_chunk_open(struct log_chunk *chunk, const void *value, size_t size, uint64_t position)
{
	struct bulkhead_log_chunk header;

	if (size < sizeof(header))
		return false;
	memcpy(&header, value, sizeof(header));
	if (header.size > size - sizeof(header) || header.size % RECORD_ALIGN != 0)
		return false;
	if (header.from < position || header.next < header.from ||
	    header.next - header.from != header.size)
		return false;
	*chunk = (struct log_chunk){
		.position = header.from,
		.next = header.next,
		.lost = header.from - position,
		.records = (const uint8_t *)value + sizeof(header),
		.left = header.size,
	};
	return true;
}

int log_chunk_next(struct log_chunk *chunk, struct log_line *line)
{
	struct bulkhead_log_record record;

	if (chunk->left == 0)
		return 0;
	if (chunk->left < sizeof(record))
		return -1;
	memcpy(&record, chunk->records, sizeof(record));
	if (record.size < sizeof(record) || record.size % RECORD_ALIGN != 0 ||
	    record.size > chunk->left || record.text_length > record.size - sizeof(record))
		return -1;
	*line = (struct log_line){
		.position = chunk->position,
		.time_100ns = record.time_100ns,
		.level = record.level,
		.text = (const char *)chunk->records + sizeof(record),
		.length = record.text_length,
	};
	chunk->records += record.size;
	chunk->position += record.size;
	chunk->left -= record.size;
	return 1;
}

uint8_t log_level_parse(const char *name)
{
	for (size_t i = 0; i < LEVEL_COUNT; i++)
		if (strcmp(levels[i].name, name) == 0)
			return levels[i].level;
	return 0;
}

const char *log_level_name(uint8_t level)
{
	for (size_t i = 0; i < LEVEL_COUNT; i++)
		if (level <= levels[i].level)
			return levels[i].name;
	return levels[LEVEL_COUNT - 1].name;
}

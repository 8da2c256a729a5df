// SPDX-License-Identifier: Apache-2.0
/*
 * A position counts the bytes ever appended, so it names a record for as long as the machine runs;
 * the ring keeps the newest LOG_RING_SIZE of them. Records begin at multiples of 8 and may wrap
 * around the end of the ring.
 */
#include "core/log.h"

#include "abi/hv/bulkhead.h"
#include "core/counter.h"
#include "core/spinlock.h"
#include "core/string.h"

#define RECORD_ALIGN 8u

/*
 * How often log_append() tries for the lock: far longer than any holder needs. Only a fault inside
 * the log itself gets there, and then a lost line is better than a processor that spins for ever.
 */
#define LOCK_TRIES (1u << 22)

_Static_assert((LOG_RING_SIZE & (LOG_RING_SIZE - 1)) == 0, "positions wrap by masking");

static struct spinlock log_lock; /* guards all that follows */
static uint8_t ring[LOG_RING_SIZE];
static uint64_t oldest; /* position of the first record still there */
static uint64_t end;    /* position of the next record to come */

COUNTER(dropped, "log.dropped");

static void ring_write(uint64_t position, const void *data, size_t size)
{
	size_t offset = position & (LOG_RING_SIZE - 1);
	size_t first = MIN(size, LOG_RING_SIZE - offset);

	memcpy(ring + offset, data, first);
	memcpy(ring, (const uint8_t *)data + first, size - first);
}

static void ring_read(uint64_t position, void *data, size_t size)
{
	size_t offset = position & (LOG_RING_SIZE - 1);
	size_t first = MIN(size, LOG_RING_SIZE - offset);

	memcpy(data, ring + offset, first);
	memcpy((uint8_t *)data + first, ring, size - first);
}

static uint64_t record_size(uint64_t position)
{
	struct bulkhead_log_record record;

	ring_read(position, &record, sizeof(record));
	return record.size;
}

/* True if a record starts at `position`, or it is the end. Bounded by the records in the ring. */
static bool is_boundary(uint64_t position)
{
	uint64_t p = end;

	if (position >= oldest && position < end)
		for (p = oldest; p < position; p += record_size(p))
			;
	return p == position;
}

static bool lock_with_bound(void)
{
	for (uint32_t i = 0; i < LOCK_TRIES; i++) {
		if (spin_trylock(&log_lock))
			return true;
		__builtin_ia32_pause();
	}
	return false;
}

void log_append(enum log_level level, uint64_t time, const char *text, size_t length)
{
	static const uint8_t zeros[RECORD_ALIGN];
	struct bulkhead_log_record record;
	size_t size;

	length = MIN(length, LOG_LINE_MAX);
	size = ALIGN_UP(sizeof(record) + length, RECORD_ALIGN);
	record = (struct bulkhead_log_record){
		.size = (uint16_t)size,
		.level = (uint8_t)level,
		.text_length = (uint32_t)length,
		.time_100ns = time,
	};

	if (!lock_with_bound()) {
		counter_inc(&dropped);
		return;
	}
	while (end + size - oldest > LOG_RING_SIZE)
		oldest += record_size(oldest);
	ring_write(end, &record, sizeof(record));
	ring_write(end + sizeof(record), text, length);
	ring_write(end + sizeof(record) + length, zeros, size - sizeof(record) - length);
	end += size;
	spin_unlock(&log_lock);
}

size_t log_read(uint64_t *from, uint64_t *next, void *buf, size_t size)
{
	uint64_t position = *from;
	size_t copied = 0;

	spin_lock(&log_lock);
	if (!is_boundary(position))
		position = oldest;
	*from = position;
	while (position < end) {
		uint64_t record = record_size(position);

		if (record > size - copied)
			break;
		ring_read(position, (uint8_t *)buf + copied, record);
		copied += record;
		position += record;
	}
	*next = position;
	spin_unlock(&log_lock);
	return copied;
}

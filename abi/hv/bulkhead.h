// SPDX-License-Identifier: Apache-2.0
/*
 * What Bulkhead adds to the Hyper-V interface: partition properties of its own, read by the root
 * partition with HVCALL_GET_PARTITION_PROPERTY_EX on itself, or on a child. Source:
 * docs/hypercalls.md.
 */
#ifndef ABI_HV_BULKHEAD_H
#define ABI_HV_BULKHEAD_H

#include <stddef.h>
#include <stdint.h>

#define BULKHEAD_PROPERTY_LOG       UINT32_C(0x80000002)
#define BULKHEAD_PROPERTY_COUNTERS  UINT32_C(0x80000003)
#define BULKHEAD_PROPERTY_INTEGRITY UINT32_C(0x80000004)

/*
 * The log. Argument: a position, 0 for the oldest record. The value is a chunk of whole records, as
 * many as fit into the output page. Reading goes on at `next`; `size` 0 means that nothing newer is
 * there yet. `from` differs from the argument where records have been overwritten meanwhile: from -
 * argument bytes are lost.
 */
struct bulkhead_log_chunk {
	uint64_t from; /* position of the first record */
	uint64_t next; /* position behind the last record */
	uint32_t size; /* bytes of records that follow this header */
	uint32_t reserved;
};

_Static_assert(sizeof(struct bulkhead_log_chunk) == 24, "bulkhead_log_chunk");
_Static_assert(offsetof(struct bulkhead_log_chunk, next) == 8, "bulkhead_log_chunk");
_Static_assert(offsetof(struct bulkhead_log_chunk, size) == 16, "bulkhead_log_chunk");

/* A record; the text has no terminator, zeros fill it up to a multiple of 8 bytes. */
struct bulkhead_log_record {
	uint16_t size; /* of header and text, rounded up to a multiple of 8 */
	uint8_t level; /* 3 error, 4 warning, 6 information, 7 debug */
	uint8_t reserved;
	uint32_t text_length; /* bytes */
	uint64_t time_100ns;  /* since the hypervisor started */
	char text[];
};

_Static_assert(sizeof(struct bulkhead_log_record) == 16, "bulkhead_log_record");
_Static_assert(offsetof(struct bulkhead_log_record, level) == 2, "bulkhead_log_record");
_Static_assert(offsetof(struct bulkhead_log_record, text_length) == 4, "bulkhead_log_record");
_Static_assert(offsetof(struct bulkhead_log_record, time_100ns) == 8, "bulkhead_log_record");
_Static_assert(offsetof(struct bulkhead_log_record, text) == 16, "bulkhead_log_record");

/*
 * The counters: the machine's, or read on a child those of that child (exit.REASON,
 * hypercall.NAME). Argument: the index of the first one wanted. The value is a header and as many
 * counters as fit into the output page; `count` 0 means that there are none from that index on.
 */
struct bulkhead_counters {
	uint32_t total; /* counters there are */
	uint32_t count; /* counters that follow this header */
};

_Static_assert(sizeof(struct bulkhead_counters) == 8, "bulkhead_counters");

#define BULKHEAD_COUNTER_NAME_SIZE 56

struct bulkhead_counter {
	uint64_t value;
	char name[BULKHEAD_COUNTER_NAME_SIZE]; /* terminated */
};

_Static_assert(sizeof(struct bulkhead_counter) == 64, "bulkhead_counter");
_Static_assert(offsetof(struct bulkhead_counter, name) == 8, "bulkhead_counter");

/*
 * What the hypervisor finds when it checks itself, now. The argument is ignored. A statement that
 * does not hold is an error of the hypervisor's or of the machine's.
 */
#define BULKHEAD_INTEGRITY_VERSION    1
#define BULKHEAD_INTEGRITY_FIRST_SIZE 64

struct bulkhead_integrity {
	uint32_t version; /* BULKHEAD_INTEGRITY_VERSION */
	uint32_t reserved;
	uint64_t checksum;   /* of what must not change once the root runs */
	uint64_t sealed;     /* the same, when the root started */
	uint64_t checked;    /* statements looked at */
	uint64_t violations; /* those that did not hold */
	uint64_t place;      /* the address, index or number that the first of them is about */
	char first[BULKHEAD_INTEGRITY_FIRST_SIZE]; /* the first of them, terminated; or empty */
};

_Static_assert(sizeof(struct bulkhead_integrity) == 112, "bulkhead_integrity");
_Static_assert(offsetof(struct bulkhead_integrity, checksum) == 8, "bulkhead_integrity");
_Static_assert(offsetof(struct bulkhead_integrity, sealed) == 16, "bulkhead_integrity");
_Static_assert(offsetof(struct bulkhead_integrity, checked) == 24, "bulkhead_integrity");
_Static_assert(offsetof(struct bulkhead_integrity, violations) == 32, "bulkhead_integrity");
_Static_assert(offsetof(struct bulkhead_integrity, place) == 40, "bulkhead_integrity");
_Static_assert(offsetof(struct bulkhead_integrity, first) == 48, "bulkhead_integrity");

#endif

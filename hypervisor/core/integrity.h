// SPDX-License-Identifier: Apache-2.0
/*
 * The hypervisor looks at itself: statements of what always holds, and a checksum over what never
 * changes once the root runs. Each room checks its own (partition/integrity.h runs them); a
 * statement that does not hold is told, and nothing is repaired.
 */
#ifndef CORE_INTEGRITY_H
#define CORE_INTEGRITY_H

#include "core/spinlock.h"
#include "core/types.h"

struct integrity {
	uint64_t checksum;   /* of all integrity_sum() so far */
	uint64_t checked;    /* statements looked at */
	uint64_t violations; /* those that did not hold */
	const char *first;   /* the first of them, NULL while there is none */
	uint64_t place;      /* the address, index or number that it is about */
};

/*
 * Look at one statement: `holds` or not, `what` in words of at most 63 bytes, and about which
 * `place`. Returns `holds`, for a caller that cannot go on without.
 */
static inline bool integrity_expect(struct integrity *i, bool holds, const char *what,
				    uint64_t place)
{
	i->checked++;
	if (__builtin_expect(holds, 1))
		return true;
	if (i->violations++ == 0) {
		i->first = what;
		i->place = place;
	}
	return false;
}

/*
 * Take `lock`, waiting no longer than any holder keeps it: the statement `what` is that this
 * suffices. Returns false if it did not.
 */
bool integrity_lock(struct integrity *i, struct spinlock *lock, const char *what);

/* Add a word, or `size` bytes (a multiple of 8) at the aligned `data`, to the checksum. */
void integrity_sum_word(struct integrity *i, uint64_t word);
void integrity_sum(struct integrity *i, const void *data, size_t size);

#endif

// SPDX-License-Identifier: Apache-2.0
#include "core/integrity.h"

/* Attempts at a lock that is taken: a second or so, far longer than any holder needs. */
#define LOCK_ATTEMPTS 10000000u

/* An odd number without a pattern: each step multiplies by it and folds the high half down. */
#define MULTIPLIER 0x9e3779b97f4a7c15UL

bool integrity_lock(struct integrity *i, struct spinlock *lock, const char *what)
{
	bool taken = false;

	for (uint32_t n = 0; n < LOCK_ATTEMPTS && !taken; n++) {
		taken = spin_trylock(lock);
		if (!taken)
			__builtin_ia32_pause();
	}
	return integrity_expect(i, taken, what, 0);
}

void integrity_sum_word(struct integrity *i, uint64_t word)
{
	uint64_t sum = (i->checksum ^ word) * MULTIPLIER;

	i->checksum = sum ^ sum >> 32;
}

void integrity_sum(struct integrity *i, const void *data, size_t size)
{
	const uint64_t *word = data;

	for (size_t n = 0; n < size / sizeof(*word); n++)
		integrity_sum_word(i, word[n]);
}

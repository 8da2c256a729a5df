// SPDX-License-Identifier: Apache-2.0
/*
 * Spin locks, fair by ticket, and the one place that ranks them.
 *
 * Lock order, outermost first. A holder of a lock takes only locks below it:
 *   partition->lock   a partition's properties, VPs and GPA space; a parent's before its child's
 *   stats lock        which statistics pages are mapped
 *   ports lock        every partition's ports and connections
 *   timer lock        a processor's: the VPs whose timers it watches
 *   synic->lock       a VP's SynIC: registers, and what is queued for it. A child's before
 *   child.lock        of a child's VP: who owns it, whether it is blocked. Inside it
 *   synic->lock       of the root's VP that is told
 *   pool->lock        a partition's page pool
 *   tree lock         which partitions there are (partition/partition.c); inside it nothing
 *   log ring lock     inside printk(), below everything; the mirror lock after it, never both
 * The hypervisor runs with interrupts off throughout, so a lock holder is never preempted.
 */
#ifndef CORE_SPINLOCK_H
#define CORE_SPINLOCK_H

#include "core/types.h"

struct spinlock {
	uint32_t next;
	uint32_t serving;
};

static inline void spin_lock(struct spinlock *lock)
{
	uint32_t ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&lock->serving, __ATOMIC_ACQUIRE) != ticket)
		__builtin_ia32_pause();
}

/* Take the lock if it is free. Returns true if it was taken. */
static inline bool spin_trylock(struct spinlock *lock)
{
	uint32_t serving = __atomic_load_n(&lock->serving, __ATOMIC_ACQUIRE);
	uint32_t expected = serving;

	return __atomic_compare_exchange_n(&lock->next, &expected, serving + 1, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void spin_unlock(struct spinlock *lock)
{
	__atomic_store_n(&lock->serving, lock->serving + 1, __ATOMIC_RELEASE);
}

#endif

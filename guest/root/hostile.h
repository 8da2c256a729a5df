// SPDX-License-Identifier: Apache-2.0
/* Hypercalls of any kind, made up from a seed: for tests of what none of them may do. */
#ifndef GUEST_HOSTILE_H
#define GUEST_HOSTILE_H

/* Memory below 64 KiB that the second processor keeps changing, once it runs racer_code16. */
#define RACE_ARENA 0x8000
#define RACE_PAGES 4

#ifndef __ASSEMBLER__

#include "lib/hypercall.h"

/* Codes that are tried are below this; those of the extended calls, and a few others, are too. */
#define HOSTILE_CODES 0x300u

/* One call. */
struct hostile_call {
	uint16_t code;
	bool narrow; /* made by 32-bit code */
	struct hypercall_regs regs;
};

/*
 * Where parameters may be: `arena` is memory of ours that calls read and write, `count` pages from
 * there on; `closed` are the pages that we do not have (any more).
 */
struct hostile_places {
	uint64_t arena;
	unsigned int arena_pages;
	const uint64_t *closed;
	unsigned int closed_count;
};

/* Begin a sequence of random numbers, and so of calls; the same seed gives the same. */
void hostile_begin(uint64_t seed);

/* The next number, and one below `bound` (> 0). */
uint64_t hostile_random(void);
uint64_t hostile_below(uint64_t bound);

/* True if calls of `code` do by design what a test cannot let happen at random: see hostile.c. */
bool hostile_acts(uint16_t code);

/* From here on calls may be about partition `id`, too (HOSTILE_KNOWN ids at most). */
#define HOSTILE_KNOWN 4u
void hostile_know(uint64_t id);

/* A code of none of the calls that act; half of the time one that is served. */
uint16_t hostile_code(void);

/*
 * Make up a call of `code` and fill its input, mostly with what makes sense where the code is
 * served.
 */
void hostile_make(struct hostile_call *call, uint16_t code, const struct hostile_places *places);

/*
 * Make the call and check its answer: #UD, or a status that exists and registers as they were.
 * Returns whether it was so. What became of the calls of each code is counted.
 */
bool hostile_try(const struct hostile_call *call);
struct hostile_tally {
	uint32_t calls, undefined, refused, handled, succeeded;
};
extern struct hostile_tally hostile_tally[HOSTILE_CODES];

/* A failed call, as a line of information. */
void hostile_note(uint64_t number, const struct hostile_call *call);

/*
 * Let messages and events come in, so that they can be sent; half of the sources without
 * interrupts, the others masked. And close, and give back all that random calls have left of
 * statistics pages and deposits.
 */
void hostile_open(void);
void hostile_close(void);

/* Take the messages that have come and those that wait behind them, so that there is room again. */
void hostile_take_messages(void);

/* What the second processor does to RACE_ARENA: flip a bit of each word, over and over. */
extern const char racer_code16[], racer_code16_end[];

#endif
#endif

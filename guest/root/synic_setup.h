// SPDX-License-Identifier: Apache-2.0
/* The SynIC of this processor as tests use it: one source, its slot, and interrupts taken. */
#ifndef GUEST_ROOT_SYNIC_SETUP_H
#define GUEST_ROOT_SYNIC_SETUP_H

#include "abi/hv/synic.h"
#include "core/types.h"

/* The source of these tests and its vector. */
#define SYNIC_TEST_SINT   3u
#define SYNIC_TEST_VECTOR 0x71u

/*
 * Enable the SynIC and its pages, with SYNIC_TEST_SINT unmasked and `flags` (HV_SYNIC_SINT_) in it;
 * its interrupts are counted. Or everything off and empty again.
 */
void synic_on(uint64_t flags);
void synic_off(void);

/* Where the slot and the event flags of `sint` are. */
volatile struct hv_message *synic_slot(unsigned int sint);
volatile uint8_t *synic_flags(unsigned int sint);

/* Empty the slot of SYNIC_TEST_SINT as a driver does, with an EOM if more is pending. */
void synic_consume(void);

/* Count interrupts of `vector` from now on, each ended by EOI; or take what is left, and no more.
 */
void interrupts_count(unsigned int vector);
void interrupts_ignore(unsigned int vector);

/* How many have come. */
unsigned int interrupts_of(unsigned int vector);

/* The reference time at which the last one came. */
uint64_t interrupts_last(unsigned int vector);

/*
 * Take interrupts until `count` of `vector` have come in all, or two seconds have passed. Returns
 * whether they came.
 */
bool interrupts_wait(unsigned int vector, unsigned int count);

/* Take interrupts for `time` (units of 100 ns). */
void interrupts_pass(uint64_t time);

#endif

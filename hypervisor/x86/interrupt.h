// SPDX-License-Identifier: Apache-2.0
/*
 * The interrupts of this processor. All of them are the hypervisor's: it takes them, and passes on
 * to the root's VP what devices sent. Two vectors are its own, both of those that Linux keeps free
 * for a hypervisor.
 */
#ifndef X86_INTERRUPT_H
#define X86_INTERRUPT_H

#include "core/types.h"

struct lp;

/* "Look at what is asked of you": a kick from another processor, or the timer. */
#define INTERRUPT_VECTOR          0xd2u
#define INTERRUPT_VECTOR_SPURIOUS 0x2fu

/* Bring this processor's APIC under the hypervisor. */
void interrupt_setup(void);

/*
 * True if INTERRUPT_VECTOR does not get through to `lp`: a level-triggered interrupt is in service
 * there that has its priority or a higher one. Then its timer waits, and kicks are non-maskable.
 */
bool interrupt_held_back(const struct lp *lp);

/* Let in what is pending on this processor, which is `lp`. The VP is not running. */
void interrupt_take(struct lp *lp);

/* Wait for an interrupt, unless lp->wake is set; where an 8259 may interrupt, or the hypervisor's
 * own is held back, just let them in. */
void interrupt_wait(struct lp *lp);

/* Let INTERRUPT_VECTOR come at reference time `deadline` or a little later; UINT64_MAX: not. */
void interrupt_set_timer(struct lp *lp, uint64_t deadline);

/* From the entry points: an interrupt of vector `number` has arrived. */
void interrupt_handle(uint64_t number);

/* The root has ended what level-triggered `vector` began. */
void interrupt_level_ended(struct lp *lp, uint8_t vector);

#endif

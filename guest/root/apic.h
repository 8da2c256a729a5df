// SPDX-License-Identifier: Apache-2.0
/* What the tests of the virtual APIC use. */
#ifndef GUEST_APIC_H
#define GUEST_APIC_H

#include "core/types.h"
#include "lib/trap.h"
#include "x86/lapic.h"

#define APIC_PAGE    0xfee00000UL
#define SVR_ENABLE   0x100u
#define SVR_SPURIOUS 0xffu

/* What handlers saw since apic_ready(). */
struct apic_seen {
	volatile unsigned int count;
	volatile unsigned int
		order; /* hexadecimal digits: the classes of the vectors, as they came */
	volatile uint64_t rip;
	volatile uint64_t time; /* reference time of the last */
	volatile bool granted;  /* the last one needed no EOI */
};
extern struct apic_seen apic_seen;

/* The APIC in the mode that it is in, as new: switched off and on, then enabled by software. */
void apic_ready(void);

/* The same in the mode wanted. Returns false if the machine does not have it. */
bool apic_use(bool x2apic);

/* Count an interrupt, and end it as a kernel does: without the register if it may. */
void apic_count(struct trap_frame *frame);

/* Interrupts to oneself, and whether a vector waits or is in service. */
void apic_send_self(uint32_t vector);
bool apic_requested(uint32_t vector);
bool apic_in_service(uint32_t vector);

/*
 * COM1's line: route it to this processor by the low half of an I/O APIC entry; let it rise, the
 * UART asking to be written to, until somebody reads why or it may not ask; let it fall.
 */
#define APIC_RTE_MASKED 0x10000u
#define APIC_RTE_LEVEL  0x8000u
void apic_route_line(uint32_t entry);
void apic_raise_line(void);
void apic_lower_line(void);

/* Let in what waits, and shut the door again. */
static inline void apic_open(void)
{
	__asm__ volatile("sti; nop; nop; cli" : : : "memory");
}

static inline uint64_t read_cr8(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr8, %0" : "=r"(v));
	return v;
}

static inline void write_cr8(uint64_t v)
{
	__asm__ volatile("mov %0, %%cr8" : : "r"(v) : "memory");
}

#endif

// SPDX-License-Identifier: Apache-2.0
/*
 * Exits of a child's VP. Each function returns true if the VP's parent has to act: its message page
 * says on what, and the VP stands at the instruction. Otherwise the VP can go on. The VP is owned
 * by this processor (scheduler/scheduler.h).
 */
#ifndef INTERCEPT_CHILD_H
#define INTERCEPT_CHILD_H

#include "core/types.h"

struct hv_x64_intercept_message_header;
struct vp;

/* An I/O instruction. */
struct child_io {
	uint16_t port;
	uint8_t size;   /* bytes: 1, 2 or 4 */
	uint8_t length; /* of the instruction, bytes */
	bool in, string, rep;
};

bool child_io_port(struct vp *vp, const struct child_io *io);

/* A nested page fault at `gpa`; `access`: HV_INTERCEPT_ACCESS_. */
bool child_memory(struct vp *vp, gpa_t gpa, unsigned int access);

bool child_cpuid(struct vp *vp);
bool child_msr(struct vp *vp, bool write);

/* The MSRs themselves. Return false where #GP(0) is due, or there is no such register. */
bool child_read_msr(struct vp *vp, uint32_t msr, uint64_t *value);
bool child_write_msr(struct vp *vp, uint32_t msr, uint64_t value);

bool child_hypercall(struct vp *vp);

/* HLT: it waits for an interrupt. Without an APIC its parent has to know. */
bool child_halt(struct vp *vp);

/* XSETBV, which the processor has checked the privilege of. */
void child_xsetbv(struct vp *vp);

/* It shut down (triple fault); the processor refuses its register state. */
bool child_unrecoverable(struct vp *vp);
bool child_invalid_state(struct vp *vp);

/*
 * The VP is about to be entered: does its parent wait for that, because something can be delivered
 * now, or a level-triggered interrupt has ended?
 */
bool child_before_entry(struct vp *vp);

/*
 * Begin a message of `type` with `size` bytes of payload and the header that most of them have.
 * `length`: of the instruction, or 0; `access`: HV_INTERCEPT_ACCESS_. Returns the payload, all zero
 * but for the header; a parent that has mapped no message page does not get to see it.
 */
void *child_message(struct vp *vp, uint32_t type, size_t size, unsigned int length,
		    unsigned int access);

/* What CPUID says to a child's VP with `xcr0`, which can be any, before its parent's own results.
 */
struct cpuid_regs;
void child_cpuid_leaf(const struct vp *vp, uint32_t leaf, uint32_t subleaf, uint64_t xcr0,
		      struct cpuid_regs *r);

#endif

// SPDX-License-Identifier: Apache-2.0
/*
 * The guest page-table walker: from an address as the guest's code says it to a guest physical one,
 * with the checks and the error codes of the processor (AMD64 APM volume 2, chapter 5; Intel SDM
 * volume 3, chapter 4). The walker reads tables through partition/gpa_space.h, every entry once.
 *
 * Not done here: segmentation, shadow stacks, supervisor protection keys.
 */
#ifndef X86_WALK_H
#define X86_WALK_H

#include "partition/gpa_space.h"

/* Levels of the deepest tables there are. */
#define WALK_LEVELS_MAX 5u

/* Page fault error code (APM volume 2, 8.4.2). */
#define FAULT_PRESENT  0x01u
#define FAULT_WRITE    0x02u
#define FAULT_USER     0x04u
#define FAULT_RESERVED 0x08u
#define FAULT_FETCH    0x10u
#define FAULT_KEY      0x20u

/* What a translation depends on beside the tables. */
struct walk_state {
	uint64_t cr0, cr3, cr4, efer, rflags;
	uint32_t pkru;         /* used with CR4.PKE only */
	uint8_t cpl;           /* 0 to 3 */
	uint8_t physical_bits; /* of the guest's physical addresses: 32 to 52 */
	bool gigabyte_pages;   /* CPUID 0x80000001 EDX bit 26 as the guest sees it */
};

/* The access to check. None of them: a read of data at the state's privilege level. */
#define WALK_WRITE    0x01u
#define WALK_FETCH    0x02u
#define WALK_IMPLICIT 0x04u /* the processor's own, at level 0: descriptor tables, task state */
#define WALK_ANY      0x08u /* check no rights, only that the way is there and well-formed */
#define WALK_SET_BITS 0x10u /* set accessed and, for a write, dirty bits as the processor would */

enum walk_status {
	WALK_OK,
	WALK_FAULT,     /* a page fault with `error` */
	WALK_CANONICAL, /* the address is not canonical: no page fault but #GP or #SS */
	WALK_NO_TABLE,  /* the entry at `gpa` is in no memory, or in none to set its bits in */
	WALK_BUSY,      /* entries changed again and again while their bits were to be set */
};

/* An entry that was read on the way. */
struct walk_step {
	gpa_t gpa;
	uint64_t value;
};

struct walk_result {
	gpa_t gpa;          /* WALK_OK: where the address points; WALK_NO_TABLE: the entry */
	uint64_t page_size; /* WALK_OK: 4 KiB to 1 GiB; without paging 4 KiB */
	uint32_t error;     /* WALK_FAULT: FAULT_... */
	uint8_t entry_size; /* bytes: 4 or 8 */
	uint8_t depth;      /* steps taken; 0 without paging */
	struct walk_step step[WALK_LEVELS_MAX];
};

/*
 * Translate the linear address `address`, cut to 32 bits outside of long mode, for one access of
 * kind `access` (WALK_... bits) that does not cross a page. Returns what enum walk_status says; the
 * tables are changed with WALK_SET_BITS and WALK_OK only. No locks needed.
 */
enum walk_status walk(struct gpa_space *space, const struct walk_state *state, uint64_t address,
		      unsigned int access, struct walk_result *result);

#endif

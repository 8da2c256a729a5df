// SPDX-License-Identifier: Apache-2.0
/*
 * A machine made of an array: what the arch-neutral rooms ask of x86/, answered so that a test can
 * set it up, look at it and make it fail. One root partition with one VP; its space is one to one,
 * as the real one's. Children have real nested page tables, in its memory.
 */
#ifndef TESTS_HOSTED_FAKE_H
#define TESTS_HOSTED_FAKE_H

#include <setjmp.h>

#include "abi/hv/status.h"
#include "core/types.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "scheduler/scheduler.h"

/* Memory: FAKE_PAGES pages from SPA 0 on; the space ends at FAKE_LIMIT, with nothing in between. */
#define FAKE_PAGES 1024u
#define FAKE_SIZE  ((uint64_t)FAKE_PAGES * PAGE_SIZE)
#define FAKE_LIMIT (1ULL << 40)

/* Pages with a part of their own; tests may use all others. */
#define FAKE_INPUT  (1 * PAGE_SIZE)
#define FAKE_OUTPUT (2 * PAGE_SIZE)
#define FAKE_SIMP   (4 * PAGE_SIZE)
#define FAKE_SIEFP  (5 * PAGE_SIZE)
#define FAKE_SIRBP  (6 * PAGE_SIZE)
#define FAKE_FREE   16u /* the first page that nothing here uses */

/* The vector that the hypervisor has taken for itself. */
#define FAKE_TAKEN_VECTOR 0xd2u

/* What the root may do: the privileges of abi/hv/cpuid.h that it has. */
extern const uint64_t fake_root_privileges;

struct fake_page {
	uint8_t access; /* enum gpa_access bits */
	bool memory;    /* ordinary memory of the partition */
	bool revoked;
};

struct fake {
	struct partition root;
	struct vp vp;
	struct fake_page page[FAKE_PAGES];
	uint32_t
		revokes_before_failure; /* gpa_revoke_page fails after so many; UINT32_MAX: never */

	/* The VP's mode, and what was done to it. */
	unsigned int cpl;
	bool protected_mode;
	bool long_mode;
	uint8_t xmm[6][16];
	unsigned int advanced;        /* bytes, since fake_reset() or the last call */
	unsigned int raised;          /* vector, or 0 */
	unsigned int interrupts[256]; /* times each vector was raised in any VP's APIC */
	struct vp *interrupted;       /* the last VP that was */
	uint64_t interrupted_vps[PARTITION_MAX_VPS / 64]; /* ... and all of them, by index */
	unsigned int timer_changes;                       /* calls of vp_timer_changed() */

	/* The machine. */
	struct page_pool reserve;  /* the hypervisor's own; its pages are those of `piece` */
	uint64_t piece, piece_end; /* what machine_owns(); empty */
	uint64_t image;            /* what machine_check() sums up */
	bool machine_broken;       /* ... and whether it finds something */
	uint32_t lp_count;         /* LPs 0..lp_count-1 are known; the next can be added */
	bool unsynced;             /* a page was taken away, and no gpa_sync() since */
	unsigned int syncs;        /* calls of gpa_sync() */
	enum hv_status create_vp;  /* what root_create_vp() answers, and what it was asked */
	uint32_t created_vp, created_on;
	uint64_t reference_time;
	uint32_t apic_id[PARTITION_MAX_VPS]; /* of the processor of root VP i */
	uint32_t processors;                 /* VPs 0..processors-1 have one */
	uint32_t sleep_states;               /* bit n: state n was described */
	uint8_t slp_typa, slp_typb;
	uint32_t slept; /* the state entered */
	jmp_buf power_off;
	enum vp_outcome outcome; /* of running a child's VP */
	unsigned int wakes, vp_syncs;
	void (*woken)(void); /* what the processor does that machine_wake_lp() wakes, or NULL */

	unsigned int rounds; /* executions of the instruction that the last call took */
	char log[256];       /* the last line of printk() */
};

extern struct fake fake;
extern uint8_t fake_memory[FAKE_SIZE];

/* End the program: what is tested has asked for something that it must not, which is said. */
void fake_die(const char *fmt, ...) __noreturn __printf(1, 2);

/* The machine as new: memory zero and all the root's, pools empty, VP in 64-bit kernel mode. */
void fake_reset(void);
/* The same, but memory keeps what is in it. */
void fake_reset_machine(void);

/* Give the root `count` pages from page number `first` on as deposits, without a call. */
void fake_deposit(uint64_t first, uint32_t count);

/* The same for any partition's pool. */
void fake_deposit_to(struct partition *p, uint64_t first, uint32_t count);

/* Give the child `p` VP `index`, a page of its pool. It is dispatched while its `lp` is not NULL.
 */
struct vp *fake_child_vp(struct partition *p, uint32_t index);

/*
 * Execute one hypercall in the 64-bit register convention until the VP is past the instruction or
 * has an exception. Returns RAX. Fails the program if anything but RAX, RCX of a continued call,
 * RDX, R8 and XMM registers has changed.
 */
uint64_t fake_hypercall(uint64_t control, uint64_t input, uint64_t output);

/* The same, input copied to FAKE_INPUT and output to FAKE_OUTPUT. */
uint64_t fake_call(uint64_t control, const void *input, size_t size);

/* The output of the last fake_call. */
void *fake_output(void);

/* Control word of `code` with `reps` elements. */
static inline uint64_t control_rep(uint16_t code, uint32_t reps)
{
	return code | (uint64_t)reps << 32;
}

static inline unsigned int result_status(uint64_t result)
{
	return result & 0xFFFF;
}

static inline unsigned int result_reps(uint64_t result)
{
	return (unsigned int)(result >> 32 & 0xFFF);
}

/* Everything a refused call must leave alone: memory but the output page, pages, pools. */
struct fake_snapshot {
	uint8_t memory[FAKE_SIZE];
	struct fake_page page[FAKE_PAGES];
	uint64_t free_count;
	uint64_t used_count;
};

void fake_snapshot_take(struct fake_snapshot *snapshot);
/* True if nothing has changed since. */
bool fake_snapshot_same(const struct fake_snapshot *snapshot);

#endif

// SPDX-License-Identifier: Apache-2.0
/*
 * Children that the test kernel runs itself. In 64-bit mode a child executes functions of this very
 * image: it is mapped into the child where it is here, with our page tables, descriptor tables and
 * exception handlers, so that a test reads what its child has written. A child in the other modes
 * has memory of its own from address 0 on.
 *
 * While a child runs its root is in a hypercall: handlers serve both, and each has fault_call() for
 * itself. An exception that a child's code does not expect is an attempt to say so on COM1.
 */
#ifndef GUEST_CHILD_H
#define GUEST_CHILD_H

#include "abi/hv/intercept.h"
#include "abi/hv/synic.h"
#include "abi/hv/vp.h"
#include "core/types.h"
#include "root/child_code.h"

#define CHILD_VPS 2u

/* Our pages by their index: what we deposit to ourselves, a child's pool, a child's own memory. */
#define CHILD_SELF       0u
#define CHILD_SELF_PAGES (1u + CHILD_VPS)
#define CHILD_POOL       8u
#define CHILD_POOL_PAGES 96u
#define CHILD_MEMORY     256u
#define CHILD_PAGES      64u /* from address 0 of its own on */

/* A second child beside the first has pages this much further on. */
#define CHILD_SECOND 128u

/* A place where nothing is mapped, and one of ours that a child has to itself. */
#define CHILD_HOLE 0x70000000UL

/* Where a child without paging begins, and where its stack does. */
#define CHILD_CODE  0x1000u
#define CHILD_STACK 0x8000u

/* The port that says that a child's code has ended: what functions return to. */
#define CHILD_DONE CHILD_DONE_PORT

struct child_vp {
	volatile struct hv_message *message;
	struct hv_vp_register_page *page;
	volatile uint64_t *stats;
	bool intercepted; /* its last dispatch ended with a message */
};

struct child {
	uint64_t id;
	unsigned int first; /* what is added to the indices above */
	struct child_vp vp[CHILD_VPS];
	uint64_t fault_context; /* of the code that it executes (lib/trap_entry.S) */
};

/* How a dispatch ended. */
enum child_stop {
	CHILD_READY,     /* it could go on: only if something interrupts us all the time */
	CHILD_BLOCKED,   /* it waits */
	CHILD_SUSPENDED, /* it is suspended */
	CHILD_MESSAGE,   /* its message page says what is to be done */
	CHILD_REFUSED,   /* not dispatched at all */
};

/* Create a child with the synthetic features `features` (HV_SYNTHETIC_), initialized, no VPs; and
 * with those of `privileges` (HV_PARTITION_PRIVILEGE_MASK) that we can give. */
void child_create(struct child *c, uint64_t features);
void child_create_with(struct child *c, uint64_t features, uint64_t privileges);
#define CHILD_FEATURES                                                                           \
	(HV_SYNTHETIC_HYPERVISOR_PRESENT | HV_SYNTHETIC_HV1 |                                    \
	 HV_SYNTHETIC_ACCESS_VP_RUN_TIME_REG | HV_SYNTHETIC_ACCESS_PARTITION_REFERENCE_COUNTER | \
	 HV_SYNTHETIC_ACCESS_SYNIC_REGS | HV_SYNTHETIC_ACCESS_SYNTHETIC_TIMER_REGS |             \
	 HV_SYNTHETIC_ACCESS_INTR_CTRL_REGS | HV_SYNTHETIC_ACCESS_HYPERCALL_REGS |               \
	 HV_SYNTHETIC_ACCESS_VP_INDEX | HV_SYNTHETIC_ACCESS_PARTITION_REFERENCE_TSC |            \
	 HV_SYNTHETIC_ACCESS_GUEST_IDLE_REG | HV_SYNTHETIC_ACCESS_FREQUENCY_REGS |               \
	 HV_SYNTHETIC_DIRECT_SYNTHETIC_TIMERS | HV_SYNTHETIC_EXTENDED_PROCESSOR_MASKS |          \
	 HV_SYNTHETIC_TB_FLUSH_HYPERCALLS | HV_SYNTHETIC_SYNTHETIC_CLUSTER_IPI |                 \
	 HV_SYNTHETIC_NOTIFY_LONG_SPIN_WAIT)

/* What such a child is created with, as one of the steps by which a test creates its own. */
#define CHILD_FLAGS                                                                            \
	(HV_PARTITION_CREATION_FLAG_EXO_PARTITION | HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED | \
	 HV_PARTITION_CREATION_FLAG_INTERCEPT_MESSAGE_PAGE_ENABLED |                           \
	 HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE)

/* Others: its pool's pages are deposited; or come back, in any order, each of them empty. */
void child_deposit(const struct child *c);
void child_withdraw(const struct child *c);

/* End it, and check that every page comes back, wiped. */
void child_end(struct child *c);

/* Give it VP `index` with its state pages and statistics page, suspended as it is made. */
void child_add_vp(struct child *c, uint32_t index);

/* Map this image into it, where it is here. */
void child_share_image(struct child *c);

/* Map `count` of our pages from machine_page(first) on at page number `base`; `flags`:
 * HV_MAP_GPA_. Returns the result. */
uint64_t child_map(const struct child *c, uint64_t base, uint32_t flags, unsigned int first,
		   uint32_t count);

/* Let VP `index` begin at `fn` in 64-bit mode, as this code runs: level 0, interrupts disabled. */
void child_enter(struct child *c, uint32_t index, void (*fn)(void));

/* All of that: a child whose VP 0 is about to execute `fn`. */
void child_start(struct child *c, void (*fn)(void));

/*
 * A child with memory of its own whose VP 0 is about to execute the code from `code` to `end`, a
 * copy of which is at CHILD_CODE; in real mode, or 32-bit protected mode with flat segments.
 */
void child_start_real(struct child *c, const char *code, const char *end);
void child_start_flat(struct child *c, const char *code, const char *end);

/* A page of the memory of such a child. */
void *child_memory(const struct child *c, unsigned int page);

/* Dispatch VP `index` until it is blocked or has a message; interrupts of ours are taken meanwhile.
 */
enum child_stop child_run(struct child *c, uint32_t index);

/* Dispatch it once with `flags`; *state and *event: as they came. Returns the result. */
uint64_t child_dispatch(struct child *c, uint32_t index, uint32_t flags, uint32_t *state,
			uint32_t *event);

/* The same where hypercall_in has the input of the call. */
uint64_t child_dispatch_prepared(struct child *c, uint32_t *state, uint32_t *event);

/* Run it, and check that it ends with a message of `type`. Returns the payload, or NULL. */
volatile void *child_expect(struct child *c, uint32_t index, uint32_t type);

/*
 * Run VP 0 to an access (HV_INTERCEPT_ACCESS_) to memory at `gpa` by the instruction at `code`, and
 * check what is said of it. Returns the message, or NULL.
 */
volatile struct hv_x64_memory_intercept_message *child_expect_memory(struct child *c, uint32_t type,
								     const char *code,
								     unsigned int access,
								     uint64_t gpa);

/* True if the `count` bytes are those at `code`. */
bool child_same_bytes(const volatile uint8_t *bytes, unsigned int count, const char *code);

/* Run it, and check that its code ends. */
bool child_finish(struct child *c);

/* Let it go on behind the instruction of its last message, `rax` in RAX. */
void child_resume(struct child *c, uint32_t index, uint64_t rax);

/* Registers by name. Set returns the result, get checks it. */
uint64_t child_set(const struct child *c, uint32_t index, uint32_t name, uint64_t value);
uint64_t child_set_wide(const struct child *c, uint32_t index, uint32_t name,
			const union hv_register_value *value);
union hv_register_value child_get(const struct child *c, uint32_t index, uint32_t name);
uint64_t child_try_get(const struct child *c, uint32_t index, uint32_t name,
		       union hv_register_value *value);

/* Properties, intercepts, interrupts: each returns the result. */
uint64_t child_set_property(const struct child *c, uint32_t code, uint64_t value);
uint64_t child_intercept(const struct child *c, uint32_t type, uint32_t access);
uint64_t child_assert(const struct child *c, uint32_t type, uint32_t control, uint64_t destination,
		      uint32_t vector);

/* A call that takes one or two words in registers. */
uint64_t child_call(uint16_t code, uint64_t first, uint64_t second);

#endif

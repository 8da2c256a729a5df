// SPDX-License-Identifier: Apache-2.0
/*
 * Hypercalls: one table of calls, one dispatcher that alone checks and copies, handlers that decide
 * and commit.
 */
#ifndef HYPERCALL_HYPERCALL_H
#define HYPERCALL_HYPERCALL_H

#include "abi/hv/status.h"
#include "core/counter.h"
#include "core/types.h"

struct vp;
struct partition;

/*
 * One call as its handler sees it. Every pointer leads into private memory: the input was copied in
 * once, the output is zeroed and copied out after success.
 */
struct hypercall {
	struct vp *vp;
	struct partition *caller;
	uint16_t code;
	/* out, of simple calls that succeed: the rest is for another execution of the instruction
	 */
	bool again;
	const void *variable;   /* the variable part of the header, or NULL */
	uint32_t variable_size; /* bytes, a multiple of 8 */
	uint32_t rep_start;     /* first element to do: completed by earlier rounds */
	uint32_t rep_count;     /* of the whole call; 0 for a simple call */
	uint32_t rep_done;  /* out: elements this invocation completed (also when it then fails) */
	const void *rep_in; /* input element rep_start, the following ones behind it */
	void *rep_out;      /* output element rep_start */
	uint32_t out_capacity; /* bytes at the output pointer */
	uint32_t
		out_size; /* out, of calls with a value of any size: bytes of it; <= out_capacity */
};

/* Elements that a rep handler does in one round, so that a round stays well below 50 us. */
#define HYPERCALL_REP_BATCH 64u

typedef enum hv_status hypercall_handler(struct hypercall *call, const void *in, void *out);

/* Memory in which one processor executes one hypercall; nobody else sees it. */
struct hypercall_buffers {
	uint8_t input[PAGE_SIZE];
	uint8_t output[PAGE_SIZE];
	spa_t pages[PAGE_SIZE / sizeof(spa_t)]; /* for handlers that take or give pages */
};

/* The buffers of the processor that this runs on. */
struct hypercall_buffers *hypercall_buffers(void);

/*
 * Execute the hypercall that `vp` has just asked for (its exit was VMMCALL or VMCALL): registers
 * in, registers out, RIP advanced, or left alone where the call goes on in a later round; or an
 * exception raised.
 */
void hypercall_dispatch(struct vp *vp);

/*
 * The same of a child's `vp`, in two steps: a call of 64-bit code that passes two registers at most
 * and returns nothing but a status. Returns false, nothing done, if it is none of those: ask the
 * other one then.
 */
bool hypercall_dispatch_short(struct vp *vp);

/*
 * Any call of a child's `vp`. Returns false, nothing done, where the call's parameters are memory
 * that its parent has mapped without access, at *gpa (or was a moment ago); `*write`: to be
 * written. Once that is filled the instruction is to be executed again.
 */
bool hypercall_dispatch_child(struct vp *vp, gpa_t *gpa, bool *write);

/* Bytes of the instruction that asks: VMMCALL or VMCALL. */
#define HYPERCALL_LENGTH 3u

/* True if `vp` may make hypercalls where it executes. */
bool hypercall_legal(const struct vp *vp);

#endif

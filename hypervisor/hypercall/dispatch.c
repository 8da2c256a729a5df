// SPDX-License-Identifier: Apache-2.0
/*
 * The dispatcher. Checks stand in this order, each refusal with its own status
 * (docs/hypercalls.md): legal environment (#UD), call code, control word and form, alignment and
 * bounds, privilege, access to memory. Only then does a handler see the call, and never anything
 * but private copies of what the caller passed.
 */
#include "hypercall/table.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/hypercall.h"
#include "core/panic.h"
#include "core/string.h"
#include "partition/gpa_map.h"
#include "partition/partition.h"
#include "partition/vp.h"

COUNTER(undefined, "hypercall.undefined"); /* answered with #UD */
COUNTER(unknown, "hypercall.unknown");     /* codes that no row has */
COUNTER(continued, "hypercall.continued"); /* rounds that left the rest to a later one */

/* A call as the caller's registers say it, and what the checks found out about it. */
struct request {
	struct vp *vp;
	const struct hypercall_row *row;
	bool wide; /* 64-bit registers */
	uint64_t control;
	uint64_t input;  /* GPA, or the first eight bytes of a call in registers */
	uint64_t output; /* GPA, or the next eight */
	uint32_t variable_size;
	uint32_t rep_count;
	uint32_t rep_start;
	size_t input_size;
	size_t output_size;
	unsigned int form; /* enum hypercall_form */
};

/* What the dispatcher decided before a handler ran. */
enum verdict {
	VERDICT_CALL,
	VERDICT_REFUSE, /* with a status */
	VERDICT_UNDEFINED,
};

static void read_registers(struct request *r, struct vp *vp)
{
	const struct vp_regs *regs = &vp->regs;

	memset(r, 0, sizeof(*r));
	r->vp = vp;
	r->wide = vp_long_mode(vp);
	if (r->wide) {
		r->control = regs->rcx;
		r->input = regs->rdx;
		r->output = regs->r8;
	} else {
		r->control = regs->rdx << 32 | (uint32_t)regs->rax;
		r->input = regs->rbx << 32 | (uint32_t)regs->rcx;
		r->output = regs->rdi << 32 | (uint32_t)regs->rsi;
	}
}

static void write_result(const struct request *r, enum hv_status status, uint32_t reps_completed)
{
	struct vp_regs *regs = &r->vp->regs;
	uint64_t result = (uint64_t)reps_completed << HV_HYPERCALL_REP_COMP_OFFSET | status;

	if (r->wide) {
		regs->rax = result;
	} else {
		regs->rdx = result >> 32;
		regs->rax = (uint32_t)result;
	}
	vp_advance(r->vp, HYPERCALL_LENGTH);
}

/* Let the caller execute the instruction again, from element `rep_start` on. */
static void write_continuation(const struct request *r, uint32_t rep_start)
{
	struct vp_regs *regs = &r->vp->regs;
	uint64_t control = (r->control & ~HV_HYPERCALL_REP_START_MASK) |
			   (uint64_t)rep_start << HV_HYPERCALL_REP_START_OFFSET;

	if (r->wide)
		regs->rcx = control;
	else
		regs->rdx = control >> 32;
}

/* Fields of the control word, and with them the sizes of what is passed. */
static bool control_valid(struct request *r)
{
	const struct hypercall_row *row = r->row;

	r->variable_size = (uint32_t)((r->control & HV_HYPERCALL_VARHEAD_MASK) >>
				      HV_HYPERCALL_VARHEAD_OFFSET) *
			   8;
	r->rep_count = (uint32_t)((r->control & HV_HYPERCALL_REP_COMP_MASK) >>
				  HV_HYPERCALL_REP_COMP_OFFSET);
	r->rep_start = (uint32_t)((r->control & HV_HYPERCALL_REP_START_MASK) >>
				  HV_HYPERCALL_REP_START_OFFSET);

	/* No partition is told that it is nested, so bit 31 is reserved like its neighbours. */
	if (r->control & (HV_HYPERCALL_RSVD_MASK | HV_HYPERCALL_NESTED))
		return false;
	if (r->variable_size > row->variable_max * 8u)
		return false;
	if (row->rep ? r->rep_start >= r->rep_count : r->rep_count != 0 || r->rep_start != 0)
		return false;

	r->input_size = ALIGN_UP(
		row->input + r->variable_size + (size_t)r->rep_count * row->rep_input, (size_t)8);
	r->output_size = ALIGN_UP(row->output + (size_t)r->rep_count * row->rep_output, (size_t)8);
	return true;
}

static enum verdict check_form(struct request *r)
{
	uint32_t features = r->vp->partition->features;

	if (!(r->control & HV_HYPERCALL_FAST_BIT)) {
		r->form = HYPERCALL_MEMORY;
		return VERDICT_CALL;
	}
	r->form = hypercall_register_form(r->row, r->input_size, r->output_size);
	if (r->form == 0 || (r->form == HYPERCALL_XMM_OUTPUT && !r->wide))
		return VERDICT_REFUSE;
	/* The TLFS: using a register form that is not advertised is an undefined operation. */
	if (r->form == HYPERCALL_XMM_OUTPUT && !(features & HV_X64_HYPERCALL_XMM_OUTPUT_AVAILABLE))
		return VERDICT_UNDEFINED;
	if (r->form != HYPERCALL_FAST && r->input_size > HV_HYPERCALL_FAST_SIZE &&
	    !(features & HV_X64_HYPERCALL_XMM_INPUT_AVAILABLE))
		return VERDICT_UNDEFINED;
	return VERDICT_CALL;
}

/*
 * True if a parameter block of `size` bytes at `gpa` is aligned, within one page and within the
 * space.
 */
static bool block_valid(const struct request *r, gpa_t gpa, size_t size)
{
	if (size == 0)
		return true; /* no such parameter: the register is ignored */
	return IS_ALIGNED(gpa, 8u) && size <= PAGE_SIZE - gpa % PAGE_SIZE &&
	       gpa_in_space(&r->vp->partition->gpa, gpa, size);
}

/* True if `caller` may make the call of `row`. */
static bool permitted(const struct hypercall_row *row, const struct partition *caller)
{
	return (caller->privileges & row->privilege) == row->privilege &&
	       (!row->root_only || partition_is_root(caller));
}

/* The checks up to the caller's memory, in the order documented. */
static enum verdict check(struct request *r, enum hv_status *status)
{
	enum verdict verdict;

	*status = HV_STATUS_INVALID_HYPERCALL_CODE;
	r->row = hypercall_find((uint16_t)r->control);
	if (!r->row || !r->row->handler)
		return VERDICT_REFUSE;

	*status = HV_STATUS_INVALID_HYPERCALL_INPUT;
	if (!control_valid(r))
		return VERDICT_REFUSE;
	verdict = check_form(r);
	if (verdict != VERDICT_CALL)
		return verdict;

	*status = HV_STATUS_INVALID_ALIGNMENT;
	if (r->form == HYPERCALL_MEMORY && (!block_valid(r, r->input, r->input_size) ||
					    !block_valid(r, r->output, r->output_size)))
		return VERDICT_REFUSE;

	*status = HV_STATUS_ACCESS_DENIED;
	return permitted(r->row, r->vp->partition) ? VERDICT_CALL : VERDICT_REFUSE;
}

/* Copy the input into `buffers` and make sure that the output can be written. */
static bool fetch(const struct request *r, struct hypercall_buffers *buffers)
{
	struct partition *caller = r->vp->partition;
	bool ok = true;

	if (r->form != HYPERCALL_MEMORY) {
		memcpy(buffers->input, &r->input, 8);
		memcpy(buffers->input + 8, &r->output, 8);
		for (unsigned int i = 0; HV_HYPERCALL_FAST_SIZE + i * 16 < r->input_size; i++)
			vp_read_xmm(r->vp, i,
				    buffers->input + HV_HYPERCALL_FAST_SIZE + (size_t)i * 16);
		return true;
	}

	spin_lock(&caller->lock);
	if (r->input_size > 0)
		ok = copy_from_gpa(&caller->gpa, buffers->input, r->input, r->input_size);
	if (ok && r->output_size > 0)
		ok = gpa_accessible(&caller->gpa, r->output, r->output_size, GPA_WRITE);
	spin_unlock(&caller->lock);
	return ok;
}

/* Whose parameters are not there may be waiting for his parent to bring them. */
struct gap {
	gpa_t gpa;
	bool write;
	bool found;
};

static enum gpa_kind kind_of(const struct request *r, gpa_t gpa, size_t size, unsigned int access)
{
	return size == 0 ? GPA_OK : gpa_lookup(&r->vp->partition->gpa, gpa, access);
}

/* True if parameters can still be brought, or are there meanwhile: somebody was faster. */
static bool may_come(enum gpa_kind kind)
{
	return kind == GPA_OK || kind == GPA_NO_ACCESS;
}

/* Parameters could not be fetched. Returns whether their parent can do something about it. */
static bool find_gap(const struct request *r, struct gap *gap)
{
	struct partition *caller = r->vp->partition;
	enum gpa_kind input, output;

	if (!gap)
		return false;
	spin_lock(&caller->lock);
	input = kind_of(r, r->input, r->input_size, GPA_READ);
	output = kind_of(r, r->output, r->output_size, GPA_WRITE);
	spin_unlock(&caller->lock);
	/* Memory that will never be there is an error, whatever the other is like. */
	gap->found = may_come(input) && may_come(output);
	gap->write = input == GPA_OK && r->output_size > 0;
	gap->gpa = gap->write ? r->output : r->input;
	return gap->found;
}

/*
 * Copy `size` bytes of output from `offset` on back to the caller. False if its memory went away
 * meanwhile.
 */
static bool deliver(const struct request *r, const struct hypercall_buffers *buffers, size_t offset,
		    size_t size)
{
	struct partition *caller = r->vp->partition;
	bool ok;

	if (size == 0)
		return true;
	spin_lock(&caller->lock);
	ok = copy_to_gpa(&caller->gpa, r->output + offset, buffers->output + offset, size);
	spin_unlock(&caller->lock);
	return ok;
}

/*
 * Output in the registers behind the input: RDX and R8 are the first sixteen bytes, XMM0..5 follow.
 */
static void deliver_registers(const struct request *r, const struct hypercall_buffers *buffers)
{
	size_t at = ALIGN_UP(r->input_size, (size_t)16);

	for (size_t done = 0; done < r->output_size; done += 16, at += 16) {
		uint8_t block[16];

		memcpy(block, buffers->output + done, sizeof(block));
		if (at == 0) {
			memcpy(&r->vp->regs.rdx, block, 8);
			memcpy(&r->vp->regs.r8, block + 8, 8);
		} else {
			vp_write_xmm(r->vp, (unsigned int)(at / 16 - 1), block);
		}
	}
}

/*
 * Hand the call to its handler, what came out back to the caller, and say in its registers how it
 * went.
 */
static void invoke(const struct request *r, struct hypercall_buffers *buffers)
{
	const struct hypercall_row *row = r->row;
	size_t header = row->input + (size_t)r->variable_size;
	size_t rep_offset = row->output + (size_t)r->rep_start * row->rep_output;
	struct hypercall call = {
		.vp = r->vp,
		.caller = r->vp->partition,
		.code = row->code,
		.variable = r->variable_size > 0 ? buffers->input + row->input : NULL,
		.variable_size = r->variable_size,
		.rep_start = r->rep_start,
		.rep_count = r->rep_count,
		.rep_in = buffers->input + header + (size_t)r->rep_start * row->rep_input,
		.rep_out = buffers->output + rep_offset,
		.out_capacity = (uint32_t)(row->output_open ? PAGE_SIZE - r->output % PAGE_SIZE
							    : r->output_size),
	};
	enum hv_status status;
	bool delivered = true;

	memset(buffers->output, 0, MAX(ALIGN_UP(call.out_capacity, 16u), 16u));
	status = row->handler(&call, buffers->input, buffers->output);
	ASSERT(call.rep_done <= r->rep_count - r->rep_start);
	ASSERT(call.out_size <= call.out_capacity);

	if (r->form == HYPERCALL_XMM_OUTPUT) {
		if (status == HV_STATUS_SUCCESS)
			deliver_registers(r, buffers);
	} else {
		if (status == HV_STATUS_SUCCESS)
			delivered = deliver(r, buffers, 0,
					    row->output_open ? call.out_size : row->output);
		delivered = delivered && deliver(r, buffers, rep_offset,
						 (size_t)call.rep_done * row->rep_output);
	}
	/*
	 * What was done stays done; the caller took its own page away while it asked to have it
	 * written.
	 */
	if (!delivered)
		status = HV_STATUS_OPERATION_FAILED;

	if (status == HV_STATUS_SUCCESS && call.again) {
		/* As it stands: the handler knows how far it came. */
		counter_inc(&continued);
		return;
	}
	if (status == HV_STATUS_SUCCESS && r->rep_start + call.rep_done < r->rep_count) {
		ASSERT(call.rep_done > 0);
		counter_inc(&continued);
		write_continuation(r, r->rep_start + call.rep_done);
		return;
	}
	counter_inc(row->counter);
	write_result(r, status, r->rep_start + call.rep_done);
}

/* True if `vp` executes for an operating system that named itself, at its level. */
static bool caller_legal(const struct vp *vp)
{
	return vp_cpl(vp) == 0 &&
	       __atomic_load_n(&vp->partition->guest_os_id, __ATOMIC_RELAXED) != 0;
}

bool hypercall_legal(const struct vp *vp)
{
	return vp_protected_mode(vp) && caller_legal(vp);
}

/* Calls of every kind, and refusals. `gap`: where to say of a child's what it waits for. */
static void __noinline dispatch_any(struct vp *vp, struct gap *gap)
{
	struct hypercall_buffers *buffers = hypercall_buffers();
	enum verdict verdict = VERDICT_UNDEFINED;
	enum hv_status status;
	struct request r;

	if (hypercall_legal(vp)) {
		read_registers(&r, vp);
		verdict = check(&r, &status);
	}
	if (verdict == VERDICT_UNDEFINED) {
		counter_inc(&undefined);
		vp_raise(vp, VECTOR_UD);
		return;
	}
	if (verdict == VERDICT_CALL && !fetch(&r, buffers)) {
		if (find_gap(&r, gap))
			return;
		status = HV_STATUS_INVALID_PARAMETER;
		verdict = VERDICT_REFUSE;
	}
	if (verdict == VERDICT_REFUSE) {
		counter_inc(r.row ? r.row->counter : &unknown);
		/* What a control word says that is not valid counts for nothing. */
		write_result(&r, status,
			     status == HV_STATUS_INVALID_HYPERCALL_INPUT ? 0 : r.rep_start);
		return;
	}
	invoke(&r, buffers);
}

/*
 * True if a call of `row` passes two registers at most, returns nothing but a status (output of any
 * size is never 0), and is over when its handler is.
 */
static bool is_short(const struct hypercall_row *row)
{
	return !row->rep && !row->long_work && row->output == 0 &&
	       row->input <= HV_HYPERCALL_FAST_SIZE;
}

/*
 * A short call of 64-bit code, as most are: with no sizes to choose none of the checks can fail but
 * those of where it is made and of its rights. Returns false, having done nothing, for any other.
 */
static __force_inline bool dispatch_short(struct vp *vp)
{
	struct vp_regs *regs = &vp->regs;
	const struct hypercall_row *row;

	if ((regs->rcx & ~HV_HYPERCALL_CODE_MASK) != HV_HYPERCALL_FAST_BIT || !vp_long_mode(vp) ||
	    !caller_legal(vp))
		return false;
	row = hypercall_find((uint16_t)regs->rcx);
	if (!row || !row->handler || !is_short(row))
		return false;
	counter_inc(row->counter);
	if (permitted(row, vp->partition)) {
		struct hypercall call = {.vp = vp, .caller = vp->partition, .code = row->code};
		const uint64_t input[HV_HYPERCALL_FAST_SIZE / 8] = {regs->rdx, regs->r8};

		regs->rax = row->handler(&call, input, NULL);
	} else {
		regs->rax = HV_STATUS_ACCESS_DENIED;
	}
	vp_advance(vp, HYPERCALL_LENGTH);
	return true;
}

void hypercall_dispatch(struct vp *vp)
{
	if (!dispatch_short(vp))
		dispatch_any(vp, NULL);
}

bool hypercall_dispatch_short(struct vp *vp)
{
	return dispatch_short(vp);
}

bool hypercall_dispatch_child(struct vp *vp, gpa_t *gpa, bool *write)
{
	struct gap gap = {0};

	dispatch_any(vp, &gap);
	*gpa = gap.gpa;
	*write = gap.write;
	return !gap.found;
}

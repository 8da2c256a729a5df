// SPDX-License-Identifier: Apache-2.0
/*
 * The table of hypercalls: what the dispatcher needs to know of each call before its handler may
 * see it.
 */
#ifndef HYPERCALL_TABLE_H
#define HYPERCALL_TABLE_H

#include "hypercall/hypercall.h"

struct hypercall_row {
	const char *name;           /* as in Linux's headers, in small letters */
	hypercall_handler *handler; /* NULL: declared, answers HV_STATUS_INVALID_HYPERCALL_CODE */
	struct counter *counter;    /* "hypercall.<name>": calls answered, refused ones included */
	uint64_t privilege;         /* bits of HV_PARTITION_PRIVILEGE_MASK the caller needs, or 0 */
	uint16_t code;
	uint16_t input;        /* bytes of the fixed header, a multiple of 8 */
	uint16_t output;       /* bytes of the fixed output, a multiple of 8 */
	uint16_t rep_input;    /* bytes of an input element, or 0 */
	uint16_t rep_output;   /* bytes of an output element, or 0 */
	uint16_t variable_max; /* the variable header at most, in units of 8 bytes; 0: none allowed
				*/
	bool rep : 1;          /* a rep call; otherwise a simple one */
	bool root_only : 1;
	bool long_work : 1;   /* may set `again` (hypercall/hypercall.h) */
	bool output_open : 1; /* the value may be any size, from `output` to the end of its page */
};

/* The ways a call can be made; what of them a row allows follows from its sizes. */
enum hypercall_form {
	HYPERCALL_MEMORY = 1,     /* input and output in memory */
	HYPERCALL_FAST = 2,       /* input of up to 16 bytes in two registers, no output */
	HYPERCALL_XMM_INPUT = 4,  /* input of up to 112 bytes in registers, no output */
	HYPERCALL_XMM_OUTPUT = 8, /* input and output together up to 112 bytes in registers */
};

/* The row of call `code`, or NULL. */
const struct hypercall_row *hypercall_find(uint16_t code);

/* Its number: its place in order of the codes and one; 0 if there is none. Below VP_CALLS_MAX. */
unsigned int hypercall_number(uint16_t code);

/* Row `index` in order of the codes, or NULL beyond the last one. */
const struct hypercall_row *hypercall_row(size_t index);

/*
 * The forms (enum hypercall_form) in which `row` can be called, with one element if it is a rep
 * call.
 */
unsigned int hypercall_forms(const struct hypercall_row *row);

/*
 * The register form that carries `input` and `output` bytes of a call of `row`, or 0 if none does.
 * HYPERCALL_FAST needs nothing; the two others need the feature of their name. Output stands behind
 * the input, from a multiple of 16 bytes on. Values of any size and output elements go through
 * memory only.
 */
unsigned int hypercall_register_form(const struct hypercall_row *row, size_t input, size_t output);

#endif

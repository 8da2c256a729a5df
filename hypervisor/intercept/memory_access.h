// SPDX-License-Identifier: Apache-2.0
/*
 * Instructions that load from memory or store to it, to be carried out on what is no memory: the
 * plain moves and exchanges that software uses for device registers.
 */
#ifndef INTERCEPT_MEMORY_ACCESS_H
#define INTERCEPT_MEMORY_ACCESS_H

#include "core/types.h"
#include "decoder/decoder.h"

struct vp;

/* What is loaded, stored or both. */
enum memory_action {
	ACTION_LOAD,        /* register = memory */
	ACTION_LOAD_SIGNED, /* ... sign extended */
	ACTION_STORE,       /* memory = register */
	ACTION_STORE_IMMEDIATE,
	ACTION_EXCHANGE,
	ACTION_NONE,
};

struct memory_access {
	struct instruction insn;
	enum memory_action action;
	uint8_t reg;       /* the general register, in its encoding */
	unsigned int size; /* bytes of memory: 1 to 8 */
};

/*
 * Decode the instruction at RIP of `vp`. Returns false if it cannot be read, or is another than
 * those. The VP is stepped over it by vp_step() with insn.length.
 */
bool memory_access_decode(struct vp *vp, struct memory_access *access);

/* What it stores, if it does. */
uint64_t memory_access_stored(struct vp *vp, const struct memory_access *access);

/* It has loaded `value`, if it does: put that into its register. */
void memory_access_loaded(struct vp *vp, const struct memory_access *access, uint64_t value);

static inline bool memory_access_is_load(const struct memory_access *access)
{
	return access->action != ACTION_STORE && access->action != ACTION_STORE_IMMEDIATE;
}

static inline bool memory_access_is_store(const struct memory_access *access)
{
	return access->action != ACTION_LOAD && access->action != ACTION_LOAD_SIGNED;
}

#endif

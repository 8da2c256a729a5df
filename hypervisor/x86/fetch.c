// SPDX-License-Identifier: Apache-2.0
#include "x86/fetch.h"

#include "core/string.h"

/* In long mode: where the topmost table is. */
#define CR3_ADDRESS 0x000ffffffffff000UL

/* The byte of code at `address`, seen by the hypervisor; NULL if there is none. */
static const uint8_t *find(struct gpa_space *space, const struct fetch_at *at, uint64_t address,
			   struct walk_result *result)
{
	const struct walk_state state = {
		.cr0 = at->cr0,
		.cr3 = at->cr3,
		.cr4 = at->cr4,
		.efer = at->efer,
		/* The processor has just come this way: only where it leads is of interest. */
		.physical_bits = 52,
		.gigabyte_pages = true,
	};

	if (walk(space, &state, address, WALK_ANY, result) != WALK_OK)
		return NULL;
	return gpa_view(space, result->gpa);
}

static void remember(struct fetch_path *path, struct gpa_space *space, const struct fetch_at *at,
		     const struct walk_result *result, const uint8_t *code, uint64_t generation)
{
	path->generation = 0;
	if (result->depth > 0 && result->entry_size != sizeof(uint64_t))
		return;
	for (uint32_t i = 0; i < result->depth; i++) {
		path->entry[i] = gpa_view(space, result->step[i].gpa);
		path->value[i] = result->step[i].value;
		if (!path->entry[i])
			return;
	}
	path->depth = result->depth;
	path->page = at->address >> PAGE_SHIFT;
	path->cr3 = at->cr3;
	path->paging = fetch_paging(at->cr0, at->cr4, at->efer);
	path->code = code - at->address % PAGE_SIZE;
	path->generation = generation;
}

bool fetch_instruction(struct gpa_space *space, const struct fetch_at *at, struct instruction *insn)
{
	uint8_t bytes[INSTRUCTION_MAX];
	const uint8_t *code = NULL;
	struct walk_result result;
	enum decode_status status = DECODE_MORE;

	for (unsigned int n = 0; n < INSTRUCTION_MAX && status == DECODE_MORE; n++) {
		uint64_t address = at->address + n;

		if (!code || address % PAGE_SIZE == 0) {
			code = find(space, at, address, &result);
			if (!code)
				return false;
		}
		bytes[n] = *(const volatile uint8_t *)code++;
		status = instruction_decode(insn, bytes, n + 1, at->mode);
	}
	return status == DECODE_OK;
}

/* The instruction has prefixes, or is not what it was: read all of it. */
static unsigned int decode_length(struct gpa_space *space, const struct fetch_at *at,
				  unsigned int plain)
{
	struct instruction insn;

	return fetch_instruction(space, at, &insn) ? insn.length : plain;
}

/*
 * True if the path still leads to the code. Address spaces of one system share much: in another one
 * the way to the same page often differs in nothing but where the topmost entry stands, and then
 * that is all there is to remember anew.
 */
static bool still_leads(struct fetch_path *path, struct gpa_space *space, const struct fetch_at *at,
			uint64_t generation)
{
	uint64_t offset = (uintptr_t)path->entry[0] % PAGE_SIZE;
	const uint64_t *top;

	if (path->page != at->address / PAGE_SIZE || path->generation != generation ||
	    path->paging != fetch_paging(at->cr0, at->cr4, at->efer))
		return false;
	if (path->cr3 == at->cr3)
		return fetch_unchanged(path, 0);
	if (!(at->efer & EFER_LMA) || path->depth == 0)
		return false;
	top = gpa_view(space, (at->cr3 & CR3_ADDRESS) + offset);
	if (!top || __atomic_load_n(top, __ATOMIC_RELAXED) != path->value[0] ||
	    !fetch_unchanged(path, 1))
		return false;
	path->entry[0] = top;
	path->cr3 = at->cr3;
	return true;
}

unsigned int fetch_length(struct fetch_cache *cache, struct gpa_space *space,
			  const struct fetch_at *at, unsigned int plain)
{
	struct fetch_path *path = fetch_path(cache, at->address);
	uint64_t generation = __atomic_load_n(&space->generation, __ATOMIC_ACQUIRE);
	struct walk_result result;
	const uint8_t *code;

	if (still_leads(path, space, at, generation)) {
		code = path->code + at->address % PAGE_SIZE;
	} else {
		code = find(space, at, at->address, &result);
		if (!code)
			return plain;
		remember(path, space, at, &result, code, generation);
	}
	return *(const volatile uint8_t *)code == FETCH_ESCAPE ? plain
							       : decode_length(space, at, plain);
}

unsigned int fetch_bytes(struct gpa_space *space, const struct fetch_at *at, uint8_t *bytes)
{
	struct walk_result result;
	unsigned int n, run;

	for (n = 0; n < INSTRUCTION_MAX; n += run) {
		uint64_t address = at->address + n;
		const uint8_t *code = find(space, at, address, &result);

		if (!code)
			break;
		run = MIN(INSTRUCTION_MAX - n, (unsigned int)(PAGE_SIZE - address % PAGE_SIZE));
		memcpy(bytes + n, code, run);
	}
	return n;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * How long the instruction is that a VP just left with, on processors that do not say where the
 * next one begins. Nearly always it has no prefixes, and one byte tells; so the way to that byte is
 * remembered, and each time its page table entries are compared with what they were. The answer is
 * that of a walk, at the price of some loads.
 */
#ifndef X86_FETCH_H
#define X86_FETCH_H

#include "decoder/decoder.h"
#include "x86/cpu.h"
#include "x86/walk.h"

#define FETCH_PATHS 8u

/* The way to a page of code. */
struct fetch_path {
	uint64_t page; /* linear address / 4096 */
	uint64_t cr3;
	uint64_t paging;     /* what else decides how tables are read */
	uint64_t generation; /* of the GPA space: the pointers are good as long as it is that */
	const uint8_t *code; /* the page; NULL: nothing remembered */
	uint32_t depth;
	const uint64_t *entry[WALK_LEVELS_MAX];
	uint64_t value[WALK_LEVELS_MAX];
};

/* A VP's; zero to begin with. No lock: only the processor that runs the VP uses it. */
struct fetch_cache {
	struct fetch_path path[FETCH_PATHS];
};

/* Where a VP is. */
struct fetch_at {
	uint64_t address; /* linear, of the instruction */
	uint64_t cr0, cr3, cr4, efer;
	enum decode_mode mode;
};

/* The first byte of every instruction that exits and has no prefixes. */
#define FETCH_ESCAPE 0x0fu

/* Bits of CR0, CR4 and EFER that decide how tables are read; no two are the same. */
static inline uint64_t fetch_paging(uint64_t cr0, uint64_t cr4, uint64_t efer)
{
	_Static_assert(((CR4_PSE | CR4_PAE | CR4_LA57) & (CR0_PG | EFER_LMA)) == 0, "distinct");
	return (cr0 & CR0_PG) | (cr4 & (CR4_PSE | CR4_PAE | CR4_LA57)) | (efer & EFER_LMA);
}

/* True if the entries of the path from the `first` on are what they were. */
static inline bool fetch_unchanged(const struct fetch_path *path, uint32_t first)
{
	for (uint32_t i = first; i < path->depth; i++)
		if (__atomic_load_n(path->entry[i], __ATOMIC_RELAXED) != path->value[i])
			return false;
	return true;
}

static inline struct fetch_path *fetch_path(struct fetch_cache *cache, uint64_t address)
{
	return &cache->path[address / PAGE_SIZE % FETCH_PATHS];
}

/*
 * True if the instruction at the linear address is known to have no prefixes; cheap. Otherwise ask
 * fetch_length().
 */
static inline bool fetch_is_plain(struct fetch_cache *cache, const struct gpa_space *space,
				  uint64_t address, uint64_t cr3, uint64_t paging)
{
	const struct fetch_path *path = fetch_path(cache, address);

	return path->page == address / PAGE_SIZE && path->cr3 == cr3 && path->paging == paging &&
	       path->generation == __atomic_load_n(&space->generation, __ATOMIC_ACQUIRE) &&
	       fetch_unchanged(path, 0) &&
	       *(const volatile uint8_t *)(path->code + address % PAGE_SIZE) == FETCH_ESCAPE;
}

/*
 * The length of the instruction at `at`, 1 to 15 bytes. Without prefixes it begins with 0F and is
 * `plain` bytes long; that is also the answer if the instruction cannot be read any more. Remembers
 * the way for fetch_is_plain().
 */
unsigned int fetch_length(struct fetch_cache *cache, struct gpa_space *space,
			  const struct fetch_at *at, unsigned int plain);

/* Read up to 15 bytes from `at` on into `bytes`. Returns how many could be read. */
unsigned int fetch_bytes(struct gpa_space *space, const struct fetch_at *at, uint8_t *bytes);

/* Read and decode the instruction at `at`. Returns false if it cannot be read, or is none. */
bool fetch_instruction(struct gpa_space *space, const struct fetch_at *at,
		       struct instruction *insn);

#endif

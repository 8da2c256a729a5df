// SPDX-License-Identifier: Apache-2.0
#include "x86/walk.h"

#include "x86/cpu.h"

/* Page table entry bits, the same in all formats that have them (APM volume 2, 5.4). */
#define PTE_PRESENT  BIT(0)
#define PTE_WRITE    BIT(1)
#define PTE_USER     BIT(2)
#define PTE_ACCESSED BIT(5)
#define PTE_DIRTY    BIT(6)
#define PTE_LARGE    BIT(7)
#define PTE_NX       BIT(63)
#define PTE_ADDRESS  0x000ffffffffff000UL

/* PAE: an entry of the topmost, short table has no rights, and these bits must be zero. */
#define PAE_TOP_RESERVED (BIT(1) | BIT(2) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | PTE_NX)

/* How often the setting of bits may find an entry changed. */
#define ATTEMPTS 16u

#define PROTECTION_KEY(entry) ((unsigned int)((entry) >> 59 & 15))

/* How the tables of a mode are built. */
struct format {
	uint8_t levels;
	uint8_t index_bits; /* of the address that a level takes */
	uint8_t entry_size;
	bool long_mode;
	bool pae;
};

static struct format format_of(const struct walk_state *state)
{
	if (state->efer & EFER_LMA)
		return (struct format){
			.levels = state->cr4 & CR4_LA57 ? 5 : 4,
			.index_bits = 9,
			.entry_size = 8,
			.long_mode = true,
		};
	if (state->cr4 & CR4_PAE)
		return (struct format){.levels = 3, .index_bits = 9, .entry_size = 8, .pae = true};
	return (struct format){.levels = 2, .index_bits = 10, .entry_size = 4};
}

static bool is_canonical(const struct format *format, uint64_t address)
{
	unsigned int unused = 64 - 12 - format->levels * 9u;

	return (uint64_t)((int64_t)(address << unused) >> unused) == address;
}

/* Where the walk begins. */
static gpa_t top_table(const struct format *format, uint64_t cr3)
{
	if (format->long_mode)
		return cr3 & PTE_ADDRESS;
	if (format->pae)
		return cr3 & 0xffffffe0;
	return cr3 & 0xfffff000;
}

static bool is_leaf(const struct format *format, const struct walk_state *state, uint64_t entry,
		    unsigned int level)
{
	if (level == 1)
		return true;
	if (!(entry & PTE_LARGE) || level > 3)
		return false;
	if (format->entry_size == 4)
		return state->cr4 & CR4_PSE;
	/* On the third level a leaf is a gigabyte, which PAE does not have. */
	return level == 2 || format->long_mode;
}

/* Bits that must be zero in a present entry. */
static uint64_t reserved_bits(const struct format *format, const struct walk_state *state,
			      unsigned int level, bool leaf, uint64_t size)
{
	uint64_t beyond = PTE_ADDRESS & ~((UINT64_C(1) << state->physical_bits) - 1);
	uint64_t reserved = beyond;

	if (format->entry_size == 4)
		/* PSE: bits 20:13 are address bits 39:32, as many as there are; 21 is none. */
		return leaf && level == 2 ? BIT(21) | (beyond >> 32 << 13 & 0x1fe000) : 0;
	if (format->pae) {
		/* Without long mode the bits up to 62 are reserved too. */
		reserved |= 0x7ff0000000000000UL;
		if (level == 3)
			return reserved | PAE_TOP_RESERVED;
	}
	if (!(state->efer & EFER_NXE))
		reserved |= PTE_NX;
	if (level >= 4 || (level == 3 && !state->gigabyte_pages))
		reserved |= PTE_LARGE;
	if (leaf && level > 1)
		reserved |= (size - 1) & PTE_ADDRESS & ~BIT(12); /* bit 12 is PAT */
	return reserved;
}

/* The address in a leaf of `size` bytes. */
static gpa_t leaf_address(const struct format *format, uint64_t entry, uint64_t size)
{
	if (format->entry_size == 4 && size > PAGE_SIZE)
		return (entry & 0xffc00000) | (entry & 0x1fe000) >> 13 << 32;
	return entry & PTE_ADDRESS & ~(size - 1);
}

/* Rights gathered on the way: what all entries together allow. */
struct rights {
	bool user;
	bool write;
	bool execute;
	unsigned int key;
};

static bool key_allows(const struct walk_state *state, const struct rights *rights, bool write,
		       bool user)
{
	unsigned int bits;

	if (!(state->efer & EFER_LMA) || !(state->cr4 & CR4_PKE) || !rights->user)
		return true;
	bits = state->pkru >> (2 * rights->key) & 3;
	if (bits & 1)
		return false;
	return !(write && (bits & 2) && (user || (state->cr0 & CR0_WP)));
}

/* FAULT_PRESENT and what goes with it if the access is not allowed; 0 if it is. */
static uint32_t check_rights(const struct walk_state *state, const struct rights *rights,
			     unsigned int access, bool user)
{
	bool write = access & WALK_WRITE, fetch = access & WALK_FETCH;

	if (access & WALK_ANY)
		return 0;
	if (user && !rights->user)
		return FAULT_PRESENT;
	if (fetch && !rights->execute)
		return FAULT_PRESENT;
	if (fetch && !user && rights->user && (state->cr4 & CR4_SMEP))
		return FAULT_PRESENT;
	if (!fetch && !user && rights->user && (state->cr4 & CR4_SMAP) &&
	    ((access & WALK_IMPLICIT) || !(state->rflags & RFLAGS_AC)))
		return FAULT_PRESENT;
	if (write && !rights->write && (user || (state->cr0 & CR0_WP)))
		return FAULT_PRESENT;
	if (!fetch && !key_allows(state, rights, write, user))
		return FAULT_PRESENT | FAULT_KEY;
	return 0;
}

/* What the error code says about the access, whatever is wrong with it. */
static uint32_t access_error(const struct walk_state *state, unsigned int access, bool user)
{
	bool tells_fetch = (state->cr4 & CR4_SMEP) ||
			   ((state->efer & EFER_NXE) && (state->cr4 & CR4_PAE));

	return (access & WALK_WRITE ? FAULT_WRITE : 0) | (user ? FAULT_USER : 0) |
	       ((access & WALK_FETCH) && tells_fetch ? FAULT_FETCH : 0);
}

enum bits_status { BITS_SET, BITS_CHANGED, BITS_REFUSED };

/* Set accessed bits on the way and the dirty bit at its end. */
static enum bits_status set_bits(struct gpa_space *space, const struct format *format,
				 struct walk_result *result, bool write)
{
	/* The topmost entries of PAE have no accessed bit. */
	for (unsigned int i = format->pae ? 1 : 0; i < result->depth; i++) {
		const struct walk_step *step = &result->step[i];
		uint64_t wanted = step->value | PTE_ACCESSED;
		bool exchanged;

		if (write && i == result->depth - 1u)
			wanted |= PTE_DIRTY;
		if (wanted == step->value)
			continue;
		if (!gpa_exchange_word(space, step->gpa, format->entry_size, step->value, wanted,
				       &exchanged)) {
			result->gpa = step->gpa;
			return BITS_REFUSED;
		}
		if (!exchanged)
			return BITS_CHANGED;
	}
	return BITS_SET;
}

/* One walk from the top to a leaf, rights included; changes nothing. */
static enum walk_status descend(struct gpa_space *space, const struct walk_state *state,
				const struct format *format, uint64_t address, unsigned int access,
				struct walk_result *result)
{
	struct rights rights = {.user = true, .write = true, .execute = true};
	bool user = state->cpl == 3 && !(access & WALK_IMPLICIT);
	gpa_t table = top_table(format, state->cr3);

	result->depth = 0;
	result->error = access_error(state, access, user);
	for (unsigned int level = format->levels;; level--) {
		struct walk_step *step = &result->step[result->depth++];
		unsigned int shift = PAGE_SHIFT + format->index_bits * (level - 1);
		uint64_t index = address >> shift & ((1u << format->index_bits) - 1);
		uint64_t size = UINT64_C(1) << shift;
		uint64_t entry;
		bool leaf;

		step->gpa = table + index * format->entry_size;
		if (!gpa_read_word(space, step->gpa, format->entry_size, &step->value)) {
			result->gpa = step->gpa;
			return WALK_NO_TABLE;
		}
		entry = step->value;
		if (!(entry & PTE_PRESENT))
			return WALK_FAULT;
		leaf = is_leaf(format, state, entry, level);
		if (entry & reserved_bits(format, state, level, leaf, size)) {
			result->error |= FAULT_PRESENT | FAULT_RESERVED;
			return WALK_FAULT;
		}
		if (!(format->pae && level == 3)) {
			rights.user &= (entry & PTE_USER) != 0;
			rights.write &= (entry & PTE_WRITE) != 0;
			rights.execute &= format->entry_size == 4 || !(entry & PTE_NX);
		}
		if (!leaf) {
			table = format->entry_size == 4 ? entry & 0xfffff000 : entry & PTE_ADDRESS;
			continue;
		}
		rights.key = PROTECTION_KEY(entry);
		result->gpa = leaf_address(format, entry, size) | (address & (size - 1));
		result->page_size = size;
		break;
	}
	result->error |= check_rights(state, &rights, access, user);
	return result->error & FAULT_PRESENT ? WALK_FAULT : WALK_OK;
}

enum walk_status walk(struct gpa_space *space, const struct walk_state *state, uint64_t address,
		      unsigned int access, struct walk_result *result)
{
	struct format format = format_of(state);

	if (!format.long_mode)
		address = (uint32_t)address;
	if (!(state->cr0 & CR0_PG)) {
		*result = (struct walk_result){.gpa = address, .page_size = PAGE_SIZE};
		return WALK_OK;
	}
	result->entry_size = format.entry_size;
	result->depth = 0;
	if (format.long_mode && !is_canonical(&format, address))
		return WALK_CANONICAL;
	for (unsigned int attempt = 0; attempt < ATTEMPTS; attempt++) {
		enum walk_status status = descend(space, state, &format, address, access, result);

		if (status != WALK_OK || !(access & WALK_SET_BITS))
			return status;
		switch (set_bits(space, &format, result, access & WALK_WRITE)) {
		case BITS_SET:
			return WALK_OK;
		case BITS_REFUSED:
			return WALK_NO_TABLE;
		case BITS_CHANGED:
			break;
		}
	}
	return WALK_BUSY;
}

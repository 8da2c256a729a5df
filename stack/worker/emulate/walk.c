// SPDX-License-Identifier: Apache-2.0
#include "worker/emulate/walk.h"

#include <string.h>

#include "worker/layout.h"

#define CR0_PG   UINT64_C(0x80000000)
#define CR4_PSE  UINT64_C(0x00000010)
#define CR4_PAE  UINT64_C(0x00000020)
#define CR4_LA57 UINT64_C(0x00001000)
#define EFER_LMA UINT64_C(0x00000400)
#define CS_LONG  0x2000u

#define ENTRY_PRESENT UINT64_C(0x01)
#define ENTRY_LARGE   UINT64_C(0x80)
#define ENTRY_ADDRESS UINT64_C(0x000ffffffffff000)

#define CS 1u

bool walk_long_mode(const struct hv_vp_register_page *registers)
{
	return (registers->efer & EFER_LMA) &&
	       (registers->segment_registers[CS].attributes & CS_LONG);
}

/* Tables of 8-byte entries; `shift` is that of the top level. */
static bool translate_wide(const struct guest_memory *memory, uint64_t table, unsigned int shift,
			   unsigned int top_bits, uint64_t gva, uint64_t *gpa)
{
	unsigned int bits = top_bits;

	for (;; shift -= 9, bits = 9) {
		uint64_t index = (gva >> shift) & ((UINT64_C(1) << bits) - 1);
		uint64_t below = (UINT64_C(1) << shift) - 1;
		uint64_t entry;

		if (!memory_read(memory, table + index * 8, &entry, sizeof(entry)) ||
		    !(entry & ENTRY_PRESENT))
			return false;
		if (shift == 12 || ((entry & ENTRY_LARGE) && shift <= 30)) {
			*gpa = (entry & ENTRY_ADDRESS & ~below) | (gva & below);
			return true;
		}
		table = entry & ENTRY_ADDRESS;
	}
}

/* Tables of 4-byte entries. */
static bool translate_narrow(const struct guest_memory *memory, uint64_t cr3, bool large_pages,
			     uint32_t gva, uint64_t *gpa)
{
	uint32_t entry;

	if (!memory_read(memory, (cr3 & 0xfffff000) + (gva >> 22) * 4, &entry, sizeof(entry)) ||
	    !(entry & ENTRY_PRESENT))
		return false;
	if (large_pages && (entry & ENTRY_LARGE)) {
		*gpa = (uint64_t)(entry & 0x1fe000) << 19 | (entry & 0xffc00000) | (gva & 0x3fffff);
		return true;
	}
	if (!memory_read(memory, (entry & 0xfffff000) + ((gva >> 12) & 0x3ff) * 4, &entry,
			 sizeof(entry)) ||
	    !(entry & ENTRY_PRESENT))
		return false;
	*gpa = (entry & 0xfffff000) | (gva & 0xfff);
	return true;
}

bool walk_translate(const struct guest_memory *memory, const struct hv_vp_register_page *registers,
		    uint64_t gva, uint64_t *gpa)
{
	if (!(registers->cr0 & CR0_PG)) {
		*gpa = gva & UINT32_MAX;
		return true;
	}
	if (registers->efer & EFER_LMA)
		return translate_wide(memory, registers->cr3 & ENTRY_ADDRESS,
				      registers->cr4 & CR4_LA57 ? 48 : 39, 9, gva, gpa);
	if (registers->cr4 & CR4_PAE)
		return translate_wide(memory, registers->cr3 & 0xffffffe0, 30, 2, gva & UINT32_MAX,
				      gpa);
	return translate_narrow(memory, registers->cr3, registers->cr4 & CR4_PSE, (uint32_t)gva,
				gpa);
}

static size_t until_page_end(uint64_t gva, size_t length)
{
	size_t left = (size_t)(PAGE_SIZE_4K - (gva & (PAGE_SIZE_4K - 1)));

	return length < left ? length : left;
}

size_t walk_read(const struct guest_memory *memory, const struct hv_vp_register_page *registers,
		 uint64_t gva, uint8_t *to, size_t length)
{
	size_t done = 0;

	while (done < length) {
		size_t part = until_page_end(gva + done, length - done);
		uint64_t gpa;

		if (!walk_translate(memory, registers, gva + done, &gpa) ||
		    !memory_read(memory, gpa, to + done, part))
			break;
		done += part;
	}
	return done;
}

bool walk_write(const struct guest_memory *memory, const struct hv_vp_register_page *registers,
		uint64_t gva, const uint8_t *from, size_t length)
{
	size_t first = until_page_end(gva, length);
	uint64_t gpa, next = 0;
	uint8_t *to, *rest = NULL;

	if (!walk_translate(memory, registers, gva, &gpa))
		return false;
	to = memory_at(memory, gpa, first);
	if (first < length && walk_translate(memory, registers, gva + first, &next))
		rest = memory_at(memory, next, length - first);
	if (!to || (first < length && !rest))
		return false;
	memcpy(to, from, first);
	if (rest)
		memcpy(rest, from + first, length - first);
	return true;
}

// SPDX-License-Identifier: Apache-2.0
#include "core/symbols.h"

extern const char image_start[], image_text_end[];

/* Sorted by address, as offsets from image_start; names point into symbol_names. */
extern const struct {
	uint32_t offset;
	uint32_t name;
} symbol_table[];
extern const uint32_t symbol_count;
extern const char symbol_names[];

const char *symbol_find(uint64_t address, uint64_t *offset)
{
	uint64_t base = (uint64_t)image_start;
	uint32_t low = 0, high = symbol_count;

	if (address < base || address >= (uint64_t)image_text_end)
		return NULL;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (base + symbol_table[middle].offset <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	*offset = address - (base + symbol_table[low - 1].offset);
	return &symbol_names[symbol_table[low - 1].name];
}

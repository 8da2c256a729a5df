// SPDX-License-Identifier: Apache-2.0
/* A guest's RAM as the worker sees it: at most two ranges, each with its address in this process.
 */
#ifndef WORKER_MEMORY_H
#define WORKER_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMORY_REGIONS 2u

struct memory_region {
	uint64_t gpa;
	uint64_t size;
	uint8_t *host;
};

struct guest_memory {
	struct memory_region regions[MEMORY_REGIONS];
	unsigned int count;
};

/*
 * Say where `size` bytes of RAM (RAM_MIN..RAM_MAX, a multiple of 2 MiB) lie; the addresses in this
 * process are left to the caller.
 */
void memory_arrange(struct guest_memory *memory, uint64_t size);

/* The first address behind all RAM. */
uint64_t memory_end(const struct guest_memory *memory);

/* The address in this process of [gpa, gpa + length), or NULL if that is not all in one region. */
uint8_t *memory_at(const struct guest_memory *memory, uint64_t gpa, uint64_t length);

/* Copy from or to guest memory. Returns false, having done nothing, where it is not all RAM. */
bool memory_read(const struct guest_memory *memory, uint64_t gpa, void *to, size_t length);
bool memory_write(const struct guest_memory *memory, uint64_t gpa, const void *from, size_t length);

#define E820_RAM      1u
#define E820_RESERVED 2u
#define E820_ENTRIES  8u

struct e820_entry {
	uint64_t address;
	uint64_t size;
	uint32_t type;
} __attribute__((packed));

_Static_assert(sizeof(struct e820_entry) == 20, "e820_entry");

/* The map of the address space as a kernel gets it. Returns the number of entries. */
unsigned int memory_map(const struct guest_memory *memory, struct e820_entry map[E820_ENTRIES]);

#endif

// SPDX-License-Identifier: Apache-2.0
/*
 * Puts a kernel into a guest's memory and says how VP 0 enters it. Images are not trusted: every
 * offset and size in them is checked against the file and against the guest's memory.
 */
#ifndef WORKER_LOAD_LOAD_H
#define WORKER_LOAD_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "worker/memory.h"

struct load_file {
	const uint8_t *bytes;
	size_t size; /* 0: there is none */
};

struct load_request {
	struct load_file kernel;
	struct load_file initrd;
	const char *command_line;
	uint64_t rsdp; /* address of the ACPI tables' root */
};

/* The registers in which the boot protocols differ; the rest is load/entry.h's. */
struct load_entry {
	bool long_mode; /* with paging by PAGE_TABLES_ADDRESS; else flat 32-bit without paging */
	uint64_t rip;
	uint64_t rax, rbx, rsi;
};

/*
 * Load by the protocol that the kernel's file shows: Linux's own (bzImage), PVH (an ELF file with
 * Xen's note), or Multiboot. Returns NULL and *entry, or why it cannot be done.
 */
const char *load_kernel(const struct guest_memory *memory, const struct load_request *request,
			struct load_entry *entry);

/* The protocols; `matches` looks at the file alone. */
bool bzimage_matches(const struct load_file *kernel);
const char *bzimage_load(const struct guest_memory *memory, const struct load_request *request,
			 struct load_entry *entry);
bool pvh_matches(const struct load_file *kernel);
const char *pvh_load(const struct guest_memory *memory, const struct load_request *request,
		     struct load_entry *entry);
bool multiboot_matches(const struct load_file *kernel);
const char *multiboot_load(const struct guest_memory *memory, const struct load_request *request,
			   struct load_entry *entry);

/*
 * Put the initial RAM disk as high as possible into [floor, ceiling) of the low RAM. Returns NULL
 * and its *address (0 if there is none), or why not.
 */
const char *load_initrd(const struct guest_memory *memory, const struct load_file *initrd,
			uint64_t floor, uint64_t ceiling, uint64_t *address);

/*
 * Put `prefix` and the command line at COMMAND_LINE. Returns NULL, or why not; `limit` is how many
 * characters the kernel takes.
 */
const char *load_command_line(const struct guest_memory *memory, const char *prefix,
			      const char *command_line, size_t limit);

/* Little-endian fields of a file; the caller has checked that they are inside. */
uint16_t load_u16(const uint8_t *bytes);
uint32_t load_u32(const uint8_t *bytes);
uint64_t load_u64(const uint8_t *bytes);

#endif

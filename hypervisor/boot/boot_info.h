// SPDX-License-Identifier: Apache-2.0
/* What the loader told us, in our own words: whoever booted us fills this in (boot/multiboot.c). */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include "boot/memory_map.h"
#include "core/types.h"

#define BOOT_COMMAND_LINE_MAX 2048u

struct boot_module {
	spa_t start;
	uint64_t size; /* bytes; 0: the module was not given */
	char command_line[BOOT_COMMAND_LINE_MAX];
};

struct boot_info {
	char command_line[BOOT_COMMAND_LINE_MAX]; /* the hypervisor's options */
	struct memory_map memory;                 /* as firmware reports it */
	struct boot_module kernel;                /* the root partition's kernel */
	struct boot_module initrd;                /* and its initial RAM disk, optional */
};

/*
 * Say on every console what is wrong with this machine or its configuration and what to do about
 * it, and stop. For everything that keeps us from starting the root partition; the format is one
 * sentence or two.
 */
void boot_fail(const char *fmt, ...) __noreturn __printf(1, 2);

#endif

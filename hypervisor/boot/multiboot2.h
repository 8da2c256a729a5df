// SPDX-License-Identifier: Apache-2.0
/* The Multiboot2 specification, version 2.0: what a boot loader leaves in memory. */
#ifndef BOOT_MULTIBOOT2_H
#define BOOT_MULTIBOOT2_H

#include "boot/boot_info.h"

#define MULTIBOOT2_BOOTLOADER_MAGIC 0x36d76289u

/* Most bytes of information that we take. */
#define MULTIBOOT2_INFO_MAX (1u << 20)

/* Bytes of the information at `info`, as its first word says: at least 8 of them can be read. */
uint32_t multiboot2_size(const void *info);

/*
 * Read the information at `info`, which stands at physical address `at` and is multiboot2_size()
 * bytes long, into `boot`. What the loader left is trusted as the firmware is, but nothing outside
 * the information is looked at. Returns NULL, or one sentence saying what is wrong with it.
 */
const char *multiboot2_read(struct boot_info *boot, const void *info, spa_t at);

#endif

// SPDX-License-Identifier: Apache-2.0
/* The Multiboot specification, version 0.6.96: what a boot loader leaves in memory. */
#ifndef BOOT_MULTIBOOT_H
#define BOOT_MULTIBOOT_H

#include "boot/boot_info.h"

#define MULTIBOOT_BOOTLOADER_MAGIC 0x2badb002u

/*
 * Read the information structure at `info` (physical) into `boot`. What the loader left is trusted
 * as the firmware is, but lengths are bounded. Calls boot_fail() for a loader that gave no memory
 * map or too many ranges.
 */
void multiboot_read(struct boot_info *boot, spa_t info);

#endif

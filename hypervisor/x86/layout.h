/* SPDX-License-Identifier: Apache-2.0 */
/* Where things stand in the hypervisor's own virtual address space. Included by C, assembly and the
 * linker script. */
#ifndef X86_LAYOUT_H
#define X86_LAYOUT_H

#ifdef __ASSEMBLER__
#define LAYOUT_ADDRESS(x) x
#else
#define LAYOUT_ADDRESS(x) x##UL
#endif

/* Where a loader puts the image. */
#define IMAGE_LOAD LAYOUT_ADDRESS(0x100000)

/* The image, in the top 2 GiB (the kernel code model). */
#define IMAGE_BASE LAYOUT_ADDRESS(0xffffffff80000000)

/* All memory, by its physical address. */
#define DIRECT_MAP_BASE LAYOUT_ADDRESS(0xffff800000000000)
#define DIRECT_MAP_SIZE LAYOUT_ADDRESS(0x0000400000000000)

/* Device registers, mapped one by one. */
#define DEVICE_MAP_BASE LAYOUT_ADDRESS(0xffffe00000000000)
#define DEVICE_MAP_SIZE LAYOUT_ADDRESS(0x40000000)

/* Stacks, each with an unmapped page below it. */
#define STACK_MAP_BASE LAYOUT_ADDRESS(0xfffff00000000000)
#define STACK_PAGES    4

/* The hypervisor's descriptor table. */
#define SELECTOR_CODE 0x08
#define SELECTOR_DATA 0x10
#define SELECTOR_TSS  0x18

#endif

// SPDX-License-Identifier: Apache-2.0
/* The guest's physical address space and its ports: what a machine of ours looks like. */
#ifndef WORKER_LAYOUT_H
#define WORKER_LAYOUT_H

#include <stdint.h>

#define PAGE_SIZE_4K UINT64_C(0x1000)
#define PAGE_SIZE_2M UINT64_C(0x200000)
#define GIB          UINT64_C(0x40000000)
#define MIB          UINT64_C(0x100000)

/* RAM begins at 0; what does not fit below LOW_RAM_END goes on at HIGH_RAM_START. */
#define LOW_RAM_END    UINT64_C(0xc0000000)
#define HIGH_RAM_START UINT64_C(0x100000000)
#define RAM_MIN        (16 * MIB)
#define RAM_MAX        (512 * GIB)

/* Windows that the VMBus device hands out; the high one follows the RAM. */
#define LOW_WINDOW_START  UINT64_C(0xe0000000)
#define LOW_WINDOW_SIZE   UINT64_C(0x1e000000)
#define HIGH_WINDOW_ALIGN (4 * GIB)
#define HIGH_WINDOW_SIZE  (64 * GIB)

#define IOAPIC_BASE UINT64_C(0xfec00000)
#define LAPIC_BASE  UINT64_C(0xfee00000)

/* Below 1 MiB: what the loader leaves there, then a hole, then the tables of the firmware. */
#define GDT_ADDRESS         UINT64_C(0x6000)
#define BOOT_PARAMS_ADDRESS UINT64_C(0x7000) /* or the PVH start info, or multiboot's */
#define PAGE_TABLES_ADDRESS UINT64_C(0x9000) /* six pages */
#define COMMAND_LINE        UINT64_C(0x20000)
#define COMMAND_LINE_SIZE   UINT64_C(0x1000)
#define CONVENTIONAL_END    UINT64_C(0x9fc00)
#define ACPI_ADDRESS        UINT64_C(0xe0000)
#define ACPI_SIZE           UINT64_C(0x10000)
#define HIGH_MEMORY         UINT64_C(0x100000)

/* Interrupt pins of the IO-APIC. */
#define PIN_TIMER  2u
#define PIN_SERIAL 4u
#define PIN_SCI    9u

/* Ports. */
#define PORT_PIC1        0x20u
#define PORT_PIT         0x40u
#define PORT_KEYBOARD    0x60u
#define PORT_SYSTEM      0x61u
#define PORT_COMMAND     0x64u
#define PORT_CMOS        0x70u
#define PORT_FAST_A20    0x92u
#define PORT_PIC2        0xa0u
#define PORT_DEBUG_EXIT  0xf4u
#define PORT_SERIAL      0x3f8u
#define PORT_ELCR        0x4d0u
#define PORT_POWER       0x600u
#define PORT_PCI_ADDRESS 0xcf8u
#define PORT_RESET       0xcf9u

#define VP_MAX 255u /* 8-bit APIC ids, the last one being everybody's */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A guest partition's image: the header of the x86 boot protocol, then everything else, to be made a flat file. */
#include "lib/layout.h"

OUTPUT_FORMAT("elf64-x86-64")
ENTRY(start32)

SECTIONS
{
	. = GUEST_LOAD - GUEST_SETUP_SIZE;
	.header : { KEEP(*(.header)) }
	. = GUEST_LOAD;
	.text : { KEEP(*(.start)) *(.text .text.*) }
	.rodata : { *(.rodata .rodata.*) }
	.data : ALIGN(4096) {
		*(.data .data.*)
		. = ALIGN(8);
		tests_start = .;
		KEEP(*(tests))
		tests_end = .;
	}
	test_names : { KEEP(*(test_names)) }
	. = ALIGN(16);
	payload_end = .;
	.bss : ALIGN(4096) {
		bss_start = .;
		*(.bss .bss.*)
		. = ALIGN(4096);
		bss_end = .;
	}
	/DISCARD/ : { *(.comment) *(.note.*) *(.eh_frame) }
}

/* In the units of the boot protocol's header. */
guest_syssize = (payload_end - GUEST_LOAD) / 16;
guest_init_size = bss_end - GUEST_LOAD;

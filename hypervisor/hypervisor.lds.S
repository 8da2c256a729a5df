/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image. Loaders put it at LOAD (a flat copy: file offsets and load addresses run in step, which the
 * Multiboot header's address fields rely on); it runs at IMAGE_BASE + LOAD and, later, moved elsewhere in RAM,
 * still at the same virtual address. Sections of different rights start on their own page.
 */
#include "x86/layout.h"

OUTPUT_FORMAT(elf64-x86-64)
ENTRY(boot_entry)

PHDRS
{
	boot PT_LOAD FLAGS(7);
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
}

SECTIONS
{
	. = IMAGE_LOAD;
	image_load_start = .;
	.boot : { *(.boot.header) *(.boot .boot.*) . = ALIGN(4096); } :boot

	. += IMAGE_BASE;
	image_start = .;
	.text : AT(ADDR(.text) - IMAGE_BASE) { *(.text .text.*) . = ALIGN(4096); } :text
	image_text_end = .;
	.rodata : AT(ADDR(.rodata) - IMAGE_BASE) {
		*(.rodata .rodata.*)
		. = ALIGN(16);
		*(.symbols)
		. = ALIGN(4096);
	} :rodata
	image_rodata_end = .;
	.data : AT(ADDR(.data) - IMAGE_BASE) {
		*(.data .data.*)
		. = ALIGN(16);
		__start_counters = .;
		KEEP(*(counters))
		__stop_counters = .;
		. = ALIGN(4096);
	} :data
	image_load_end = . - IMAGE_BASE;
	.bss : AT(ADDR(.bss) - IMAGE_BASE) { *(.bss .bss.*) *(COMMON) . = ALIGN(4096); } :data
	image_end = .;
	image_bss_end = . - IMAGE_BASE;

	/DISCARD/ : { *(.note .note.* .comment .eh_frame .eh_frame_hdr .gnu.*) }
}

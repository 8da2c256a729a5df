// SPDX-License-Identifier: Apache-2.0
/* Where log lines can be seen while they are written. Implemented in x86/console.c. */
#ifndef CORE_CONSOLE_H
#define CORE_CONSOLE_H

#include "core/types.h"

#define CONSOLE_COM1  BIT(0)
#define CONSOLE_COM2  BIT(1)
#define CONSOLE_DEBUG BIT(2) /* port 0xe9, where an emulator answers there */
#define CONSOLE_VGA   BIT(3) /* the text-mode screen */

#define CONSOLE_ALL (CONSOLE_COM1 | CONSOLE_COM2 | CONSOLE_DEBUG | CONSOLE_VGA)

/* Find out which consoles but the screen exist, and set up those that need it. Before that nothing
 * is written. */
void console_init(void);

/* True if the BIOS says that the display is in 80 x 25 text mode. Only where there is a BIOS. */
bool console_bios_vga_text(void);

/* From now on write to the display, too, which is in 80 x 25 text mode. */
void console_use_vga_text(void);

/* True if console_use_vga_text() was called. */
bool console_vga_text(void);

/* Write `length` bytes of text to those of `consoles` (CONSOLE_ bits) that exist. A newline ends a
 * line. */
void console_write(uint64_t consoles, const char *text, size_t length);

#endif

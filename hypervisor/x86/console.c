// SPDX-License-Identifier: Apache-2.0
#include "core/console.h"

#include "core/machine.h"
#include "core/string.h"
#include "x86/cpu.h"

#define COM1 0x3f8
#define COM2 0x2f8

/* 16550 registers. */
#define UART_DATA     0
#define UART_IER      1
#define UART_FCR      2
#define UART_LCR      3
#define UART_MCR      4
#define UART_LSR      5
#define UART_SCRATCH  7
#define LSR_EMPTY     0x20
/* A character at 9600 baud takes 1 ms; a port read takes about 1 us. Give up on a UART that never
 * drains. */
#define UART_PATIENCE 100000u

#define DEBUG_PORT 0xe9

#define VGA_TEXT       0xb8000u
#define VGA_COLUMNS    80u
#define VGA_ROWS       25u
#define VGA_WHITE      0x0f00u
#define BDA_VIDEO_MODE 0x449u
#define BIOS_MODE_TEXT 3u /* 80 x 25 */

static uint64_t present;
static unsigned int vga_row, vga_column;

static void uart_init(uint16_t port)
{
	outb(port + UART_IER, 0);
	outb(port + UART_LCR, 0x80);
	outb(port + UART_DATA, 1); /* 115200 baud */
	outb(port + UART_IER, 0);
	outb(port + UART_LCR, 0x03);
	outb(port + UART_FCR, 0x07);
	outb(port + UART_MCR, 0x03);
}

static bool uart_exists(uint16_t port)
{
	outb(port + UART_SCRATCH, 0xa5);
	if (inb(port + UART_SCRATCH) != 0xa5)
		return false;
	outb(port + UART_SCRATCH, 0x5a);
	return inb(port + UART_SCRATCH) == 0x5a;
}

static void uart_put(uint16_t port, char c)
{
	for (unsigned int i = 0; i < UART_PATIENCE && !(inb(port + UART_LSR) & LSR_EMPTY); i++)
		cpu_relax();
	outb(port + UART_DATA, (uint8_t)c);
}

static void uart_write(uint16_t port, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			uart_put(port, '\r');
		uart_put(port, text[i]);
	}
}

static void vga_newline(volatile uint16_t *screen)
{
	vga_column = 0;
	if (vga_row + 1 < VGA_ROWS) {
		vga_row++;
		return;
	}
	for (unsigned int i = 0; i < VGA_COLUMNS * (VGA_ROWS - 1); i++)
		screen[i] = screen[i + VGA_COLUMNS];
	for (unsigned int i = 0; i < VGA_COLUMNS; i++)
		screen[VGA_COLUMNS * (VGA_ROWS - 1) + i] = VGA_WHITE | ' ';
}

static void vga_write(const char *text, size_t length)
{
	volatile uint16_t *screen = spa_to_virt(VGA_TEXT);

	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n' || vga_column == VGA_COLUMNS)
			vga_newline(screen);
		if (text[i] != '\n')
			screen[vga_row * VGA_COLUMNS + vga_column++] = VGA_WHITE | (uint8_t)text[i];
	}
}

void console_init(void)
{
	if (uart_exists(COM1)) {
		uart_init(COM1);
		present |= CONSOLE_COM1;
	}
	if (uart_exists(COM2)) {
		uart_init(COM2);
		present |= CONSOLE_COM2;
	}
	if (inb(DEBUG_PORT) == DEBUG_PORT)
		present |= CONSOLE_DEBUG;
}

bool console_bios_vga_text(void)
{
	uint8_t mode;

	memcpy(&mode, spa_to_virt(BDA_VIDEO_MODE), 1);
	return mode == BIOS_MODE_TEXT;
}

void console_use_vga_text(void)
{
	present |= CONSOLE_VGA;
}

bool console_vga_text(void)
{
	return present & CONSOLE_VGA;
}

void console_write(uint64_t consoles, const char *text, size_t length)
{
	consoles &= present;
	if (consoles & CONSOLE_COM1)
		uart_write(COM1, text, length);
	if (consoles & CONSOLE_COM2)
		uart_write(COM2, text, length);
	if (consoles & CONSOLE_DEBUG)
		for (size_t i = 0; i < length; i++)
			outb(DEBUG_PORT, (uint8_t)text[i]);
	if (consoles & CONSOLE_VGA)
		vga_write(text, length);
}

// SPDX-License-Identifier: Apache-2.0
#include "lib/console.h"

#include "core/printk.h"
#include "x86/cpu.h"

#define COM1      0x3f8
/* 16550 registers. */
#define UART_DATA 0
#define UART_IER  1
#define UART_FCR  2
#define UART_LCR  3
#define UART_MCR  4
#define UART_LSR  5
#define LSR_EMPTY 0x20
/* A port that never drains is given up; at 115200 baud a character takes 90 us. */
#define PATIENCE  1000000u

void console_init(void)
{
	outb(COM1 + UART_IER, 0);
	outb(COM1 + UART_LCR, 0x80);
	outb(COM1 + UART_DATA, 1); /* 115200 baud */
	outb(COM1 + UART_IER, 0);
	outb(COM1 + UART_LCR, 0x03);
	outb(COM1 + UART_FCR, 0x07);
	outb(COM1 + UART_MCR, 0x03);
}

static void put(char c)
{
	for (unsigned int i = 0; i < PATIENCE && !(inb(COM1 + UART_LSR) & LSR_EMPTY); i++)
		cpu_relax();
	outb(COM1 + UART_DATA, (uint8_t)c);
}

void console_text(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			put('\r');
		put(*text);
	}
}

void console_print(const char *fmt, ...)
{
	char line[512];
	va_list args;

	va_start(args, fmt);
	vformat(line, sizeof(line), fmt, args);
	va_end(args);
	console_text(line);
}

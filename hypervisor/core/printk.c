// SPDX-License-Identifier: Apache-2.0
#include "core/printk.h"

#include "core/console.h"
#include "core/log.h"
#include "core/machine.h"
#include "core/spinlock.h"
#include "core/string.h"

static struct spinlock mirror_lock;
static uint64_t mirror_consoles;
static enum log_level mirror_level = LOG_INFO;

static const char *level_name(enum log_level level)
{
	switch (level) {
	case LOG_PANIC:
		return "panic: ";
	case LOG_ERROR:
		return "error: ";
	case LOG_WARN:
		return "warning: ";
	case LOG_INFO:
	case LOG_DEBUG:
	default:
		return "";
	}
}

void printk_mirror(uint64_t consoles, enum log_level level)
{
	mirror_consoles = consoles;
	mirror_level = level;
}

void vprintk(enum log_level level, const char *fmt, va_list args)
{
	char text[LOG_LINE_MAX + 1];
	char line[LOG_LINE_MAX + 48];
	uint64_t now = machine_reference_time();
	size_t length = MIN(vformat(text, sizeof(text), fmt, args), LOG_LINE_MAX);

	log_append(level, now, text, length);
	if (level > mirror_level || mirror_consoles == 0)
		return;
	length = format(line, sizeof(line), "[%5lu.%06lu] bulkhead: %s%s\n", (now / 10000000),
			(now / 10 % 1000000), level_name(level), text);
	spin_lock(&mirror_lock);
	console_write(mirror_consoles, line, MIN(length, sizeof(line) - 1));
	spin_unlock(&mirror_lock);
}

void printk(enum log_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintk(level, fmt, args);
	va_end(args);
}

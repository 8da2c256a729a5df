// SPDX-License-Identifier: Apache-2.0
/*
 * format(): the part of printf that a hypervisor needs. No floating point, no allocation, no
 * locale.
 */
#include "core/printk.h"
#include "core/string.h"

/* Longest conversion of a 64-bit number: 20 decimal digits. */
#define DIGITS_MAX 20

/* A wider field is a mistake in the format; going on would only cost time. */
#define WIDTH_MAX 100

/* Where formatted text goes: counts all of it, keeps what fits. */
struct sink {
	char *buf;
	size_t size;
	size_t length;
};

/* One conversion specification. */
struct spec {
	bool zero;
	bool left;
	bool prefix;
	unsigned int width;
	unsigned int longs; /* 0: int, 1: long, 2: long long */
};

static void put(struct sink *sink, char c)
{
	if (sink->length + 1 < sink->size)
		sink->buf[sink->length] = c;
	sink->length++;
}

static void pad(struct sink *sink, char c, size_t count)
{
	while (count-- > 0)
		put(sink, c);
}

static void put_text(struct sink *sink, const struct spec *spec, const char *text, size_t length)
{
	size_t fill = spec->width > length ? spec->width - length : 0;

	if (!spec->left)
		pad(sink, ' ', fill);
	for (size_t i = 0; i < length; i++)
		put(sink, text[i]);
	if (spec->left)
		pad(sink, ' ', fill);
}

static void put_number(struct sink *sink, const struct spec *spec, uint64_t value, bool negative,
		       unsigned int base, bool upper)
{
	const char *alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char digits[DIGITS_MAX];
	char prefix[2];
	size_t prefix_length = 0;
	size_t count = 0;
	size_t length;
	size_t fill;

	do {
		digits[count++] = alphabet[value % base];
		value /= base;
	} while (value != 0);

	if (negative)
		prefix[prefix_length++] = '-';
	if (spec->prefix && base == 16) {
		prefix[prefix_length++] = '0';
		prefix[prefix_length++] = upper ? 'X' : 'x';
	}

	length = count + prefix_length;
	fill = spec->width > length ? spec->width - length : 0;
	if (!spec->left && !spec->zero)
		pad(sink, ' ', fill);
	for (size_t i = 0; i < prefix_length; i++)
		put(sink, prefix[i]);
	if (!spec->left && spec->zero)
		pad(sink, '0', fill);
	while (count > 0)
		put(sink, digits[--count]);
	if (spec->left)
		pad(sink, ' ', fill);
}

/* Read flags, width and length behind a '%'. Returns the first character behind them. */
static const char *parse_spec(const char *p, struct spec *spec)
{
	memset(spec, 0, sizeof(*spec));
	for (;; p++) {
		if (*p == '0')
			spec->zero = true;
		else if (*p == '-')
			spec->left = true;
		else if (*p == '#')
			spec->prefix = true;
		else
			break;
	}
	for (; *p >= '0' && *p <= '9'; p++) {
		if (spec->width < WIDTH_MAX)
			spec->width = spec->width * 10 + (unsigned int)(*p - '0');
	}
	for (; *p == 'l' && spec->longs < 2; p++)
		spec->longs++;
	if (*p == 'z') {
		spec->longs = 1;
		p++;
	}
	return p;
}

static uint64_t next_unsigned(va_list *args, unsigned int longs)
{
	if (longs == 0)
		return va_arg(*args, unsigned int);
	if (longs == 1)
		return va_arg(*args, unsigned long);
	return va_arg(*args, unsigned long long);
}

static int64_t next_signed(va_list *args, unsigned int longs)
{
	if (longs == 0)
		return va_arg(*args, int);
	if (longs == 1)
		return va_arg(*args, long);
	return va_arg(*args, long long);
}

/*
 * Do one conversion. Returns false, having taken no argument, for a letter that is not one of ours.
 */
static bool convert(struct sink *sink, struct spec *spec, char letter, va_list *args)
{
	const char *text;
	int64_t number;
	char c;

	switch (letter) {
	case '%':
		put(sink, '%');
		return true;
	case 'c':
		c = (char)va_arg(*args, int);
		put_text(sink, spec, &c, 1);
		return true;
	case 's':
		text = va_arg(*args, const char *);
		if (text == NULL)
			text = "(null)";
		put_text(sink, spec, text, strlen(text));
		return true;
	case 'd':
	case 'i':
		/* Negate as unsigned: the most negative number has no positive twin. */
		number = next_signed(args, spec->longs);
		put_number(sink, spec, number < 0 ? 0 - (uint64_t)number : (uint64_t)number,
			   number < 0, 10, false);
		return true;
	case 'u':
		put_number(sink, spec, next_unsigned(args, spec->longs), false, 10, false);
		return true;
	case 'x':
	case 'X':
		put_number(sink, spec, next_unsigned(args, spec->longs), false, 16, letter == 'X');
		return true;
	case 'p':
		spec->prefix = true;
		put_number(sink, spec, (uintptr_t)va_arg(*args, void *), false, 16, false);
		return true;
	default:
		return false;
	}
}

size_t vformat(char *buf, size_t size, const char *fmt, va_list args)
{
	struct sink sink = {.buf = buf, .size = size, .length = 0};
	va_list ap;

	va_copy(ap, args);
	for (const char *p = fmt; *p != '\0'; p++) {
		struct spec spec;
		const char *end;

		if (*p != '%') {
			put(&sink, *p);
			continue;
		}
		end = parse_spec(p + 1, &spec);
		if (*end != '\0' && convert(&sink, &spec, *end, &ap))
			p = end;
		else
			put(&sink, '%'); /* not ours: the text shows as it stands */
	}
	va_end(ap);

	if (size > 0)
		buf[MIN(sink.length, size - 1)] = '\0';
	return sink.length;
}

size_t format(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	size_t length;

	va_start(args, fmt);
	length = vformat(buf, size, fmt, args);
	va_end(args);
	return length;
}

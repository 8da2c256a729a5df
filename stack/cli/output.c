// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <string.h>

bool output_parse(enum output_format *format, const char *value)
{
	if (strcmp(value, "text") == 0)
		*format = OUTPUT_TEXT;
	else if (strcmp(value, "json") == 0)
		*format = OUTPUT_JSON;
	else
		return false;
	return true;
}

static bool printable(unsigned char c)
{
	return c >= 0x20 && c < 0x7f;
}

void output_text(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (printable(c))
			putc(c, out);
		else
			fprintf(out, "\\x%02x", c);
	}
}

void output_json_string(FILE *out, const char *text, size_t length)
{
	putc('"', out);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (printable(c))
			putc(c, out);
		else
			fprintf(out, "\\u%04x", c);
	}
	putc('"', out);
}

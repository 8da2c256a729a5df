// SPDX-License-Identifier: Apache-2.0
/* How results are written: formats, and text made harmless for terminals and for JSON. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum output_format {
	OUTPUT_TEXT,
	OUTPUT_JSON,
};

/* Set *format from the value of `-o`. Returns false if no format is called that. */
bool output_parse(enum output_format *format, const char *value);

/* Write `length` bytes of text; what is not printable ASCII becomes \xNN. */
void output_text(FILE *out, const char *text, size_t length);

/*
 * Write `length` bytes as a JSON string, quotes included. The text is taken as ISO 8859-1, so that
 * the result is valid whatever the bytes are.
 */
void output_json_string(FILE *out, const char *text, size_t length);

#endif

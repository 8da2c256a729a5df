// SPDX-License-Identifier: Apache-2.0
#include "boot/arguments.h"

bool boot_arguments(char out[BOOT_COMMAND_LINE_MAX], const char *line, size_t size)
{
	size_t at = 0, n = 0;

	out[0] = '\0';
	while (at < size && line[at] != '\0' && line[at] != ' ')
		at++;
	while (at < size && line[at] == ' ')
		at++;
	while (at < size && line[at] != '\0') {
		if (n + 1 == BOOT_COMMAND_LINE_MAX)
			return false;
		out[n++] = line[at++];
	}
	out[n] = '\0';
	return true;
}

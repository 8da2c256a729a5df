// SPDX-License-Identifier: Apache-2.0
/* The texts that a loader gives with the image and with each module. */
#ifndef BOOT_ARGUMENTS_H
#define BOOT_ARGUMENTS_H

#include "core/types.h"

#define BOOT_COMMAND_LINE_MAX 2048u

/*
 * Copy the arguments of `line`, which ends with a NUL or after `size` bytes. By convention of the
 * loaders the first word is the file's name (or a placeholder for it): it is not ours to read.
 * Returns false if they do not fit into `out`.
 */
bool boot_arguments(char out[BOOT_COMMAND_LINE_MAX], const char *line, size_t size);

#endif

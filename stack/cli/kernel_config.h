// SPDX-License-Identifier: Apache-2.0
/* Reads a kernel's configuration text. Pure. */
#ifndef CLI_KERNEL_CONFIG_H
#define CLI_KERNEL_CONFIG_H

#include <stddef.h>

/*
 * The value of option `name` ("CONFIG_X") in the configuration `text` of `length` bytes: 'y', 'm',
 * 'n' if it is off or not mentioned, '=' for any other value.
 */
char kernel_config_value(const char *text, size_t length, const char *name);

#endif

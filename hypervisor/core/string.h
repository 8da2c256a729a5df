// SPDX-License-Identifier: Apache-2.0
/* The string and memory functions of C that the hypervisor uses; on the host the C library's own
 * serve. */
#ifndef CORE_STRING_H
#define CORE_STRING_H

#include "core/types.h"

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);

#endif

// SPDX-License-Identifier: Apache-2.0
#include "core/string.h"

/* Eight bytes at a time, then the rest: a string instruction costs by its repetitions, not by its
 * bytes. */
void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	void *d = dst;
	size_t words = n / 8, rest = n % 8;

	__asm__ volatile("rep movsq" : "+D"(d), "+S"(src), "+c"(words) : : "memory");
	__asm__ volatile("rep movsb" : "+D"(d), "+S"(src), "+c"(rest) : : "memory");
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	size_t words = n / 8, rest = n % 8;
	char *d = (char *)dst + n - 1;
	const char *s = (const char *)src + n - 1;

	if ((uintptr_t)dst - (uintptr_t)src >= n) {
		/* Upwards is safe, but memcpy's pointers may not overlap. */
		void *to = dst;

		__asm__ volatile("rep movsq" : "+D"(to), "+S"(src), "+c"(words) : : "memory");
		__asm__ volatile("rep movsb" : "+D"(to), "+S"(src), "+c"(rest) : : "memory");
		return dst;
	}
	__asm__ volatile("std; rep movsb" : "+D"(d), "+S"(s), "+c"(rest) : : "memory");
	d -= 7;
	s -= 7;
	__asm__ volatile("rep movsq; cld" : "+D"(d), "+S"(s), "+c"(words) : : "memory");
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	void *d = dst;
	size_t words = n / 8, rest = n % 8;
	uint64_t pattern = (uint8_t)c * 0x0101010101010101ULL;

	__asm__ volatile("rep stosq" : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D"(d), "+c"(rest) : "a"(pattern) : "memory");
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n > 0; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0')
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	while (n > 0 && *a != '\0' && *a == *b) {
		a++;
		b++;
		n--;
	}
	return n == 0 ? 0 : (unsigned char)*a - (unsigned char)*b;
}

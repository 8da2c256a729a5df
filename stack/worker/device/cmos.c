// SPDX-License-Identifier: Apache-2.0
#include "worker/device/cmos.h"

#include <stdbool.h>
#include <string.h>

enum {
	CMOS_SECONDS = 0x00,
	CMOS_MINUTES = 0x02,
	CMOS_HOURS = 0x04,
	CMOS_WEEKDAY = 0x06,
	CMOS_DAY = 0x07,
	CMOS_MONTH = 0x08,
	CMOS_YEAR = 0x09,
	CMOS_STATUS_A = 0x0a,
	CMOS_STATUS_B = 0x0b,
	CMOS_STATUS_C = 0x0c,
	CMOS_STATUS_D = 0x0d,
	CMOS_CENTURY = 0x32,
};

#define SECONDS_MAX INT64_C(253402300799) /* the end of the year 9999, the last with two digits */

#define STATUS_A_32KHZ  0x26u
#define STATUS_B_BINARY 0x04u
#define STATUS_B_24H    0x02u
#define STATUS_D_VALID  0x80u

void cmos_reset(struct cmos *cmos)
{
	memset(cmos, 0, sizeof(*cmos));
	cmos->bytes[CMOS_STATUS_A] = STATUS_A_32KHZ;
	cmos->bytes[CMOS_STATUS_B] = STATUS_B_24H;
}

void cmos_select(struct cmos *cmos, uint8_t value)
{
	cmos->index = value & (CMOS_SIZE - 1);
}

/* A time of day and a date, each as the clock counts it. */
struct date {
	unsigned int second, minute, hour;
	unsigned int weekday, day, month, year; /* from 1 on; the year with its century */
};

static bool leap(unsigned int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* libc's gmtime_r() reads files. */
static struct date date_of(int64_t seconds)
{
	static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	uint64_t time = seconds >= 0 && seconds <= SECONDS_MAX ? (uint64_t)seconds : 0;
	unsigned int days = (unsigned int)(time / 86400), rest = (unsigned int)(time % 86400);
	struct date date = {.second = rest % 60,
			    .minute = rest / 60 % 60,
			    .hour = rest / 3600,
			    .weekday = (days + 4) % 7 + 1, /* it was a Thursday */
			    .year = 1970,
			    .month = 1};
	unsigned int length;

	/* 400 years have a whole number of days; after that at most 399 years are counted off */
	date.year += days / 146097 * 400;
	for (days %= 146097; days >= (leap(date.year) ? 366u : 365u); date.year++)
		days -= leap(date.year) ? 366 : 365;
	for (;; date.month++) {
		length = lengths[date.month - 1] + (date.month == 2 && leap(date.year) ? 1u : 0u);
		if (days < length)
			break;
		days -= length;
	}
	date.day = days + 1;
	return date;
}

/* A number 0..99 as the guest has set the clock to count. */
static uint8_t number(const struct cmos *cmos, unsigned int value)
{
	if (cmos->bytes[CMOS_STATUS_B] & STATUS_B_BINARY)
		return (uint8_t)value;
	return (uint8_t)(value / 10 << 4 | value % 10);
}

static uint8_t hours(const struct cmos *cmos, unsigned int value)
{
	if (cmos->bytes[CMOS_STATUS_B] & STATUS_B_24H)
		return number(cmos, value);
	return (uint8_t)(number(cmos, value % 12 ? value % 12 : 12) | (value >= 12 ? 0x80 : 0));
}

uint8_t cmos_read(const struct cmos *cmos, int64_t seconds)
{
	struct date date = date_of(seconds);

	switch (cmos->index) {
	case CMOS_SECONDS:
		return number(cmos, date.second);
	case CMOS_MINUTES:
		return number(cmos, date.minute);
	case CMOS_HOURS:
		return hours(cmos, date.hour);
	case CMOS_WEEKDAY:
		return number(cmos, date.weekday);
	case CMOS_DAY:
		return number(cmos, date.day);
	case CMOS_MONTH:
		return number(cmos, date.month);
	case CMOS_YEAR:
		return number(cmos, date.year % 100);
	case CMOS_CENTURY:
		return number(cmos, date.year / 100);
	case CMOS_STATUS_C:
		return 0;
	case CMOS_STATUS_D:
		return STATUS_D_VALID;
	default:
		return cmos->bytes[cmos->index];
	}
}

void cmos_write(struct cmos *cmos, uint8_t value)
{
	cmos->bytes[cmos->index] = value;
}

// SPDX-License-Identifier: Apache-2.0
#include "worker/device/cmos.h"

#include <string.h>
#include <time.h>

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

/* A number 0..99 as the guest has set the clock to count. */
static uint8_t number(const struct cmos *cmos, int value)
{
	if (cmos->bytes[CMOS_STATUS_B] & STATUS_B_BINARY)
		return (uint8_t)value;
	return (uint8_t)(value / 10 << 4 | value % 10);
}

static uint8_t hours(const struct cmos *cmos, int value)
{
	if (cmos->bytes[CMOS_STATUS_B] & STATUS_B_24H)
		return number(cmos, value);
	return (uint8_t)(number(cmos, value % 12 ? value % 12 : 12) | (value >= 12 ? 0x80 : 0));
}

uint8_t cmos_read(const struct cmos *cmos, int64_t seconds)
{
	time_t time = seconds >= 0 && seconds <= SECONDS_MAX ? seconds : 0;
	struct tm tm;

	gmtime_r(&time, &tm);
	switch (cmos->index) {
	case CMOS_SECONDS:
		return number(cmos, tm.tm_sec);
	case CMOS_MINUTES:
		return number(cmos, tm.tm_min);
	case CMOS_HOURS:
		return hours(cmos, tm.tm_hour);
	case CMOS_WEEKDAY:
		return number(cmos, tm.tm_wday + 1);
	case CMOS_DAY:
		return number(cmos, tm.tm_mday);
	case CMOS_MONTH:
		return number(cmos, tm.tm_mon + 1);
	case CMOS_YEAR:
		return number(cmos, tm.tm_year % 100);
	case CMOS_CENTURY:
		return number(cmos, tm.tm_year / 100 + 19);
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

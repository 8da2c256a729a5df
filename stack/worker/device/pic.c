// SPDX-License-Identifier: Apache-2.0
#include "worker/device/pic.h"

#include <string.h>

#define ICW1_INIT 0x10u
#define ICW1_ICW4 0x01u

void pic_reset(struct pic *pic)
{
	memset(pic, 0, sizeof(*pic));
	pic->mask = 0xff;
}

uint8_t pic_read(const struct pic *pic, unsigned int offset)
{
	return offset == 1 ? pic->mask : 0; /* no request, none in service */
}

void pic_write(struct pic *pic, unsigned int offset, uint8_t value)
{
	if (offset == 0) {
		if (value & ICW1_INIT) {
			pic->mask = 0;
			pic->step = 2;
			pic->needs_icw4 = value & ICW1_ICW4;
		}
		return;
	}
	switch (pic->step) {
	case 2:
		pic->step = 3;
		break;
	case 3:
		pic->step = pic->needs_icw4 ? 4 : 0;
		break;
	case 4:
		pic->step = 0;
		break;
	default:
		pic->mask = value;
		break;
	}
}

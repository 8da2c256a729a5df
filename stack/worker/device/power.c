// SPDX-License-Identifier: Apache-2.0
#include "worker/device/power.h"

#include <string.h>

#define PM1_POWER_BUTTON 0x0100u
#define PM1_ENABLE_MASK  0x0521u /* timer, global, power button, RTC */
#define PM1_SCI_ENABLE   0x0001u
#define PM1_SLEEP_TYPE   0x1c00u
#define PM1_SLEEP_ENABLE 0x2000u
#define PM1_CONTROL_MASK (PM1_SCI_ENABLE | PM1_SLEEP_TYPE | 0x0002u)

#define TIMER_MASK    0x00ffffffu
#define NS_PER_SECOND UINT64_C(1000000000)

void power_reset(struct power *power)
{
	memset(power, 0, sizeof(*power));
	power->control = PM1_SCI_ENABLE;
}

static uint32_t timer(uint64_t now_ns)
{
	uint64_t ticks = now_ns / NS_PER_SECOND * POWER_TIMER_HZ +
			 now_ns % NS_PER_SECOND * POWER_TIMER_HZ / NS_PER_SECOND;

	return (uint32_t)(ticks & TIMER_MASK);
}

uint8_t power_read(const struct power *power, unsigned int offset, uint64_t now_ns)
{
	uint64_t registers = (uint64_t)power->status | (uint64_t)power->enable << 16 |
			     (uint64_t)power->control << 32;

	if (offset < POWER_TIMER)
		return (uint8_t)(registers >> (8 * offset));
	if (offset < POWER_RESET)
		return (uint8_t)(timer(now_ns) >> (8 * (offset - POWER_TIMER)));
	return 0;
}

static void set_byte(uint16_t *value, unsigned int byte, uint8_t to)
{
	*value = (uint16_t)((*value & ~(0xffu << (8 * byte))) | (unsigned int)to << (8 * byte));
}

static enum power_request write_control(struct power *power, unsigned int byte, uint8_t value)
{
	uint16_t wanted = power->control;

	set_byte(&wanted, byte, value);
	power->control = (uint16_t)((wanted & PM1_CONTROL_MASK) | PM1_SCI_ENABLE);
	if ((wanted & PM1_SLEEP_ENABLE) && (wanted & PM1_SLEEP_TYPE) >> 10 == POWER_SLEEP_TYPE)
		return POWER_OFF;
	return POWER_NOTHING;
}

enum power_request power_write(struct power *power, unsigned int offset, uint8_t value)
{
	switch (offset) {
	case POWER_PM1_EVENT:
	case POWER_PM1_EVENT + 1:
		/* writing ones clears */
		power->status = (uint16_t)(power->status & ~((unsigned int)value << (8 * offset)));
		return POWER_NOTHING;
	case POWER_PM1_EVENT + 2:
	case POWER_PM1_EVENT + 3:
		set_byte(&power->enable, offset - 2, value);
		power->enable &= PM1_ENABLE_MASK;
		return POWER_NOTHING;
	case POWER_PM1_CONTROL:
	case POWER_PM1_CONTROL + 1:
		return write_control(power, offset - POWER_PM1_CONTROL, value);
	case POWER_RESET:
		return value == POWER_RESET_VALUE ? POWER_RESTART : POWER_NOTHING;
	default:
		return POWER_NOTHING;
	}
}

void power_press_button(struct power *power)
{
	power->status |= PM1_POWER_BUTTON;
}

bool power_line(const struct power *power)
{
	return power->status & power->enable & PM1_POWER_BUTTON;
}

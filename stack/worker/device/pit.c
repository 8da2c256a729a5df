// SPDX-License-Identifier: Apache-2.0
#include "worker/device/pit.h"

#include <string.h>

#define NS_PER_SECOND UINT64_C(1000000000)

#define ACCESS_LATCH 0u
#define ACCESS_LOW   1u
#define ACCESS_HIGH  2u
#define ACCESS_BOTH  3u

#define GATE_CHANNEL2 0x01u
#define GATE_MASK     0x03u
#define GATE_REFRESH  0x10u
#define GATE_OUTPUT2  0x20u

void pit_reset(struct pit *pit)
{
	memset(pit, 0, sizeof(*pit));
	for (unsigned int i = 0; i < PIT_CHANNELS; i++)
		pit->channels[i].access = ACCESS_BOTH;
}

static uint32_t period(const struct pit_channel *channel)
{
	return channel->reload ? channel->reload : 0x10000u;
}

static bool periodic(const struct pit_channel *channel)
{
	return channel->mode == 2 || channel->mode == 3;
}

/* Clock ticks since the count was loaded. */
static uint64_t elapsed(const struct pit_channel *channel, uint64_t now_ns)
{
	uint64_t ns = now_ns > channel->start_ns ? now_ns - channel->start_ns : 0;

	return ns / NS_PER_SECOND * PIT_HZ + ns % NS_PER_SECOND * PIT_HZ / NS_PER_SECOND;
}

static uint16_t count(const struct pit_channel *channel, uint64_t now_ns)
{
	uint64_t ticks = channel->running ? elapsed(channel, now_ns) : 0;

	if (periodic(channel)) {
		/* a square wave counts down by two */
		if (channel->mode == 3)
			ticks *= 2;
		return (uint16_t)(period(channel) - ticks % period(channel));
	}
	return (uint16_t)(period(channel) - ticks);
}

static bool output(const struct pit_channel *channel, uint64_t now_ns)
{
	uint64_t ticks = elapsed(channel, now_ns);

	if (!channel->running)
		return channel->mode != 0;
	if (channel->mode == 3)
		return ticks % period(channel) < (period(channel) + 1) / 2;
	if (channel->mode == 2)
		return ticks % period(channel) != period(channel) - 1;
	return ticks >= period(channel);
}

static uint8_t read_counter(struct pit_channel *channel, uint64_t now_ns)
{
	uint16_t value = channel->latched ? channel->latch : count(channel, now_ns);
	bool high = channel->access == ACCESS_HIGH ||
		    (channel->access == ACCESS_BOTH && channel->read_high);

	if (channel->access == ACCESS_BOTH) {
		channel->read_high = !channel->read_high;
		/* both bytes are of one count */
		if (channel->read_high) {
			channel->latched = true;
			channel->latch = value;
		} else {
			channel->latched = false;
		}
	} else {
		channel->latched = false;
	}
	return (uint8_t)(high ? value >> 8 : value & 0xff);
}

uint8_t pit_read(struct pit *pit, unsigned int offset, uint64_t now_ns)
{
	return offset < PIT_CHANNELS ? read_counter(&pit->channels[offset], now_ns) : 0xff;
}

static void load(struct pit_channel *channel, uint16_t value, uint64_t now_ns)
{
	channel->reload = value;
	channel->start_ns = now_ns;
	channel->running = true;
}

static void write_counter(struct pit_channel *channel, uint8_t value, uint64_t now_ns)
{
	switch (channel->access) {
	case ACCESS_LOW:
		load(channel, value, now_ns);
		break;
	case ACCESS_HIGH:
		load(channel, (uint16_t)(value << 8), now_ns);
		break;
	default:
		if (channel->write_high)
			load(channel, (uint16_t)(value << 8 | channel->low), now_ns);
		else
			channel->low = value;
		channel->write_high = !channel->write_high;
		break;
	}
}

static void write_control(struct pit *pit, uint8_t value, uint64_t now_ns)
{
	unsigned int index = value >> 6;
	uint8_t access = (value >> 4) & 3;
	uint8_t mode = (value >> 1) & 7;
	struct pit_channel *channel;

	if (index >= PIT_CHANNELS)
		return; /* read-back: not of this timer */
	channel = &pit->channels[index];
	if (access == ACCESS_LATCH) {
		if (!channel->latched) {
			channel->latch = count(channel, now_ns);
			channel->latched = true;
		}
		return;
	}
	memset(channel, 0, sizeof(*channel));
	channel->access = access;
	channel->mode = mode > 5 ? mode & 3 : mode;
}

void pit_write(struct pit *pit, unsigned int offset, uint8_t value, uint64_t now_ns)
{
	if (offset < PIT_CHANNELS)
		write_counter(&pit->channels[offset], value, now_ns);
	else
		write_control(pit, value, now_ns);
}

uint8_t pit_read_gate(const struct pit *pit, uint64_t now_ns)
{
	uint8_t value = pit->gate;

	if (output(&pit->channels[2], now_ns))
		value |= GATE_OUTPUT2;
	if (now_ns / 15085 & 1) /* the refresh clock of an AT */
		value |= GATE_REFRESH;
	return value;
}

void pit_write_gate(struct pit *pit, uint8_t value, uint64_t now_ns)
{
	/* a rising gate starts the count again */
	if (value & ~pit->gate & GATE_CHANNEL2)
		pit->channels[2].start_ns = now_ns;
	pit->gate = value & GATE_MASK;
}

uint64_t pit_next_tick(const struct pit *pit, uint64_t after_ns)
{
	const struct pit_channel *channel = &pit->channels[0];
	uint64_t ticks = period(channel);

	if (!channel->running)
		return PIT_NEVER;
	if (periodic(channel))
		ticks *= elapsed(channel, after_ns) / period(channel) + 1;
	/* rounded up, so that the tick has happened at that time */
	ticks = channel->start_ns + ticks / PIT_HZ * NS_PER_SECOND +
		(ticks % PIT_HZ * NS_PER_SECOND + PIT_HZ - 1) / PIT_HZ;
	return ticks > after_ns ? ticks : PIT_NEVER;
}

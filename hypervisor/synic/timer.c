// SPDX-License-Identifier: Apache-2.0
#include "synic/timer.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/msr.h"
#include "abi/hv/vp_state.h"
#include "apic/apic.h"
#include "core/counter.h"
#include "core/machine.h"
#include "core/string.h"
#include "partition/partition.h"
#include "partition/vp.h"

#define CONFIG_DEFINED                                                                   \
	(HV_STIMER_ENABLE | HV_STIMER_PERIODIC | HV_STIMER_LAZY | HV_STIMER_AUTOENABLE | \
	 HV_STIMER_APIC_VECTOR_MASK | HV_STIMER_DIRECT_MODE | HV_STIMER_SINT_MASK)

/* A lazy timer that is late is silent in the last part of its period: 1 / LAZY_PART. */
#define LAZY_PART 8u

COUNTER(expired, "synic.timers_expired");
COUNTER(skipped, "synic.timer_periods_skipped");

static uint64_t add_saturating(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static unsigned int sint_of(uint64_t config)
{
	return (unsigned int)((config & HV_STIMER_SINT_MASK) >> HV_STIMER_SINT_SHIFT);
}

static uint8_t vector_of(uint64_t config)
{
	return (uint8_t)((config & HV_STIMER_APIC_VECTOR_MASK) >> HV_STIMER_APIC_VECTOR_SHIFT);
}

static uint64_t period_of(const struct synic_timer *timer)
{
	return MAX(timer->count, (uint64_t)SYNIC_TIMER_PERIOD_MIN);
}

void synic_timer_reset(struct synic_timer *timer)
{
	*timer = (struct synic_timer){.deadline = SYNIC_TIMER_NEVER};
}

static bool config_valid(const struct partition *partition, uint64_t config)
{
	if (config & ~CONFIG_DEFINED)
		return false;
	if (!(config & HV_STIMER_DIRECT_MODE))
		return true;
	return (partition->features & HV_STIMER_DIRECT_MODE_AVAILABLE) &&
	       vector_of(config) >= HV_SYNIC_FIRST_VALID_VECTOR;
}

/* Let `timer` run, or not, as its registers say now. */
static void settle(struct vp *vp, struct synic_timer *timer)
{
	/* SINT 0 is the hypervisor's: no timer may send to it. */
	if (!(timer->config & HV_STIMER_DIRECT_MODE) && sint_of(timer->config) == 0)
		timer->config &= ~HV_STIMER_ENABLE;
	timer->deadline = SYNIC_TIMER_NEVER;
	if ((timer->config & HV_STIMER_ENABLE) && timer->count != 0)
		timer->deadline = timer->config & HV_STIMER_PERIODIC
					  ? add_saturating(partition_reference_time(vp->partition),
							   period_of(timer))
					  : timer->count;
	vp_timer_changed(vp);
}

static void write_count(struct synic_timer *timer, uint64_t value)
{
	timer->count = value;
	if (value == 0)
		timer->config &= ~HV_STIMER_ENABLE;
	else if (timer->config & HV_STIMER_AUTOENABLE)
		timer->config |= HV_STIMER_ENABLE;
}

/* The timer of register `msr`, or NULL without the privilege. */
static struct synic_timer *timer_of(struct vp *vp, uint32_t msr)
{
	if (!(vp->partition->privileges & HV_MSR_SYNTIMER_AVAILABLE))
		return NULL;
	return &vp->synic.timer[(msr - HV_X64_MSR_STIMER0_CONFIG) / 2];
}

static bool is_count(uint32_t msr)
{
	return (msr - HV_X64_MSR_STIMER0_CONFIG) % 2 == 1;
}

bool synic_timer_read_msr(struct vp *vp, uint32_t msr, uint64_t *value)
{
	const struct synic_timer *timer = timer_of(vp, msr);

	if (!timer)
		return false;
	*value = is_count(msr) ? timer->count : timer->config;
	return true;
}

bool synic_timer_write_msr(struct vp *vp, uint32_t msr, uint64_t value)
{
	struct synic_timer *timer = timer_of(vp, msr);

	if (!timer)
		return false;
	if (is_count(msr)) {
		write_count(timer, value);
	} else {
		if (!config_valid(vp->partition, value))
			return false;
		timer->config = value;
	}
	settle(vp, timer);
	return true;
}

static bool is_periodic(const struct synic_timer *timer)
{
	return (timer->config & HV_STIMER_PERIODIC) && timer->deadline != SYNIC_TIMER_NEVER;
}

void synic_timer_get_state(struct vp *vp, struct hv_synthetic_timers_state *state)
{
	memset(state, 0, sizeof(*state));
	for (unsigned int i = 0; i < SYNIC_TIMER_COUNT; i++) {
		const struct synic_timer *timer = &vp->synic.timer[i];
		struct hv_synthetic_timer_state *out = &state->timer[i];

		out->config = timer->config;
		out->count = timer->count;
		out->adjustment = is_periodic(timer) ? timer->deadline : 0;
		spin_lock(&vp->synic.lock);
		if (!message_buffer_free(&timer->message)) {
			out->flags = HV_STIMER_STATE_UNDELIVERED;
			out->undelivered_expiration = timer->expiration;
		}
		spin_unlock(&vp->synic.lock);
	}
}

static void set_state(struct vp *vp, struct synic_timer *timer,
		      const struct hv_synthetic_timer_state *in)
{
	unsigned int sint = sint_of(in->config);

	timer->config = in->config;
	timer->count = in->count;
	settle(vp, timer);
	if (is_periodic(timer) && in->adjustment != 0)
		timer->deadline = in->adjustment;
	if ((in->flags & HV_STIMER_STATE_UNDELIVERED) && sint != 0 &&
	    !(in->config & HV_STIMER_DIRECT_MODE))
		message_send_timer(vp, sint, timer, in->undelivered_expiration);
}

bool synic_timer_set_state(struct vp *vp, const struct hv_synthetic_timers_state *state)
{
	for (unsigned int i = 0; i < SYNIC_TIMER_COUNT; i++)
		if (!config_valid(vp->partition, state->timer[i].config))
			return false;
	for (unsigned int i = 0; i < SYNIC_TIMER_COUNT; i++)
		set_state(vp, &vp->synic.timer[i], &state->timer[i]);
	return true;
}

uint64_t synic_timer_next(const struct vp *vp)
{
	uint64_t next = SYNIC_TIMER_NEVER;

	for (unsigned int i = 0; i < SYNIC_TIMER_COUNT; i++)
		next = MIN(next, vp->synic.timer[i].deadline);
	return next;
}

/*
 * Set a periodic timer, due since its deadline, to the first point of its grid after `now`. Periods
 * that passed meanwhile are skipped. Returns false if it shall not even signal this one: it is
 * lazy, and the next is near.
 */
static bool next_period(struct synic_timer *timer, uint64_t now)
{
	uint64_t period = period_of(timer);
	uint64_t missed = (now - timer->deadline) / period;

	timer->deadline = add_saturating(timer->deadline + missed * period, period);
	if (missed > 0)
		counter_inc(&skipped);
	return !(timer->config & HV_STIMER_LAZY) || timer->deadline - now >= period / LAZY_PART;
}

static void expire(struct vp *vp, struct synic_timer *timer, uint64_t now)
{
	uint64_t expiration = timer->deadline;

	if (timer->config & HV_STIMER_PERIODIC) {
		if (!next_period(timer, now))
			return;
	} else {
		timer->deadline = SYNIC_TIMER_NEVER;
		timer->config &= ~HV_STIMER_ENABLE;
	}
	counter_inc(&expired);
	if (timer->config & HV_STIMER_DIRECT_MODE)
		apic_raise(vp, vector_of(timer->config));
	else
		message_send_timer(vp, sint_of(timer->config), timer, expiration);
}

void synic_timer_expire(struct vp *vp, uint64_t now)
{
	for (unsigned int i = 0; i < SYNIC_TIMER_COUNT; i++)
		if (vp->synic.timer[i].deadline <= now)
			expire(vp, &vp->synic.timer[i], now);
}

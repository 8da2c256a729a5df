// SPDX-License-Identifier: Apache-2.0
#include "abi/hv/bulkhead.h"
#include "abi/hv/partition.h"
#include "abi/hv/status.h"
#include "bench/bench.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/test.h"

/* The hypervisor's counters of reasons for which it was entered begin so. */
static const char exit_prefix[] = "exit.";

void bench_figure(const char *probe, const char *unit, uint64_t value)
{
	test_note("figure %s %s %lu", probe, unit, value);
}

void bench_figure_exact(const char *probe, const char *unit, uint64_t hundredths)
{
	test_note("figure %s %s %lu.%02lu", probe, unit, hundredths / 100, hundredths % 100);
}

void bench_sample(struct bench_samples *samples, uint64_t value)
{
	unsigned int i = samples->count++;

	for (; i > 0 && samples->value[i - 1] > value; i--)
		samples->value[i] = samples->value[i - 1];
	samples->value[i] = value;
}

uint64_t bench_median(const struct bench_samples *samples)
{
	return samples->value[samples->count / 2];
}

void bench_report(const char *probe, const char *unit, const struct bench_samples *samples)
{
	bench_figure(probe, unit, bench_median(samples));
	test_note("%s: %u samples from %lu to %lu", probe, samples->count, samples->value[0],
		  samples->value[samples->count - 1]);
}

/* The sum of the counters in the output page whose names begin with `exit_prefix`. */
static uint64_t sum_of_page(void)
{
	const struct bulkhead_counters *header = (const void *)hypercall_out;
	const struct bulkhead_counter *list = (const void *)(header + 1);
	uint64_t sum = 0;

	for (uint32_t i = 0; i < header->count; i++)
		if (strncmp(list[i].name, exit_prefix, sizeof(exit_prefix) - 1) == 0)
			sum += list[i].value;
	return sum;
}

uint64_t bench_switches(void)
{
	const struct bulkhead_counters *header = (const void *)hypercall_out;
	uint32_t first = 0;
	uint64_t sum = 0;

	if (!bench_hypervisor.is_root)
		return 0;
	do {
		struct hv_input_get_partition_property_ex *in = hypercall_prepare();

		in->partition_id = HV_PARTITION_ID_SELF;
		in->property_code = BULKHEAD_PROPERTY_COUNTERS;
		in->arg = first;
		if (!EXPECT_EQ(hypercall(CONTROL(HVCALL_GET_PARTITION_PROPERTY_EX)),
			       HV_STATUS_SUCCESS))
			return 0;
		sum += sum_of_page();
		first += header->count;
	} while (header->count > 0);
	return sum;
}

void bench_report_switches(const char *probe, uint64_t before, unsigned int rounds)
{
	uint64_t after = bench_switches();
	/* Reading the counters enters the hypervisor, too. */
	uint64_t own = bench_switches() - after;

	if (bench_hypervisor.is_root)
		bench_figure_exact(probe, "switches", (after - before - own) * 100 / rounds);
}

uint64_t bench_empty(void)
{
	struct bench_samples samples = {.count = 0};

	for (unsigned int i = 0; i < BENCH_ROUNDS; i++)
		bench_sample(&samples, bench_time(bench_nothing, 0, 0, 0, 0));
	return bench_median(&samples);
}

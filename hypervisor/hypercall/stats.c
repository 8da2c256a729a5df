// SPDX-License-Identifier: Apache-2.0
/* Calls about statistics pages. Source: TLFS, HvCallUnmapStatsPage; Linux's mshv driver. */
#include "hypercall/handlers.h"

#include "partition/stats.h"

/* Returns those of stats_map. */
enum hv_status hvcall_map_stats_page(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_stats_page *input = in;
	struct hv_output_map_stats_page *output = out;

	return stats_map(call->caller, input->type, &input->identity, &output->map_location);
}

/* Returns those of stats_unmap. */
enum hv_status hvcall_unmap_stats_page(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_stats_page *input = in;

	(void)out;
	return stats_unmap(call->caller, input->type, &input->identity);
}

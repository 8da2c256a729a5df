// SPDX-License-Identifier: Apache-2.0
/*
 * Calls about partitions and their properties. Source: TLFS, "Partition Properties" and the calls
 * named.
 */
#include "hypercall/handlers.h"

#include "abi/hv/partition.h"
#include "partition/partition.h"
#include "partition/property.h"

/* Returns HV_STATUS_SUCCESS. Source: TLFS, HvCallGetPartitionId. */
enum hv_status hvcall_get_partition_id(struct hypercall *call, const void *in, void *out)
{
	struct hv_output_get_partition_id *output = out;

	(void)in;
	output->partition_id = call->caller->id;
	return HV_STATUS_SUCCESS;
}

/* Returns those of partition_get_property, HV_STATUS_INVALID_PARTITION_ID. */
enum hv_status hvcall_get_partition_property(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_get_partition_property *input = in;
	struct hv_output_get_partition_property *output = out;
	struct partition *p = partition_find(call->caller, input->partition_id);

	if (!p)
		return HV_STATUS_INVALID_PARTITION_ID;
	return partition_get_property(p, input->property_code, &output->property_value);
}

/* Returns those of partition_set_property, HV_STATUS_INVALID_PARTITION_ID. */
enum hv_status hvcall_set_partition_property(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_set_partition_property *input = in;
	struct partition *p = partition_find(call->caller, input->partition_id);

	(void)out;
	if (!p)
		return HV_STATUS_INVALID_PARTITION_ID;
	return partition_set_property(p, input->property_code, input->property_value);
}

/* Returns those of partition_get_property_ex, HV_STATUS_INVALID_PARTITION_ID. */
enum hv_status hvcall_get_partition_property_ex(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_get_partition_property_ex *input = in;
	struct partition *p = partition_find(call->caller, input->partition_id);

	if (!p)
		return HV_STATUS_INVALID_PARTITION_ID;
	return partition_get_property_ex(p, input->property_code, input->arg, out,
					 call->out_capacity, &call->out_size);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * Calls about partitions and their properties. Source: TLFS, "Partition Properties" and the calls
 * named.
 */
#include "hypercall/handlers.h"

#include "abi/hv/bulkhead.h"
#include "abi/hv/partition.h"
#include "hypercall/child_counters.h"
#include "partition/child.h"
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
	struct partition *p = partition_get(call->caller, input->partition_id);
	enum hv_status status;

	if (!p)
		return HV_STATUS_INVALID_PARTITION_ID;
	status = partition_get_property(p, input->property_code, &output->property_value);
	partition_put(p);
	return status;
}

/* Returns those of partition_set_property, HV_STATUS_INVALID_PARTITION_ID. */
enum hv_status hvcall_set_partition_property(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_set_partition_property *input = in;
	struct partition *p = partition_get(call->caller, input->partition_id);
	enum hv_status status;

	(void)out;
	if (!p)
		return HV_STATUS_INVALID_PARTITION_ID;
	status = partition_set_property(call->caller, p, input->property_code,
					input->property_value);
	partition_put(p);
	return status;
}

/* Returns those of partition_get_property_ex and child_counters_get,
 * HV_STATUS_INVALID_PARTITION_ID. */
enum hv_status hvcall_get_partition_property_ex(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_get_partition_property_ex *input = in;
	struct partition *p = partition_get(call->caller, input->partition_id);
	enum hv_status status;

	if (!p)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (input->property_code == BULKHEAD_PROPERTY_COUNTERS && p != call->caller)
		status = child_counters_get(p, input->arg, out, call->out_capacity,
					    &call->out_size);
	else
		status = partition_get_property_ex(p, input->property_code, input->arg, out,
						   call->out_capacity, &call->out_size);
	partition_put(p);
	return status;
}

/* Returns those of partition_create(). Source: TLFS, HvCallCreatePartition. */
enum hv_status hvcall_create_partition(struct hypercall *call, const void *in, void *out)
{
	struct hv_output_create_partition *output = out;

	return partition_create(call->caller, in, &output->partition_id);
}

/*
 * Returns those of partition_initialize(), HV_STATUS_INVALID_PARTITION_ID. Source: TLFS,
 * HvCallInitializePartition.
 */
enum hv_status hvcall_initialize_partition(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_partition_id *input = in;
	struct partition *p = partition_get_child(call->caller, input->partition_id);
	enum hv_status status;

	(void)out;
	if (!p)
		return HV_STATUS_INVALID_PARTITION_ID;
	status = partition_initialize(p);
	partition_put(p);
	return status;
}

/*
 * Returns those of partition_finalize(), HV_STATUS_INVALID_PARTITION_ID. Source: TLFS,
 * HvCallFinalizePartition.
 */
enum hv_status hvcall_finalize_partition(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_partition_id *input = in;
	struct partition *p = partition_get_child(call->caller, input->partition_id);
	enum hv_status status;

	(void)out;
	if (!p)
		return HV_STATUS_INVALID_PARTITION_ID;
	status = partition_finalize(p, &call->again);
	partition_put(p);
	return status;
}

/*
 * Returns those of partition_delete(), HV_STATUS_INVALID_PARTITION_ID. Source: TLFS,
 * HvCallDeletePartition.
 */
enum hv_status hvcall_delete_partition(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_partition_id *input = in;
	struct partition *p = partition_get_child(call->caller, input->partition_id);
	enum hv_status status;

	(void)out;
	if (!p)
		return HV_STATUS_INVALID_PARTITION_ID;
	status = partition_delete(p);
	partition_put(p);
	return status;
}

/*
 * In order of the numbers; partitions that come and go meanwhile may be missed. Returns
 * HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID: the parent is not the caller. Source: TLFS,
 * HvCallGetNextChildPartition.
 */
enum hv_status hvcall_get_next_child_partition(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_get_next_child_partition *input = in;
	struct hv_output_get_next_child_partition *output = out;
	struct partition *child;

	if (!partition_is_self(call->caller, input->parent_id))
		return HV_STATUS_INVALID_PARTITION_ID;
	child = partition_next_child(call->caller, input->previous_child_id);
	if (child) {
		output->next_child_id = child->id;
		partition_put(child);
	}
	return HV_STATUS_SUCCESS;
}

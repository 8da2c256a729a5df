// SPDX-License-Identifier: Apache-2.0
/*
 * Calls about ports, connections, and what goes over them or straight to a VP. Source: TLFS,
 * "Inter-Partition Communication" and the calls named.
 */
#include "hypercall/handlers.h"

#include "abi/hv/hypercall.h"
#include "abi/hv/port.h"
#include "core/string.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "synic/port.h"
#include "synic/synic.h"

/*
 * Returns those of port_create(); HV_STATUS_INVALID_PARTITION_ID; HV_STATUS_INVALID_PARAMETER: a
 * VTL, which no partition has. Source: TLFS, HvCallCreatePort.
 */
enum hv_status hvcall_create_port(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_create_port *input = in;
	uint64_t connector = HV_PARTITION_ID_INVALID;
	struct partition *owner;
	enum hv_status status;

	(void)out;
	if (input->port_vtl != 0 || input->min_connection_vtl != 0)
		return HV_STATUS_INVALID_PARAMETER;
	if (input->connection_partition_id != HV_PARTITION_ID_INVALID) {
		struct partition *named = partition_get(call->caller,
							input->connection_partition_id);

		if (!named)
			return HV_STATUS_INVALID_PARTITION_ID;
		connector = named->id;
		partition_put(named);
	}
	owner = partition_get(call->caller, input->port_partition_id);
	if (!owner)
		return HV_STATUS_INVALID_PARTITION_ID;
	status = port_create(owner, input->port_id, connector, &input->port_info);
	partition_put(owner);
	return status;
}

/* Returns those of port_delete(), HV_STATUS_INVALID_PARTITION_ID. Source: TLFS, HvCallDeletePort.
 */
enum hv_status hvcall_delete_port(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_delete_port *input = in;
	struct partition *owner = partition_get(call->caller, input->port_partition_id);
	enum hv_status status;

	(void)out;
	if (!owner)
		return HV_STATUS_INVALID_PARTITION_ID;
	status = port_delete(owner, input->port_id);
	partition_put(owner);
	return status;
}

/*
 * Returns those of port_connect(); HV_STATUS_INVALID_PARTITION_ID; HV_STATUS_INVALID_PARAMETER: a
 * VTL. Source: TLFS, HvCallConnectPort.
 */
enum hv_status hvcall_connect_port(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_connect_port *input = in;
	enum hv_status status = HV_STATUS_INVALID_PARTITION_ID;
	struct partition *connector, *owner;

	(void)out;
	if (input->connection_vtl != 0)
		return HV_STATUS_INVALID_PARAMETER;
	connector = partition_get(call->caller, input->connection_partition_id);
	owner = partition_get(call->caller, input->port_partition_id);
	if (connector && owner)
		status = port_connect(connector, input->connection_id, owner, input->port_id,
				      input->connection_info.port_type);
	if (connector)
		partition_put(connector);
	if (owner)
		partition_put(owner);
	return status;
}

/*
 * Returns those of port_disconnect(), to whom doorbells are unknown;
 * HV_STATUS_INVALID_PARTITION_ID. Source: TLFS, HvCallDisconnectPort.
 */
enum hv_status hvcall_disconnect_port(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_disconnect_port *input = in;
	struct partition *connector = partition_get(call->caller, input->connection_partition_id);
	enum hv_status status = HV_STATUS_INVALID_CONNECTION_ID;

	(void)out;
	if (!connector)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (!(input->flags & HV_DISCONNECT_DOORBELL))
		status = port_disconnect(connector, input->connection_id);
	partition_put(connector);
	return status;
}

/*
 * Returns those of port_post_message(); HV_STATUS_INVALID_PARAMETER: a type that is not a guest's,
 * a payload of more than 240 bytes. Source: TLFS, HvCallPostMessage.
 */
enum hv_status hvcall_post_message(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_post_message *input = in;

	(void)out;
	if (input->message_type == HVMSG_NONE ||
	    (input->message_type & HV_MESSAGE_TYPE_HYPERVISOR) ||
	    input->payload_size > HV_MESSAGE_PAYLOAD_BYTE_COUNT)
		return HV_STATUS_INVALID_PARAMETER;
	return port_post_message(call->vp, input->connection_id, input->message_type,
				 input->payload, input->payload_size);
}

/* Returns those of port_signal_event(). Source: TLFS, HvCallSignalEvent. */
enum hv_status hvcall_signal_event(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_signal_event *input = in;

	(void)out;
	return port_signal_event(call->vp, input->connection_id, input->flag_number);
}

/*
 * The partition whose VP a call names directly; its lock is held, and a reference. Returns
 * HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID; HV_STATUS_INVALID_VP_INDEX;
 * HV_STATUS_INVALID_PARAMETER: a VTL, or no such SINT.
 */
static enum hv_status lock_target(const struct hypercall *call, uint64_t id, uint32_t index,
				  uint8_t vtl, uint32_t sint, struct partition **partition)
{
	if (vtl != 0 || sint >= SYNIC_SINT_COUNT)
		return HV_STATUS_INVALID_PARAMETER;
	*partition = partition_get(call->caller, id);
	if (!*partition)
		return HV_STATUS_INVALID_PARTITION_ID;
	spin_lock(&(*partition)->lock);
	if (index < PARTITION_MAX_VPS && (*partition)->vps[index])
		return HV_STATUS_SUCCESS;
	spin_unlock(&(*partition)->lock);
	partition_put(*partition);
	return HV_STATUS_INVALID_VP_INDEX;
}

static void unlock_target(struct partition *partition)
{
	spin_unlock(&partition->lock);
	partition_put(partition);
}

/*
 * The message arrives at once or not at all: who made the VP may send any. Returns those of
 * lock_target() and synic_post_message(); HV_STATUS_INVALID_PARAMETER: no message type, a payload
 * of more than 240 bytes. Source: the callers named at the input.
 */
enum hv_status hvcall_post_message_direct(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_post_message_direct *input = in;
	struct partition *partition;
	struct hv_message message;
	enum hv_status status;

	(void)out;
	memcpy(&message, input->message, sizeof(message));
	if (message.header.message_type == HVMSG_NONE ||
	    message.header.payload_size > HV_MESSAGE_PAYLOAD_BYTE_COUNT)
		return HV_STATUS_INVALID_PARAMETER;
	status = lock_target(call, input->partition_id, input->vp_index, input->vtl,
			     input->sint_index, &partition);
	if (status != HV_STATUS_SUCCESS)
		return status;
	status = synic_post_message(partition->vps[input->vp_index], input->sint_index, &message);
	unlock_target(partition);
	return status;
}

/*
 * A VP that cannot take the event is no error: nothing is newly signaled. Returns those of
 * lock_target(); HV_STATUS_INVALID_PARAMETER: no such flag. Source: TLFS, HvCallSignalEventDirect.
 */
enum hv_status hvcall_signal_event_direct(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_signal_event_direct *input = in;
	struct hv_output_signal_event_direct *output = out;
	struct partition *partition;
	bool newly_signaled = false;
	enum hv_status status;

	if (input->flag_number >= HV_EVENT_FLAGS_COUNT)
		return HV_STATUS_INVALID_PARAMETER;
	status = lock_target(call, input->target_partition, input->target_vp, input->target_vtl,
			     input->target_sint, &partition);
	if (status != HV_STATUS_SUCCESS)
		return status;
	synic_signal_event(partition->vps[input->target_vp], input->target_sint, input->flag_number,
			   &newly_signaled);
	unlock_target(partition);
	output->newly_signaled = newly_signaled;
	return HV_STATUS_SUCCESS;
}

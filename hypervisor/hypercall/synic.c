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
 * Returns those of port_create() and partition_check_initialized(); HV_STATUS_INVALID_PARTITION_ID;
 * HV_STATUS_INVALID_PARAMETER: a VTL, which no partition has. Source: TLFS, HvCallCreatePort.
 */
enum hv_status hvcall_create_port(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_create_port *input = in;
	struct partition *owner = partition_get(call->caller, input->port_partition_id);
	uint64_t connector = HV_PARTITION_ID_INVALID;
	enum hv_status status;

	(void)out;
	if (!owner)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (input->connection_partition_id != HV_PARTITION_ID_INVALID) {
		struct partition *named = partition_get(call->caller,
							input->connection_partition_id);

		if (!named) {
			partition_put(owner);
			return HV_STATUS_INVALID_PARTITION_ID;
		}
		connector = named->id;
		partition_put(named);
	}
	spin_lock(&owner->lock);
	status = partition_check_initialized(owner);
	if (status == HV_STATUS_SUCCESS)
		status = input->port_vtl != 0 || input->min_connection_vtl != 0
				 ? HV_STATUS_INVALID_PARAMETER
				 : port_create(owner, input->port_id, connector, &input->port_info);
	spin_unlock(&owner->lock);
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

static enum hv_status connect(struct partition *connector, struct partition *owner,
			      const struct hv_input_connect_port *input)
{
	const struct hv_connection_info *info = &input->connection_info;

	if (input->connection_vtl != 0)
		return HV_STATUS_INVALID_PARAMETER;
	if (info->port_type == HV_PORT_TYPE_DOORBELL)
		return port_connect_doorbell(connector, input->connection_id, owner, input->port_id,
					     info);
	return port_connect(connector, input->connection_id, owner, input->port_id,
			    info->port_type);
}

/*
 * Returns those of port_connect() or port_connect_doorbell(), and partition_check_initialized();
 * HV_STATUS_INVALID_PARTITION_ID; HV_STATUS_INVALID_PARAMETER: a VTL. Source: TLFS,
 * HvCallConnectPort.
 */
enum hv_status hvcall_connect_port(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_connect_port *input = in;
	struct partition *connector = partition_get(call->caller, input->connection_partition_id);
	struct partition *owner = partition_get(call->caller, input->port_partition_id);
	enum hv_status status = HV_STATUS_INVALID_PARTITION_ID;

	(void)out;
	if (connector && owner) {
		spin_lock(&connector->lock);
		status = partition_check_initialized(connector);
		if (status == HV_STATUS_SUCCESS)
			status = connect(connector, owner, input);
		spin_unlock(&connector->lock);
	}
	if (connector)
		partition_put(connector);
	if (owner)
		partition_put(owner);
	return status;
}

/*
 * Returns those of port_disconnect(), or with the flag of port_disconnect_doorbell(): doorbells
 * have numbers of their own; HV_STATUS_INVALID_PARTITION_ID. Source: TLFS, HvCallDisconnectPort.
 */
enum hv_status hvcall_disconnect_port(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_disconnect_port *input = in;
	struct partition *connector = partition_get(call->caller, input->connection_partition_id);
	enum hv_status status;

	(void)out;
	if (!connector)
		return HV_STATUS_INVALID_PARTITION_ID;
	status = input->flags & HV_DISCONNECT_DOORBELL
			 ? port_disconnect_doorbell(connector, input->connection_id)
			 : port_disconnect(connector, input->connection_id);
	partition_put(connector);
	return status;
}

/*
 * The caller has emptied its ring, which was full. Returns HV_STATUS_SUCCESS;
 * HV_STATUS_INVALID_PARAMETER: the SINT has no ring. Source: Linux's mshv driver.
 */
enum hv_status hvcall_notify_port_ring_empty(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_notify_port_ring_empty *input = in;

	(void)out;
	if (input->sint_index != HV_SYNIC_DOORBELL_SINT_INDEX)
		return HV_STATUS_INVALID_PARAMETER;
	port_refill_ring(call->vp);
	return HV_STATUS_SUCCESS;
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
 * The VP that a call names directly; it stays until leave_target(). Returns HV_STATUS_SUCCESS;
 * HV_STATUS_INVALID_PARTITION_ID; HV_STATUS_INVALID_VP_INDEX; HV_STATUS_INVALID_PARAMETER: a VTL,
 * or no such SINT.
 */
static enum hv_status find_target(struct hypercall *call, uint64_t id, uint32_t index, uint8_t vtl,
				  uint32_t sint, struct vp **vp)
{
	struct partition *partition = partition_get(call->caller, id);
	enum hv_status status = HV_STATUS_SUCCESS;

	if (!partition)
		return HV_STATUS_INVALID_PARTITION_ID;
	spin_lock(&partition->lock);
	*vp = index < PARTITION_MAX_VPS ? partition_vp(partition, index) : NULL;
	if (!*vp)
		status = HV_STATUS_INVALID_VP_INDEX;
	else if (vtl != 0 || sint >= SYNIC_SINT_COUNT)
		status = HV_STATUS_INVALID_PARAMETER;
	if (status != HV_STATUS_SUCCESS) {
		spin_unlock(&partition->lock);
		partition_put(partition);
	}
	return status;
}

static void leave_target(struct vp *vp)
{
	struct partition *partition = vp->partition;

	spin_unlock(&partition->lock);
	partition_put(partition);
}

/*
 * The message arrives at once or not at all: who made the VP may send any. Returns those of
 * find_target() and synic_post_message(); HV_STATUS_INVALID_PARAMETER: no message type, a payload
 * of more than 240 bytes. Source: the callers named at the input.
 */
enum hv_status hvcall_post_message_direct(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_post_message_direct *input = in;
	struct hv_message message;
	enum hv_status status;
	struct vp *vp;

	(void)out;
	status = find_target(call, input->partition_id, input->vp_index, input->vtl,
			     input->sint_index, &vp);
	if (status != HV_STATUS_SUCCESS)
		return status;
	memcpy(&message, input->message, sizeof(message));
	status = message.header.message_type == HVMSG_NONE ||
				 message.header.payload_size > HV_MESSAGE_PAYLOAD_BYTE_COUNT
			 ? HV_STATUS_INVALID_PARAMETER
			 : synic_post_message(vp, input->sint_index, &message);
	leave_target(vp);
	return status;
}

/*
 * A VP that cannot take the event is no error: nothing is newly signaled. Returns those of
 * find_target(); HV_STATUS_INVALID_PARAMETER: no such flag. Source: TLFS, HvCallSignalEventDirect.
 */
enum hv_status hvcall_signal_event_direct(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_signal_event_direct *input = in;
	struct hv_output_signal_event_direct *output = out;
	bool newly_signaled = false;
	enum hv_status status;
	struct vp *vp;

	status = find_target(call, input->target_partition, input->target_vp, input->target_vtl,
			     input->target_sint, &vp);
	if (status != HV_STATUS_SUCCESS)
		return status;
	if (input->flag_number >= HV_EVENT_FLAGS_COUNT)
		status = HV_STATUS_INVALID_PARAMETER;
	else if (synic_signal_event(vp, input->target_sint, input->flag_number, &newly_signaled) ==
		 HV_STATUS_SUCCESS)
		output->newly_signaled = newly_signaled;
	leave_target(vp);
	return status;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * Ports and connections: what a guest sends to another goes over a connection that its partition
 * has, to a port that the receiver's has (TLFS, "Ports and Connections"). Both are paid by their
 * partition. One lock guards those of all partitions.
 */
#ifndef SYNIC_PORT_H
#define SYNIC_PORT_H

#include "abi/hv/port.h"
#include "abi/hv/status.h"
#include "core/types.h"
#include "synic/id_table.h"

struct doorbell;
struct integrity;
struct partition;
struct vp;

/* A partition's own; guarded by the ports lock. */
struct port_space {
	struct id_table ports;
	struct id_table connections;
	struct id_table doorbells; /* connections to doorbell ports: numbers of their own */
	struct doorbell *
		*doorbell_places; /* these, by address; a page, or NULL while there are none */
};

/*
 * Make port `id` of `owner`, described by `info`, to which partition `connector` (0: any) may
 * connect. Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PORT_ID: taken, or no 24-bit number;
 * HV_STATUS_INVALID_PARAMETER: a type that is not served, no SINT from 1 to 15, or flags beyond the
 * page; a doorbell port of a child, or for another SINT than HV_SYNIC_DOORBELL_SINT_INDEX;
 * HV_STATUS_INVALID_VP_INDEX: there is no such VP; HV_STATUS_INSUFFICIENT_MEMORY: the owner's
 * pool is empty; HV_STATUS_NO_RESOURCES: it has ID_TABLE_MAX ports. Takes the ports lock.
 */
enum hv_status port_create(struct partition *owner, uint32_t id, uint64_t connector,
			   const struct hv_port_info *info);

/*
 * Delete port `id` of `owner` with the messages that wait in it; its connections lead nowhere then.
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PORT_ID. Takes the ports lock and SynIC locks.
 */
enum hv_status port_delete(struct partition *owner, uint32_t id);

/*
 * Make connection `id` of `connector` to port `port_id` of `owner`. Returns HV_STATUS_SUCCESS;
 * HV_STATUS_INVALID_CONNECTION_ID: taken, or no 24-bit number; HV_STATUS_INVALID_PORT_ID: no such
 * port; HV_STATUS_ACCESS_DENIED: it is for another partition; HV_STATUS_INVALID_PARAMETER: it is of
 * another type; HV_STATUS_INSUFFICIENT_MEMORY: the connector's pool is empty;
 * HV_STATUS_NO_RESOURCES: it has ID_TABLE_MAX connections. Takes the ports lock.
 */
enum hv_status port_connect(struct partition *connector, uint32_t id, struct partition *owner,
			    uint32_t port_id, uint32_t port_type);

/*
 * Delete connection `id` of `connector`; what was sent over it still arrives. Returns
 * HV_STATUS_SUCCESS; HV_STATUS_INVALID_CONNECTION_ID. Takes the ports lock.
 */
enum hv_status port_disconnect(struct partition *connector, uint32_t id);

/*
 * Send a message of `type` (not 0, not the hypervisor's) with `size` (0..240) bytes of `payload`
 * over a connection of the sender's partition. Takes the ports lock and SynIC locks. Returns
 * HV_STATUS_SUCCESS; HV_STATUS_INVALID_CONNECTION_ID; HV_STATUS_INVALID_PORT_ID: the port was
 * deleted, or is for events; HV_STATUS_INSUFFICIENT_BUFFERS: all of its messages wait;
 * HV_STATUS_INVALID_SYNIC_STATE: the VP cannot take messages; HV_STATUS_INVALID_VP_INDEX: no VP
 * can.
 */
enum hv_status port_post_message(const struct vp *sender, uint32_t connection, uint32_t type,
				 const void *payload, uint32_t size);

/*
 * Set event flag `flag`, counted from the port's first, over a connection of the sender's
 * partition. Locks and statuses as of port_post_message(), and HV_STATUS_INVALID_PARAMETER: the
 * port does not have so many flags.
 */
enum hv_status port_signal_event(const struct vp *sender, uint32_t connection, uint32_t flag);

/*
 * `vp`, which its partition does not know any more, ends: nothing that was sent to a port waits in
 * it, and nobody sends to it any more. Takes the ports lock and SynIC locks.
 */
void port_forget_vp(struct vp *vp);

/*
 * Make doorbell `id` of `connector`, a child, to port `port_id` of its parent: a write to its
 * memory as `info` says signals the port. Statuses and lock of port_connect();
 * HV_STATUS_INVALID_PARAMETER also for a connector that is not a child of the owner, a place beyond
 * its space, or flags there are not.
 */
enum hv_status port_connect_doorbell(struct partition *connector, uint32_t id,
				     struct partition *owner, uint32_t port_id,
				     const struct hv_connection_info *info);

/* Delete doorbell `id`. As port_disconnect(). */
enum hv_status port_disconnect_doorbell(struct partition *connector, uint32_t id);

/* True if `partition` has doorbells at `gpa`. Takes the ports lock, if it has any at all. */
bool port_has_doorbell(struct partition *partition, gpa_t gpa);

/*
 * The child's VP `sender`, dispatched by `carrier`, has written `value`, of `size` bytes, to `gpa`,
 * where its parent maps nothing. True if that rang a doorbell, and is done. Takes the ports lock
 * and SynIC locks.
 */
bool port_ring_doorbell(const struct vp *sender, struct vp *carrier, gpa_t gpa, unsigned int size,
			uint64_t value);

/*
 * `vp`, the root's, has emptied its ring of doorbells, which said that it was full: put in what did
 * not fit. Takes the ports lock and SynIC locks.
 */
void port_refill_ring(struct vp *vp);

/* True if `partition` has connection `id`. Takes the ports lock. */
bool port_is_connected(struct partition *partition, uint32_t id);

/* Delete all ports and connections of `partition`. Takes the ports lock and SynIC locks. */
void port_delete_all(struct partition *partition);

/*
 * Check the ports and connections of `partition` (integrity.h), and that its pool has given out no
 * pages but theirs and `others`, which do not change meanwhile. Takes the ports lock and the
 * pool's.
 */
void port_check(struct partition *partition, struct integrity *i, uint64_t others);

#endif

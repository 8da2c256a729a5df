// SPDX-License-Identifier: Apache-2.0
/* Within the room: what ports and connections are. All of it is guarded by the ports lock. */
#ifndef SYNIC_PORT_OBJECTS_H
#define SYNIC_PORT_OBJECTS_H

#include "core/list.h"
#include "core/spinlock.h"
#include "synic/message.h"
#include "synic/port.h"

extern struct spinlock ports_lock;

struct port {
	struct partition *owner;
	uint64_t connector; /* the partition that may connect, or 0 */
	struct list connections;
	struct guest_message *messages; /* of a message port: HV_PORT_MESSAGE_BUFFERS, a page */
	uint32_t id;
	uint32_t target_vp;
	uint16_t first_flag;
	uint16_t flag_count;
	uint8_t type;
	uint8_t sint;
	bool waiting;           /* of a doorbell port: signalled, but the ring was full ... */
	uint16_t waiting_in_vp; /* ... of this VP */
};

struct connection {
	struct list node;  /* in its port's list */
	struct port *port; /* NULL: deleted */
};

/* A connection to a doorbell port, by its place in the connector's memory. */
struct doorbell {
	struct connection connection;
	gpa_t gpa;
	uint64_t value;
	uint64_t flags; /* HV_DOORBELL_FLAG_ */
};

_Static_assert(sizeof(struct doorbell) <= ID_TABLE_OBJECT_SIZE, "a doorbell is an object");
_Static_assert(sizeof(struct port) <= ID_TABLE_OBJECT_SIZE, "a port is an object");
_Static_assert(sizeof(struct connection) <= ID_TABLE_OBJECT_SIZE, "a connection is an object");
/*
 * The port `port_id` of `owner` for a connection `id`, not in `taken`, of `connector`. Statuses of
 * port_connect(). Holds the ports lock.
 */
enum hv_status port_find_to_connect(struct partition *connector, const struct id_table *taken,
				    uint32_t id, struct partition *owner, uint32_t port_id,
				    uint32_t port_type, struct port **port);

/* Whether a doorbell port can be as `info` says; statuses of port_create(). */
enum hv_status doorbell_check_port(const struct partition *owner, const struct hv_port_info *info);

/* Delete all doorbells of `partition`. Holds the ports lock. */
void doorbell_delete_all(struct partition *partition);

#endif

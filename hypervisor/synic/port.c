// SPDX-License-Identifier: Apache-2.0
#include "synic/port.h"

#include "abi/hv/hypercall.h"
#include "core/integrity.h"
#include "core/list.h"
#include "core/machine.h"
#include "core/spinlock.h"
#include "core/string.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "synic/port_objects.h"
#include "synic/synic.h"

_Static_assert(HV_PORT_MESSAGE_BUFFERS * sizeof(struct guest_message) == PAGE_SIZE,
	       "a port's messages are a page");

struct spinlock ports_lock;

static struct vp *vp_at(const struct partition *partition, uint32_t index)
{
	if (index >= PARTITION_MAX_VPS)
		return NULL;
	return __atomic_load_n(&partition->vps[index], __ATOMIC_ACQUIRE);
}

static enum hv_status check_info(const struct partition *owner, const struct hv_port_info *info)
{
	if (info->port_type == HV_PORT_TYPE_DOORBELL)
		return doorbell_check_port(owner, info);
	if (info->port_type != HV_PORT_TYPE_MESSAGE && info->port_type != HV_PORT_TYPE_EVENT)
		return HV_STATUS_INVALID_PARAMETER;
	/* SINT 0 is the hypervisor's. */
	if (info->target_sint == 0 || info->target_sint >= SYNIC_SINT_COUNT)
		return HV_STATUS_INVALID_PARAMETER;
	if (info->port_type == HV_PORT_TYPE_EVENT &&
	    (info->flag_count == 0 ||
	     info->base_flag_number + info->flag_count > HV_EVENT_FLAGS_COUNT))
		return HV_STATUS_INVALID_PARAMETER;
	if (info->target_vp != HV_ANY_VP && !vp_at(owner, info->target_vp))
		return HV_STATUS_INVALID_VP_INDEX;
	return HV_STATUS_SUCCESS;
}

/* Holds the ports lock. */
static enum hv_status create(struct partition *owner, uint32_t id, uint64_t connector,
			     const struct hv_port_info *info)
{
	bool messages = info->port_type == HV_PORT_TYPE_MESSAGE;
	enum hv_status status;
	struct port *port;
	spa_t page = 0;
	void *object;

	if (id > HV_PORT_ID_MAX || id_table_find(&owner->port_space.ports, id))
		return HV_STATUS_INVALID_PORT_ID;
	if (messages && !page_pool_alloc(&owner->pool, &page))
		return HV_STATUS_INSUFFICIENT_MEMORY;
	status = id_table_add(&owner->port_space.ports, &owner->pool, id, &object);
	if (status != HV_STATUS_SUCCESS) {
		if (messages)
			page_pool_free(&owner->pool, page);
		return status;
	}
	port = object;
	*port = (struct port){
		.owner = owner,
		.connector = connector,
		.messages = messages ? spa_to_virt(page) : NULL,
		.id = id,
		.target_vp = info->target_vp,
		.first_flag = info->base_flag_number,
		.flag_count = info->flag_count,
		.type = (uint8_t)info->port_type,
		.sint = (uint8_t)info->target_sint,
	};
	list_init(&port->connections);
	return HV_STATUS_SUCCESS;
}

enum hv_status port_create(struct partition *owner, uint32_t id, uint64_t connector,
			   const struct hv_port_info *info)
{
	enum hv_status status = check_info(owner, info);

	if (status != HV_STATUS_SUCCESS)
		return status;
	spin_lock(&ports_lock);
	status = create(owner, id, connector, info);
	spin_unlock(&ports_lock);
	return status;
}

/* Take back the messages of `port`, wherever they wait, and their page. Holds the ports lock. */
static void free_messages(struct port *port)
{
	for (uint32_t i = 0; i < PARTITION_MAX_VPS; i++) {
		struct vp *vp = vp_at(port->owner, i);

		if (vp && (port->target_vp == HV_ANY_VP || port->target_vp == i))
			message_recall(vp, port->sint, port->messages, HV_PORT_MESSAGE_BUFFERS);
	}
	page_pool_free(&port->owner->pool, virt_to_spa(port->messages));
}

/* Holds the ports lock. */
static enum hv_status remove_port(struct partition *owner, uint32_t id)
{
	struct port *port = id_table_find(&owner->port_space.ports, id);

	if (!port)
		return HV_STATUS_INVALID_PORT_ID;
	while (!list_empty(&port->connections)) {
		struct connection *connection = container_of(port->connections.next,
							     struct connection, node);

		list_del(&connection->node);
		connection->port = NULL;
	}
	if (port->messages)
		free_messages(port);
	id_table_remove(&owner->port_space.ports, &owner->pool, id);
	return HV_STATUS_SUCCESS;
}

enum hv_status port_delete(struct partition *owner, uint32_t id)
{
	enum hv_status status;

	spin_lock(&ports_lock);
	status = remove_port(owner, id);
	spin_unlock(&ports_lock);
	return status;
}

enum hv_status port_find_to_connect(struct partition *connector, const struct id_table *taken,
				    uint32_t id, struct partition *owner, uint32_t port_id,
				    uint32_t port_type, struct port **port)
{
	*port = id_table_find(&owner->port_space.ports, port_id);
	if (id > HV_CONNECTION_ID_MAX || id_table_find(taken, id))
		return HV_STATUS_INVALID_CONNECTION_ID;
	if (!*port)
		return HV_STATUS_INVALID_PORT_ID;
	if ((*port)->connector != HV_PARTITION_ID_INVALID && (*port)->connector != connector->id)
		return HV_STATUS_ACCESS_DENIED;
	return (*port)->type == port_type ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_PARAMETER;
}

/* Holds the ports lock. */
static enum hv_status connect(struct partition *connector, uint32_t id, struct partition *owner,
			      uint32_t port_id, uint32_t port_type)
{
	struct connection *connection;
	enum hv_status status;
	struct port *port;
	void *object;

	status = port_find_to_connect(connector, &connector->port_space.connections, id, owner,
				      port_id, port_type, &port);
	if (status != HV_STATUS_SUCCESS)
		return status;
	status = id_table_add(&connector->port_space.connections, &connector->pool, id, &object);
	if (status != HV_STATUS_SUCCESS)
		return status;
	connection = object;
	connection->port = port;
	list_add(&port->connections, &connection->node);
	return HV_STATUS_SUCCESS;
}

enum hv_status port_connect(struct partition *connector, uint32_t id, struct partition *owner,
			    uint32_t port_id, uint32_t port_type)
{
	enum hv_status status;

	spin_lock(&ports_lock);
	status = connect(connector, id, owner, port_id, port_type);
	spin_unlock(&ports_lock);
	return status;
}

/* Holds the ports lock. */
static enum hv_status disconnect(struct partition *connector, uint32_t id)
{
	struct connection *connection = id_table_find(&connector->port_space.connections, id);

	if (!connection)
		return HV_STATUS_INVALID_CONNECTION_ID;
	if (connection->port)
		list_del(&connection->node);
	id_table_remove(&connector->port_space.connections, &connector->pool, id);
	return HV_STATUS_SUCCESS;
}

enum hv_status port_disconnect(struct partition *connector, uint32_t id)
{
	enum hv_status status;

	spin_lock(&ports_lock);
	status = disconnect(connector, id);
	spin_unlock(&ports_lock);
	return status;
}

/* The port of type `type` that a connection leads to. Holds the ports lock. */
static enum hv_status find_port(const struct vp *sender, uint32_t id, uint8_t type,
				struct port **port)
{
	const struct connection *connection = id_table_find(
		&sender->partition->port_space.connections, id);

	if (!connection)
		return HV_STATUS_INVALID_CONNECTION_ID;
	if (!connection->port || connection->port->type != type)
		return HV_STATUS_INVALID_PORT_ID;
	*port = connection->port;
	return HV_STATUS_SUCCESS;
}

/* How something gets to one VP; HV_STATUS_INVALID_SYNIC_STATE: that one cannot take it. */
typedef enum hv_status send_function(struct vp *vp, const struct port *port, void *what);

/*
 * Send to the VP of `port`; if that is any one, to the first that can take it, beginning with the
 * sender. Holds the ports lock.
 */
static enum hv_status send(const struct vp *sender, const struct port *port, send_function *to,
			   void *what)
{
	uint32_t first = sender->partition == port->owner ? sender->index : 0;

	if (port->target_vp != HV_ANY_VP) {
		struct vp *vp = vp_at(port->owner, port->target_vp);

		return vp ? to(vp, port, what) : HV_STATUS_INVALID_VP_INDEX;
	}
	for (uint32_t i = 0; i < PARTITION_MAX_VPS; i++) {
		struct vp *vp = vp_at(port->owner, (first + i) % PARTITION_MAX_VPS);
		enum hv_status status = vp ? to(vp, port, what) : HV_STATUS_INVALID_SYNIC_STATE;

		if (status != HV_STATUS_INVALID_SYNIC_STATE)
			return status;
	}
	return HV_STATUS_INVALID_VP_INDEX;
}

static enum hv_status send_message(struct vp *vp, const struct port *port, void *what)
{
	return message_send(vp, port->sint, what);
}

/* A message of `port` that does not wait, or NULL. Holds the ports lock. */
static struct guest_message *free_message(const struct port *port)
{
	for (unsigned int i = 0; i < HV_PORT_MESSAGE_BUFFERS; i++)
		if (message_buffer_free(&port->messages[i].head))
			return &port->messages[i];
	return NULL;
}

enum hv_status port_post_message(const struct vp *sender, uint32_t connection, uint32_t type,
				 const void *payload, uint32_t size)
{
	struct guest_message *message;
	enum hv_status status;
	struct port *port;

	spin_lock(&ports_lock);
	status = find_port(sender, connection, HV_PORT_TYPE_MESSAGE, &port);
	if (status == HV_STATUS_SUCCESS) {
		message = free_message(port);
		if (message) {
			memcpy(message->payload, payload, size);
			message->head = (struct message_buffer){
				.type = type,
				.port_id = port->id & HV_PORT_ID_MAX,
				.payload_size = size & UINT8_MAX,
			};
			status = send(sender, port, send_message, message);
			if (status != HV_STATUS_SUCCESS)
				message->head.type = HVMSG_NONE;
		} else {
			status = HV_STATUS_INSUFFICIENT_BUFFERS;
		}
	}
	spin_unlock(&ports_lock);
	return status;
}

static enum hv_status send_event(struct vp *vp, const struct port *port, void *what)
{
	const uint32_t *flag = what;
	bool newly_signaled;

	return synic_signal_event(vp, port->sint, port->first_flag + *flag, &newly_signaled);
}

enum hv_status port_signal_event(const struct vp *sender, uint32_t connection, uint32_t flag)
{
	enum hv_status status;
	struct port *port;

	spin_lock(&ports_lock);
	status = find_port(sender, connection, HV_PORT_TYPE_EVENT, &port);
	if (status == HV_STATUS_SUCCESS)
		status = flag < port->flag_count ? send(sender, port, send_event, &flag)
						 : HV_STATUS_INVALID_PARAMETER;
	spin_unlock(&ports_lock);
	return status;
}

void port_forget_vp(struct vp *vp)
{
	const struct id_table *ports = &vp->partition->port_space.ports;

	spin_lock(&ports_lock);
	for (uint32_t i = 0; i < ports->count; i++) {
		const struct port *port = id_table_find(ports, ports->entries[i].id);

		if (port->messages)
			message_recall(vp, port->sint, port->messages, HV_PORT_MESSAGE_BUFFERS);
	}
	spin_unlock(&ports_lock);
}

void port_delete_all(struct partition *partition)
{
	struct port_space *space = &partition->port_space;

	spin_lock(&ports_lock);
	while (space->connections.count > 0)
		disconnect(partition, space->connections.entries[0].id);
	doorbell_delete_all(partition);
	while (space->ports.count > 0)
		remove_port(partition, space->ports.entries[0].id);
	spin_unlock(&ports_lock);
}

/* Check the ports. Returns how many pages their messages take. Holds the ports lock. */
static uint64_t check_ports(const struct partition *partition, struct integrity *i)
{
	const struct id_table *ports = &partition->port_space.ports;
	uint64_t pages = 0;

	for (uint32_t n = 0; n < ports->count; n++) {
		uint32_t id = ports->entries[n].id;
		const struct port *port = id_table_find(ports, id);

		integrity_expect(i, port->id == id && port->owner == partition,
				 "a port knows its id and its partition", id);
		integrity_expect(i,
				 (port->type == HV_PORT_TYPE_MESSAGE) == (port->messages != NULL),
				 "a message port has a page of messages", id);
		pages += port->messages ? 1 : 0;
	}
	return pages;
}

/* Check that each connection leads to a port or nowhere. Holds the ports lock. */
static void check_connections(const struct partition *partition, struct integrity *i)
{
	const struct id_table *connections = &partition->port_space.connections;

	for (uint32_t n = 0; n < connections->count; n++) {
		uint32_t id = connections->entries[n].id;
		const struct connection *connection = id_table_find(connections, id);
		const struct port *port = connection->port;

		integrity_expect(
			i, !port || id_table_find(&port->owner->port_space.ports, port->id) == port,
			"a connection leads to a port that exists", id);
	}
}

void port_check(struct partition *partition, struct integrity *i, uint64_t others)
{
	uint64_t violations = i->violations;
	uint64_t pages;

	if (!integrity_lock(i, &ports_lock, "the ports' lock can be had"))
		return;
	pages = others + id_table_check(&partition->port_space.ports, i) +
		id_table_check(&partition->port_space.connections, i) +
		id_table_check(&partition->port_space.doorbells, i);
	/* Only tables in order can be followed. */
	if (i->violations == violations) {
		pages += check_ports(partition, i);
		check_connections(partition, i);
		if (integrity_lock(i, &partition->pool.lock, "a page pool's lock can be had")) {
			integrity_expect(i, partition->pool.used_count == pages,
					 "a pool pays for statistics, ports and connections",
					 partition->pool.used_count);
			spin_unlock(&partition->pool.lock);
		}
	}
	spin_unlock(&ports_lock);
}

bool port_is_connected(struct partition *partition, uint32_t id)
{
	bool connected;

	spin_lock(&ports_lock);
	connected = id_table_find(&partition->port_space.connections, id) != NULL;
	spin_unlock(&ports_lock);
	return connected;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * Doorbells: a child's write to an address where it has no memory becomes an entry in a ring of its
 * parent's, and the child goes on. What does not fit into the ring waits in its port, once.
 */
#include "abi/hv/port.h"
#include "abi/hv/vp.h"
#include "core/counter.h"
#include "core/machine.h"
#include "core/string.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "synic/port_objects.h"
#include "synic/synic.h"

COUNTER(rung, "synic.doorbells");
COUNTER(waiting, "synic.doorbells_waiting");
COUNTER(unheard, "synic.doorbells_unheard"); /* by no VP: their parent emulates the write */

_Static_assert(ID_TABLE_MAX * sizeof(struct doorbell *) <= PAGE_SIZE, "their places are a page");

enum hv_status doorbell_check_port(const struct partition *owner, const struct hv_port_info *info)
{
	/* The ring that its reader reads (Linux's mshv driver). */
	if (!partition_is_root(owner) || info->target_sint != HV_SYNIC_DOORBELL_SINT_INDEX)
		return HV_STATUS_INVALID_PARAMETER;
	if (info->target_vp != HV_ANY_VP &&
	    (info->target_vp >= PARTITION_MAX_VPS || !partition_vp(owner, info->target_vp)))
		return HV_STATUS_INVALID_VP_INDEX;
	return HV_STATUS_SUCCESS;
}

/* The first place in the order of addresses whose doorbell is at `gpa` or behind. */
static uint32_t first_place(const struct port_space *space, gpa_t gpa)
{
	uint32_t low = 0, high = space->doorbells.count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (space->doorbell_places[middle]->gpa < gpa)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Make room in the order of addresses. Called before the doorbell is in the table. */
static bool reserve_place(struct partition *p)
{
	spa_t page;

	if (p->port_space.doorbell_places)
		return true;
	if (!page_pool_alloc(&p->pool, &page))
		return false;
	p->port_space.doorbell_places = spa_to_virt(page);
	return true;
}

static void release_places(struct partition *p)
{
	struct port_space *space = &p->port_space;

	if (space->doorbells.count > 0 || !space->doorbell_places)
		return;
	page_pool_free(&p->pool, virt_to_spa(space->doorbell_places));
	space->doorbell_places = NULL;
}

static void insert(struct port_space *space, struct doorbell *doorbell)
{
	/* It counts already, but has no place yet. */
	uint32_t last = space->doorbells.count - 1, place = last;

	while (place > 0 && space->doorbell_places[place - 1]->gpa > doorbell->gpa) {
		space->doorbell_places[place] = space->doorbell_places[place - 1];
		place--;
	}
	space->doorbell_places[place] = doorbell;
}

static bool info_valid(const struct partition *connector, const struct partition *owner,
		       const struct hv_connection_info *info)
{
	return connector->parent == owner && owner && info->port_type == HV_PORT_TYPE_DOORBELL &&
	       info->gpa < connector->gpa.limit &&
	       !(info->flags & ~(HV_DOORBELL_FLAG_SIZE_MASK | HV_DOORBELL_FLAG_ANY_VALUE)) &&
	       (info->flags & HV_DOORBELL_FLAG_SIZE_MASK) <= HV_DOORBELL_FLAG_SIZE_8;
}

/* Holds the ports lock. */
static enum hv_status connect(struct partition *connector, uint32_t id, struct partition *owner,
			      uint32_t port_id, const struct hv_connection_info *info)
{
	struct port_space *space = &connector->port_space;
	struct doorbell *doorbell;
	enum hv_status status;
	struct port *port;
	void *object;

	status = port_find_to_connect(connector, &space->doorbells, id, owner, port_id,
				      HV_PORT_TYPE_DOORBELL, &port);
	if (status != HV_STATUS_SUCCESS)
		return status;
	if (!reserve_place(connector))
		return HV_STATUS_INSUFFICIENT_MEMORY;
	status = id_table_add(&space->doorbells, &connector->pool, id, &object);
	if (status != HV_STATUS_SUCCESS) {
		release_places(connector);
		return status;
	}
	doorbell = object;
	doorbell->gpa = info->gpa;
	doorbell->value = info->trigger_value;
	doorbell->flags = info->flags;
	doorbell->connection.port = port;
	list_add(&port->connections, &doorbell->connection.node);
	insert(space, doorbell);
	return HV_STATUS_SUCCESS;
}

enum hv_status port_connect_doorbell(struct partition *connector, uint32_t id,
				     struct partition *owner, uint32_t port_id,
				     const struct hv_connection_info *info)
{
	enum hv_status status;

	if (!info_valid(connector, owner, info))
		return HV_STATUS_INVALID_PARAMETER;
	spin_lock(&ports_lock);
	status = connect(connector, id, owner, port_id, info);
	spin_unlock(&ports_lock);
	return status;
}

/* Holds the ports lock. */
static enum hv_status disconnect(struct partition *connector, uint32_t id)
{
	struct port_space *space = &connector->port_space;
	struct doorbell *doorbell = id_table_find(&space->doorbells, id);
	uint32_t place;

	if (!doorbell)
		return HV_STATUS_INVALID_CONNECTION_ID;
	if (doorbell->connection.port)
		list_del(&doorbell->connection.node);
	place = first_place(space, doorbell->gpa);
	while (space->doorbell_places[place] != doorbell)
		place++;
	for (; place + 1 < space->doorbells.count; place++)
		space->doorbell_places[place] = space->doorbell_places[place + 1];
	id_table_remove(&space->doorbells, &connector->pool, id);
	release_places(connector);
	return HV_STATUS_SUCCESS;
}

enum hv_status port_disconnect_doorbell(struct partition *connector, uint32_t id)
{
	enum hv_status status;

	spin_lock(&ports_lock);
	status = disconnect(connector, id);
	spin_unlock(&ports_lock);
	return status;
}

void doorbell_delete_all(struct partition *partition)
{
	while (partition->port_space.doorbells.count > 0)
		disconnect(partition, partition->port_space.doorbells.entries[0].id);
}

/* Most children have none, and are not to wait for those of others. */
static bool has_any(const struct partition *p)
{
	return __atomic_load_n(&p->port_space.doorbells.count, __ATOMIC_RELAXED) > 0;
}

/* The doorbells at `gpa` from place *place on, one at a time; NULL when there are no more. */
static struct doorbell *next_at(const struct port_space *space, gpa_t gpa, uint32_t *place)
{
	struct doorbell *doorbell;

	if (*place >= space->doorbells.count)
		return NULL;
	doorbell = space->doorbell_places[(*place)++];
	return doorbell->gpa == gpa ? doorbell : NULL;
}

bool port_has_doorbell(struct partition *partition, gpa_t gpa)
{
	const struct port_space *space = &partition->port_space;
	uint32_t place;
	bool found;

	if (!has_any(partition))
		return false;
	spin_lock(&ports_lock);
	place = first_place(space, gpa);
	found = next_at(space, gpa, &place) != NULL;
	spin_unlock(&ports_lock);
	return found;
}

static bool matches(const struct doorbell *doorbell, unsigned int size, uint64_t value)
{
	uint64_t code = doorbell->flags & HV_DOORBELL_FLAG_SIZE_MASK;

	if (code != HV_DOORBELL_FLAG_SIZE_ANY && size != 1u << (code - 1))
		return false;
	return (doorbell->flags & HV_DOORBELL_FLAG_ANY_VALUE) || value == doorbell->value;
}

/* Put `port` into the ring of `vp`. Returns false if that takes nothing now. */
static bool signal_in(struct port *port, struct vp *vp)
{
	switch (synic_ring_append(vp, port->id)) {
	case HV_STATUS_SUCCESS:
		return true;
	case HV_STATUS_INSUFFICIENT_BUFFERS:
		/* Once is enough: its reader looks at what there is to do, not how often. */
		counter_inc(&waiting);
		port->waiting = true;
		port->waiting_in_vp = (uint16_t)vp->index;
		return true;
	default:
		return false;
	}
}

/* In its VP, or the one whose processor this is, or any. Holds the ports lock. */
static bool signal(struct port *port, struct vp *carrier)
{
	const struct partition *owner = port->owner;

	/* Not ahead of what waits. */
	if (port->waiting)
		return true;
	if (port->target_vp != HV_ANY_VP) {
		struct vp *vp = partition_vp(owner, port->target_vp);

		return vp && signal_in(port, vp);
	}
	if (signal_in(port, carrier))
		return true;
	for (uint32_t i = 0; i < owner->vp_limit; i++) {
		struct vp *vp = partition_vp(owner, i);

		if (vp && vp != carrier && signal_in(port, vp))
			return true;
	}
	return false;
}

bool port_ring_doorbell(const struct vp *sender, struct vp *carrier, gpa_t gpa, unsigned int size,
			uint64_t value)
{
	const struct port_space *space = &sender->partition->port_space;
	struct doorbell *doorbell;
	bool done = false;
	uint32_t place;

	spin_lock(&ports_lock);
	place = first_place(space, gpa);
	while (!done && (doorbell = next_at(space, gpa, &place)) != NULL) {
		if (!doorbell->connection.port || !matches(doorbell, size, value))
			continue;
		done = signal(doorbell->connection.port, carrier);
		counter_inc(done ? &rung : &unheard);
	}
	spin_unlock(&ports_lock);
	return done;
}

void port_refill_ring(struct vp *vp)
{
	const struct id_table *ports = &vp->partition->port_space.ports;

	spin_lock(&ports_lock);
	for (uint32_t i = 0; i < ports->count; i++) {
		struct port *port = id_table_find(ports, ports->entries[i].id);

		if (!port->waiting || port->waiting_in_vp != vp->index)
			continue;
		port->waiting = false;
		signal_in(port, vp);
		/* Full again. */
		if (port->waiting)
			break;
	}
	spin_unlock(&ports_lock);
}

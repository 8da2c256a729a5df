// SPDX-License-Identifier: Apache-2.0
#include "worker/vp_thread.h"

#include <errno.h>
#include <string.h>

#include "abi/hv/intercept.h"
#include "worker/emulate/emulate.h"
#include "worker/layout.h"
#include "worker/machine.h"

const char *const machine_intercept_names[INTERCEPT_COUNT] = {
	[INTERCEPT_IO_PORT] = "io_port",
	[INTERCEPT_MEMORY] = "memory",
	[INTERCEPT_APIC_EOI] = "apic_eoi",
	[INTERCEPT_HALT] = "halt",
	[INTERCEPT_UNRECOVERABLE_EXCEPTION] = "unrecoverable_exception",
	[INTERCEPT_SIGNAL] = "signal",
	[INTERCEPT_OTHER] = "other",
};

static void count(struct vp_thread *vp, enum intercept intercept)
{
	atomic_fetch_add_explicit(&vp->counts[intercept], 1, memory_order_relaxed);
}

static struct emulate emulate_for(struct vp_thread *vp)
{
	return (struct emulate){
		.memory = &vp->machine->memory,
		.devices = &vp->machine->devices,
		.registers = vp->vp.registers,
	};
}

/* The guest did what cannot be done for it. */
static void give_up(struct vp_thread *vp, const char *why, uint64_t where)
{
	machine_end(vp->machine, WORKER_EXIT_CRASH, "processor %u at 0x%llx: %s (0x%llx)",
		    vp->vp.index, (unsigned long long)vp->vp.registers->rip, why,
		    (unsigned long long)where);
}

static void handle_port(struct vp_thread *vp, const struct hv_message *message)
{
	const struct hv_x64_io_port_intercept_message *port = (const void *)message->payload;
	struct emulate emulate = emulate_for(vp);
	const char *problem;

	count(vp, INTERCEPT_IO_PORT);
	machine_lock(vp->machine);
	problem = emulate_port(&emulate, port);
	if (port->port_number >= PORT_PIT && port->port_number < PORT_PIT + 4)
		atomic_store(&vp->machine->timer_changed, true);
	machine_unlock_wake(vp->machine);
	if (problem)
		give_up(vp, problem, port->port_number);
}

static void handle_memory(struct vp_thread *vp, const struct hv_message *message)
{
	const struct hv_x64_memory_intercept_message *memory = (const void *)message->payload;
	struct emulate emulate = emulate_for(vp);
	size_t size = memory->instruction_byte_count;
	const char *problem;

	count(vp, INTERCEPT_MEMORY);
	if (memory->header.intercept_access_type == HV_INTERCEPT_ACCESS_EXECUTE) {
		give_up(vp, "an instruction is to be run where no memory is",
			memory->guest_physical_address);
		return;
	}
	if (size > sizeof(memory->instruction_bytes))
		size = sizeof(memory->instruction_bytes);
	machine_lock(vp->machine);
	problem = emulate_memory(&emulate, memory->guest_physical_address,
				 memory->instruction_bytes, size);
	machine_unlock_wake(vp->machine);
	if (problem)
		give_up(vp, problem, memory->guest_physical_address);
}

static void handle_eoi(struct vp_thread *vp, const struct hv_message *message)
{
	const struct hv_x64_apic_eoi_message *eoi = (const void *)message->payload;

	count(vp, INTERCEPT_APIC_EOI);
	machine_lock(vp->machine);
	ioapic_eoi(&vp->machine->devices.ioapic, (uint8_t)eoi->interrupt_vector);
	machine_unlock_wake(vp->machine);
}

static void handle(struct vp_thread *vp, const struct hv_message *message)
{
	switch (message->header.message_type) {
	case HVMSG_X64_IO_PORT_INTERCEPT:
		handle_port(vp, message);
		break;
	case HVMSG_UNMAPPED_GPA:
	case HVMSG_GPA_INTERCEPT:
		handle_memory(vp, message);
		break;
	case HVMSG_X64_APIC_EOI:
		handle_eoi(vp, message);
		break;
	case HVMSG_X64_HALT:
		/* the hypervisor wakes the VP for interrupts; until then RUN_VP waits */
		count(vp, INTERCEPT_HALT);
		break;
	case HVMSG_UNRECOVERABLE_EXCEPTION:
		count(vp, INTERCEPT_UNRECOVERABLE_EXCEPTION);
		machine_end(vp->machine, WORKER_EXIT_CRASH,
			    "triple fault of processor %u at 0x%llx", vp->vp.index,
			    (unsigned long long)vp->vp.registers->rip);
		break;
	default:
		count(vp, INTERCEPT_OTHER);
		machine_end(vp->machine, WORKER_EXIT_ERROR,
			    "processor %u stopped with a message 0x%x that the worker does not "
			    "know",
			    vp->vp.index, message->header.message_type);
		break;
	}
}

void *vp_thread_run(void *argument)
{
	struct vp_thread *vp = argument;
	struct hv_message message;

	while (!atomic_load(&vp->machine->stopping)) {
		int error = vp_run(&vp->vp, &message);

		if (error == EINTR) {
			count(vp, INTERCEPT_SIGNAL);
			continue;
		}
		if (error) {
			machine_end(vp->machine, WORKER_EXIT_ERROR, "processor %u does not run: %s",
				    vp->vp.index, strerror(error));
			break;
		}
		vp->last = message;
		handle(vp, &message);
		/* once the machine has ended no processor goes on past the intercept that ended it
		 */
		if (atomic_load(&vp->machine->ended))
			break;
	}
	return NULL;
}

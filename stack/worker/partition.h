// SPDX-License-Identifier: Apache-2.0
/* A child partition and its virtual processors, through Linux's mshv driver. */
#ifndef WORKER_PARTITION_H
#define WORKER_PARTITION_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/hv/status.h"
#include "abi/hv/synic.h"
#include "abi/hv/vp.h"
#include "worker/load/load.h"
#include "worker/memory.h"
#include "worker/problem.h"

struct partition {
	int fd;
};

struct vp {
	int fd;
	unsigned int index;
	struct hv_vp_register_page *registers; /* valid while the VP is stopped by an intercept */
};

/* Create and initialize a partition. Returns false with *problem. */
bool partition_create(struct partition *partition, struct problem *problem);

/* Give the partition the memory whose addresses in this process are known. */
bool partition_map(const struct partition *partition, const struct guest_memory *memory,
		   struct problem *problem);

/* Create VP `index`. */
bool partition_create_vp(const struct partition *partition, unsigned int index, struct vp *vp,
			 struct problem *problem);

/*
 * Assert an interrupt at a local APIC; from any thread, while VPs run or not. What does not reach
 * an APIC is lost, as on a machine.
 */
void partition_interrupt(const struct partition *partition, uint32_t type, uint32_t vector,
			 uint32_t destination, bool logical, bool level);

/*
 * Property `code` with argument `arg`, into the HV_HYP_PAGE_SIZE bytes at `value`. Returns false if
 * the hypervisor has no such property.
 */
bool partition_get_property(const struct partition *partition, uint32_t code, uint64_t arg,
			    void *value);

/*
 * Read `count` registers of a VP by name into the values of `assocs`. The VP must not be in
 * vp_run(). Returns false if one of them cannot be read.
 */
bool vp_get_registers(const struct vp *vp, struct hv_register_assoc *assocs, unsigned int count);
bool vp_set_registers(const struct vp *vp, const struct hv_register_assoc *assocs,
		      unsigned int count);

/* Set VP 0 to where the loader wants it to start. */
bool vp_set_entry(const struct vp *vp, const struct load_entry *entry, struct problem *problem);

/*
 * Run until the VP stops for something that is the worker's. Returns 0 and the message, or an
 * errno: EINTR after a signal.
 */
int vp_run(const struct vp *vp, struct hv_message *message);

#endif

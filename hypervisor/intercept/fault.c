// SPDX-License-Identifier: Apache-2.0
#include "core/counter.h"
#include "core/machine.h"
#include "core/printk.h"
#include "intercept/intercept.h"
#include "partition/partition.h"
#include "partition/vp.h"

/* Log that many refusals, then only count: a partition must not be able to flush the log. */
#define FORBIDDEN_LOGGED 32u

COUNTER(forbidden, "memory.access_refused");

void intercept_forbidden(struct vp *vp, gpa_t gpa, bool write, bool fetch)
{
	counter_inc(&forbidden);
	if (counter_read(&forbidden) <= FORBIDDEN_LOGGED)
		printk(LOG_WARN, "memory: partition %lu VP %u may not %s 0x%lx (rip 0x%lx): #GP",
		       vp->partition->id, vp->index,
		       fetch   ? "execute"
		       : write ? "write"
			       : "read",
		       gpa, vp->regs.rip);
	vp_raise(vp, VECTOR_GP);
}

void intercept_shutdown(struct vp *vp)
{
	printk(LOG_ERROR,
	       "the root partition's VP %u shut down (triple fault, last rip 0x%lx): resetting the "
	       "machine",
	       vp->index, vp->regs.rip);
	machine_reset();
}

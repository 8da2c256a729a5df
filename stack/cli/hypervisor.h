// SPDX-License-Identifier: Apache-2.0
/* The way to the hypervisor: hypercalls that Linux's mshv driver passes on for us. */
#ifndef CLI_HYPERVISOR_H
#define CLI_HYPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/hv/status.h"
#include "cli/command.h"

#define HYPERVISOR_DEVICE     "/dev/mshv"
#define HYPERVISOR_VALUE_SIZE 4096u /* the value of a property: a hypercall's output page */

struct hypervisor {
	int fd;
};

/*
 * Open the device. Returns EXIT_DONE, or EXIT_UNAVAILABLE after complaining that `doing` ("read
 * the log") does not work here, why, and what to do.
 */
int hypervisor_open(struct hypervisor *hv, const struct command *self, const char *doing);

void hypervisor_close(struct hypervisor *hv);

/*
 * HVCALL_GET_PARTITION_PROPERTY_EX on the own partition: property `code` with argument `arg` into
 * the HYPERVISOR_VALUE_SIZE bytes at `value`. Returns 0 or an errno; *status is what the hypervisor
 * answered, HV_STATUS_SUCCESS if the call did not get there.
 */
int hypervisor_get_property(const struct hypervisor *hv, uint32_t code, uint64_t arg, void *value,
			    enum hv_status *status);

/* Complain that `doing` failed with these results of hypervisor_get_property. Returns EXIT_FAILED.
 */
int hypervisor_refused(const struct command *self, const char *doing, int error,
		       enum hv_status status);

#endif

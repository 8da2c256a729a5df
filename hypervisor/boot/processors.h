// SPDX-License-Identifier: Apache-2.0
/* The machine's processors as firmware lists them in the MADT (ACPI 6.5, 5.2.12). */
#ifndef BOOT_PROCESSORS_H
#define BOOT_PROCESSORS_H

#include "core/types.h"

#define PROCESSORS_MAX 256u

struct processors {
	uint32_t count;                   /* at least 1 */
	uint32_t apic_id[PROCESSORS_MAX]; /* the boot processor's first */
};

/*
 * List the enabled processors of `madt` (NULL: there is no such table). `boot_apic_id` is the one
 * this runs on. Processors beyond PROCESSORS_MAX, and those listed twice, are left out.
 */
void processors_list(struct processors *out, const void *madt, uint32_t boot_apic_id);

/* Mark every processor of `madt` that is not in `keep` as absent. The caller seals the table. */
void processors_keep(void *madt, const struct processors *keep);

#endif

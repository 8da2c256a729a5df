// SPDX-License-Identifier: Apache-2.0
/*
 * ACPI as the root partition sees it: firmware's tables, without those that describe IOMMUs (they
 * are the hypervisor's), without the sleep states that would lose the hypervisor, and with the
 * processors Bulkhead drives.
 */
#ifndef BOOT_ACPI_ROOT_H
#define BOOT_ACPI_ROOT_H

#include "boot/processors.h"
#include "core/types.h"

/* Bytes of memory that the tables of acpi_root_build may take. */
#define ACPI_ROOT_SIZE (64u << 10)

/*
 * Build a root pointer and a list of tables (and a processor table) at `buffer`, ACPI_ROOT_SIZE
 * bytes that the root will find at `buffer_spa`; `tables` are firmware's. Only the processor with
 * `apic_id` stays enabled. Hides S1 to S3 in firmware's own definition blocks. Returns the root
 * pointer's address, 0 if the buffer is too small.
 */
spa_t acpi_root_build(void *buffer, spa_t buffer_spa, const spa_t *tables, uint32_t count,
		      const struct processors *keep);

/* Rename the sleep objects _S1_ to _S3_ in a definition block, so that nobody finds them. Returns
 * how many. */
uint32_t acpi_hide_sleep(uint8_t *table);

/*
 * An IOMMU among the tables that firmware left translating: the address of its registers, 0 if
 * there is none. `read` reads a device register of `size` 4 or 8 bytes.
 */
spa_t acpi_find_translating_iommu(const spa_t *tables, uint32_t count,
				  uint64_t (*read)(spa_t address, unsigned int size));

#endif

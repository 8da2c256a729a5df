// SPDX-License-Identifier: Apache-2.0
#include "boot/processors.h"

#include "core/string.h"
#include "x86/acpi.h"

#define MADT_ENTRIES    44u
#define MADT_LOCAL_APIC 0u
#define MADT_X2APIC     9u

#define CPU_ENABLED        0x1u
#define CPU_ONLINE_CAPABLE 0x2u

static bool contains(const struct processors *p, uint32_t apic_id)
{
	for (uint32_t i = 0; i < p->count; i++)
		if (p->apic_id[i] == apic_id)
			return true;
	return false;
}

/*
 * The next processor entry at or behind offset *at of `madt`: its APIC id, and where its flags
 * stand. Moves *at behind it. Returns 0 at the end of the table, or where it is damaged.
 */
static uint32_t next_processor(const uint8_t *madt, uint32_t *at, uint32_t *apic_id)
{
	uint32_t end = ((const struct acpi_header *)madt)->length;

	while (*at + 2 <= end) {
		const uint8_t *entry = madt + *at;
		uint32_t start = *at;

		if (entry[1] < 2 || *at + entry[1] > end)
			return 0;
		*at += entry[1];
		if (entry[0] == MADT_LOCAL_APIC && entry[1] >= 8) {
			*apic_id = entry[3];
			return start + 4;
		}
		if (entry[0] == MADT_X2APIC && entry[1] >= 16) {
			memcpy(apic_id, entry + 4, sizeof(*apic_id));
			return start + 8;
		}
	}
	return 0;
}

void processors_list(struct processors *out, const void *madt, uint32_t boot_apic_id)
{
	uint32_t at = MADT_ENTRIES, apic_id, flags;

	out->count = 1;
	out->apic_id[0] = boot_apic_id;
	if (!madt)
		return;
	while ((flags = next_processor(madt, &at, &apic_id)) != 0)
		if ((((const uint8_t *)madt)[flags] & CPU_ENABLED) && !contains(out, apic_id) &&
		    out->count < PROCESSORS_MAX)
			out->apic_id[out->count++] = apic_id;
}

void processors_keep(void *madt, const struct processors *keep)
{
	uint8_t *table = madt;
	uint32_t at = MADT_ENTRIES, apic_id, flags;

	while ((flags = next_processor(table, &at, &apic_id)) != 0)
		if (!contains(keep, apic_id))
			table[flags] = (uint8_t)(table[flags] &
						 ~(CPU_ENABLED | CPU_ONLINE_CAPABLE));
}

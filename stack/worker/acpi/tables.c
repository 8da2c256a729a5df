// SPDX-License-Identifier: Apache-2.0
#include "worker/acpi/tables.h"

#include <stdbool.h>
#include <string.h>

#include "worker/device/power.h"

#define OEM_ID       "BULKHD"
#define OEM_TABLE_ID "BULKHEAD"
#define CREATOR_ID   "BLKH"

struct table_header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem_id[6];
	char oem_table_id[8];
	uint32_t oem_revision;
	char creator_id[4];
	uint32_t creator_revision;
} __attribute__((packed));

_Static_assert(sizeof(struct table_header) == 36, "table_header");

struct rsdp {
	char signature[8];
	uint8_t checksum; /* of the first 20 bytes */
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t extended_checksum;
	uint8_t reserved[3];
} __attribute__((packed));

_Static_assert(sizeof(struct rsdp) == 36, "rsdp");

struct generic_address {
	uint8_t space; /* 1: I/O ports */
	uint8_t bits;
	uint8_t offset;
	uint8_t access; /* 1: bytes .. 3: dwords */
	uint64_t address;
} __attribute__((packed));

struct fadt {
	struct table_header header;
	uint32_t facs, dsdt;
	uint8_t reserved1;
	uint8_t preferred_profile;
	uint16_t sci_interrupt;
	uint32_t smi_command;
	uint8_t acpi_enable, acpi_disable, s4bios_request, pstate_control;
	uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control;
	uint32_t pm2_control, pm_timer, gpe0, gpe1;
	uint8_t pm1_event_length, pm1_control_length, pm2_control_length, pm_timer_length;
	uint8_t gpe0_length, gpe1_length, gpe1_base, cstate_control;
	uint16_t c2_latency, c3_latency, flush_size, flush_stride;
	uint8_t duty_offset, duty_width, day_alarm, month_alarm, century;
	uint16_t boot_flags;
	uint8_t reserved2;
	uint32_t flags;
	struct generic_address reset_register;
	uint8_t reset_value;
	uint16_t arm_boot_flags;
	uint8_t minor_revision;
	uint64_t x_facs, x_dsdt;
	struct generic_address x_pm1a_event, x_pm1b_event, x_pm1a_control, x_pm1b_control;
	struct generic_address x_pm2_control, x_pm_timer, x_gpe0, x_gpe1;
	struct generic_address sleep_control, sleep_status;
	uint64_t hypervisor_vendor;
} __attribute__((packed));

_Static_assert(sizeof(struct fadt) == 276, "fadt");

#define FADT_WBINVD         0x00000001u
#define FADT_C1             0x00000004u
#define FADT_NO_SLEEP       0x00000020u /* no fixed sleep button */
#define FADT_NO_RTC_WAKE    0x00000040u
#define FADT_RESET_REGISTER 0x00000400u
#define BOOT_LEGACY_DEVICES 0x0001u
#define BOOT_NO_VGA         0x0004u
#define BOOT_NO_CMOS_RTC    0x0020u /* at run time: it has no alarms */

struct facs {
	char signature[4];
	uint32_t length;
	uint8_t rest[56];
};

struct madt {
	struct table_header header;
	uint32_t lapic_address;
	uint32_t flags;
} __attribute__((packed));

#define MADT_PCAT_COMPATIBLE 1u

struct madt_lapic {
	uint8_t type, length;
	uint8_t processor_uid, apic_id;
	uint32_t flags;
} __attribute__((packed));

struct madt_ioapic {
	uint8_t type, length;
	uint8_t id, reserved;
	uint32_t address, gsi_base;
} __attribute__((packed));

struct madt_override {
	uint8_t type, length;
	uint8_t bus, source;
	uint32_t gsi;
	uint16_t flags;
} __attribute__((packed));

struct madt_lapic_nmi {
	uint8_t type, length;
	uint8_t processor_uid;
	uint16_t flags;
	uint8_t lint;
} __attribute__((packed));

#define MADT_LAPIC        0u
#define MADT_IOAPIC       1u
#define MADT_OVERRIDE     2u
#define MADT_LAPIC_NMI    4u
#define ACTIVE_HIGH_LEVEL 0x000du

/* The tables so far; `full` once one did not fit. */
struct writer {
	uint8_t *area;
	size_t used;
	bool full;
};

/* Room for `size` bytes, aligned; NULL when there is none. */
static void *take(struct writer *writer, size_t size, size_t align)
{
	size_t at = (writer->used + align - 1) / align * align;

	if (writer->full || size > ACPI_SIZE || at > ACPI_SIZE - size) {
		writer->full = true;
		return NULL;
	}
	writer->used = at + size;
	return writer->area + at;
}

static uint64_t address_of(const struct writer *writer, const void *table)
{
	return ACPI_ADDRESS + (uint64_t)((const uint8_t *)table - writer->area);
}

static uint8_t sum(const void *bytes, size_t size)
{
	uint8_t total = 0;

	for (size_t i = 0; i < size; i++)
		total = (uint8_t)(total + ((const uint8_t *)bytes)[i]);
	return (uint8_t)-total;
}

/* A table of `size` bytes with its header; finish() once it is filled. */
static void *begin(struct writer *writer, const char *signature, uint8_t revision, size_t size)
{
	struct table_header *header = take(writer, size, 16);

	if (!header)
		return NULL;
	memcpy(header->signature, signature, sizeof(header->signature));
	header->length = (uint32_t)size;
	header->revision = revision;
	memcpy(header->oem_id, OEM_ID, sizeof(header->oem_id));
	memcpy(header->oem_table_id, OEM_TABLE_ID, sizeof(header->oem_table_id));
	header->oem_revision = 1;
	memcpy(header->creator_id, CREATOR_ID, sizeof(header->creator_id));
	header->creator_revision = 1;
	return header;
}

static uint64_t finish(const struct writer *writer, struct table_header *header)
{
	header->checksum = sum(header, header->length);
	return address_of(writer, header);
}

static uint64_t write_dsdt(struct writer *writer, const struct acpi_machine *machine)
{
	void *table = take(writer, machine->dsdt_size, 16);

	if (!table)
		return 0;
	memcpy(table, machine->dsdt, machine->dsdt_size);
	return address_of(writer, table);
}

static uint64_t write_facs(struct writer *writer)
{
	struct facs *facs = take(writer, sizeof(*facs), 64);

	if (!facs)
		return 0;
	memcpy(facs->signature, "FACS", 4);
	facs->length = sizeof(*facs);
	return address_of(writer, facs);
}

static struct generic_address port(uint64_t address, uint8_t bits)
{
	return (struct generic_address){
		.space = 1, .bits = bits, .access = bits == 32 ? 3 : bits / 8, .address = address};
}

static uint64_t write_fadt(struct writer *writer, uint64_t facs, uint64_t dsdt)
{
	struct fadt *fadt = begin(writer, "FACP", 6, sizeof(*fadt));

	if (!fadt)
		return 0;
	fadt->facs = (uint32_t)facs;
	fadt->dsdt = (uint32_t)dsdt;
	fadt->x_dsdt = dsdt;
	fadt->sci_interrupt = PIN_SCI;
	fadt->pm1a_event = PORT_POWER + POWER_PM1_EVENT;
	fadt->pm1a_control = PORT_POWER + POWER_PM1_CONTROL;
	fadt->pm_timer = PORT_POWER + POWER_TIMER;
	fadt->pm1_event_length = 4;
	fadt->pm1_control_length = 2;
	fadt->pm_timer_length = 4;
	fadt->c2_latency = UINT16_MAX; /* not there */
	fadt->c3_latency = UINT16_MAX;
	fadt->century = 0x32;
	fadt->boot_flags = BOOT_LEGACY_DEVICES | BOOT_NO_VGA | BOOT_NO_CMOS_RTC;
	fadt->flags = FADT_WBINVD | FADT_C1 | FADT_NO_SLEEP | FADT_NO_RTC_WAKE |
		      FADT_RESET_REGISTER;
	fadt->reset_register = port(PORT_POWER + POWER_RESET, 8);
	fadt->reset_value = POWER_RESET_VALUE;
	fadt->x_pm1a_event = port(fadt->pm1a_event, 32);
	fadt->x_pm1a_control = port(fadt->pm1a_control, 16);
	fadt->x_pm_timer = port(fadt->pm_timer, 32);
	return finish(writer, &fadt->header);
}

static uint64_t write_madt(struct writer *writer, unsigned int cpus)
{
	struct madt *madt = begin(
		writer, "APIC", 5,
		sizeof(*madt) + cpus * sizeof(struct madt_lapic) + sizeof(struct madt_ioapic) +
			2 * sizeof(struct madt_override) + sizeof(struct madt_lapic_nmi));
	struct madt_lapic *lapic;
	struct madt_ioapic *ioapic;
	struct madt_override *override;
	struct madt_lapic_nmi *nmi;

	if (!madt)
		return 0;
	madt->lapic_address = (uint32_t)LAPIC_BASE;
	madt->flags = MADT_PCAT_COMPATIBLE;
	lapic = (void *)(madt + 1);
	for (unsigned int i = 0; i < cpus; i++, lapic++)
		*lapic = (struct madt_lapic){MADT_LAPIC, sizeof(*lapic), (uint8_t)i, (uint8_t)i, 1};
	ioapic = (void *)lapic;
	*ioapic = (struct madt_ioapic){MADT_IOAPIC, sizeof(*ioapic),       0,
				       0,           (uint32_t)IOAPIC_BASE, 0};
	override = (void *)(ioapic + 1);
	override[0] = (struct madt_override){MADT_OVERRIDE, sizeof(*override), 0, 0, PIN_TIMER, 0};
	override[1] = (struct madt_override){MADT_OVERRIDE, sizeof(*override), 0,
					     PIN_SCI,       PIN_SCI,           ACTIVE_HIGH_LEVEL};
	nmi = (void *)(override + 2);
	*nmi = (struct madt_lapic_nmi){MADT_LAPIC_NMI, sizeof(*nmi), 0xff, 0, 1};
	return finish(writer, &madt->header);
}

/* Name (NAME, value) in AML: NameOp, the name, QWordPrefix, the value. */
#define AML_NAME_SIZE 14u

static void write_name(uint8_t *aml, const char *name, uint64_t value)
{
	aml[0] = 0x08;
	memcpy(aml + 1, name, 4);
	aml[5] = 0x0e;
	memcpy(aml + 6, &value, sizeof(value));
}

static uint64_t write_windows(struct writer *writer, uint64_t memory_end)
{
	struct table_header *ssdt = begin(writer, "SSDT", 2, sizeof(*ssdt) + 4 * AML_NAME_SIZE);
	uint8_t *aml = (uint8_t *)(ssdt + 1);

	if (!ssdt)
		return 0;
	write_name(aml, "WLOB", LOW_WINDOW_START);
	write_name(aml + AML_NAME_SIZE, "WLOL", LOW_WINDOW_SIZE);
	write_name(aml + 2 * AML_NAME_SIZE, "WHIB", acpi_high_window(memory_end));
	write_name(aml + 3 * AML_NAME_SIZE, "WHIL", HIGH_WINDOW_SIZE);
	return finish(writer, ssdt);
}

static uint64_t write_xsdt(struct writer *writer, const uint64_t *tables, size_t count)
{
	struct table_header *xsdt = begin(writer, "XSDT", 1,
					  sizeof(*xsdt) + count * sizeof(*tables));

	if (!xsdt)
		return 0;
	memcpy(xsdt + 1, tables, count * sizeof(*tables));
	return finish(writer, xsdt);
}

uint64_t acpi_high_window(uint64_t memory_end)
{
	if (memory_end < HIGH_RAM_START)
		memory_end = HIGH_RAM_START;
	return (memory_end + HIGH_WINDOW_ALIGN - 1) / HIGH_WINDOW_ALIGN * HIGH_WINDOW_ALIGN;
}

uint64_t acpi_build(const struct acpi_machine *machine, uint8_t area[ACPI_SIZE])
{
	struct writer writer = {.area = area};
	struct rsdp *rsdp;
	uint64_t facs, dsdt, tables[3];

	memset(area, 0, ACPI_SIZE);
	rsdp = take(&writer, sizeof(*rsdp), 16);
	if (!rsdp)
		return 0;
	facs = write_facs(&writer);
	dsdt = write_dsdt(&writer, machine);
	tables[0] = write_fadt(&writer, facs, dsdt);
	tables[1] = write_madt(&writer, machine->cpus);
	tables[2] = write_windows(&writer, machine->memory_end);
	memcpy(rsdp->signature, "RSD PTR ", sizeof(rsdp->signature));
	memcpy(rsdp->oem_id, OEM_ID, sizeof(rsdp->oem_id));
	rsdp->revision = 2;
	rsdp->length = sizeof(*rsdp);
	rsdp->xsdt = write_xsdt(&writer, tables, 3);
	if (writer.full)
		return 0;
	rsdp->checksum = sum(rsdp, 20);
	rsdp->extended_checksum = sum(rsdp, sizeof(*rsdp));
	return address_of(&writer, rsdp);
}

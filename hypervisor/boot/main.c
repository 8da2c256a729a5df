// SPDX-License-Identifier: Apache-2.0
/*
 * From the loader to the first instruction of the root partition. In two stages: on the provisional
 * tables of boot/entry.S, where all low memory can be read, we learn about the machine and take our
 * piece; then the image moves there, and from its final place loads the root's kernel and lets it
 * run.
 */
#include <stdarg.h>

#include "boot/acpi_root.h"
#include "boot/boot_info.h"
#include "boot/efi_map.h"
#include "boot/linux.h"
#include "boot/multiboot.h"
#include "boot/multiboot2.h"
#include "boot/options.h"
#include "boot/piece.h"
#include "boot/processors.h"
#include "boot/start_processors.h"
#include "core/console.h"
#include "core/machine.h"
#include "core/printk.h"
#include "core/stack_protector.h"
#include "core/string.h"
#include "partition/frame.h"
#include "partition/integrity.h"
#include "partition/root.h"
#include "partition/vp.h"
#include "x86/acpi.h"
#include "x86/cpu.h"
#include "x86/interrupt.h"
#include "x86/lapic.h"
#include "x86/layout.h"
#include "x86/lp.h"
#include "x86/paging.h"
#include "x86/power.h"
#include "x86/time.h"
#include "x86/vendor.h"
#include "x86/xstate.h"

#ifndef BULKHEAD_VERSION
#error "the build says which version this is"
#endif

/* The root's boot parameters lie somewhere here, in the first MiB that every machine has as RAM. */
#define PARAMS_FROM 0x10000u
#define PARAMS_TO   0x90000u

extern char image_start[], image_end[];

void boot_main(uint32_t magic, uint32_t info) __noreturn;
void boot_relocate(void *dst, const void *src, size_t size, spa_t cr3);
void boot_switch_stack(uint64_t top, void (*next)(void)) __noreturn;

static struct boot_info boot;
static struct boot_options options;
static struct processors processors;
static spa_t acpi_tables[ACPI_TABLES_MAX];
static uint32_t acpi_table_count;
static spa_t root_rsdp, root_acpi;
static struct boot_efi root_efi;

void boot_fail(const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vformat(text, sizeof(text), fmt, args);
	va_end(args);
	console_write(CONSOLE_ALL, "bulkhead: boot failed: ", 23);
	console_write(CONSOLE_ALL, text, strlen(text));
	console_write(CONSOLE_ALL, "\n", 1);
	machine_stop();
}

/* Where the local APIC's registers are. */
static spa_t apic_registers(void)
{
	return rdmsr(MSR_APIC_BASE) & 0x000ffffffffff000;
}

static uint64_t read_register(spa_t address, unsigned int size)
{
	const volatile uint32_t *low = spa_to_virt(address);
	uint64_t value = low[0];

	if (size == 8)
		value |= (uint64_t)low[1] << 32;
	return value;
}

static void read_loader(uint32_t magic, uint32_t info)
{
	const char *problem;

	if (magic == MULTIBOOT_BOOTLOADER_MAGIC) {
		multiboot_read(&boot, info);
	} else if (magic == MULTIBOOT2_BOOTLOADER_MAGIC) {
		if (multiboot2_size(spa_to_virt(info)) > MULTIBOOT2_INFO_MAX)
			boot_fail("the boot loader's information is longer than %u KiB.",
				  MULTIBOOT2_INFO_MAX >> 10);
		problem = multiboot2_read(&boot, spa_to_virt(info), info);
		if (problem)
			boot_fail("the boot loader's information cannot be used: %s.", problem);
	} else {
		boot_fail("not started by a Multiboot loader; use GRUB's `multiboot2` command or "
			  "QEMU's -kernel.");
	}
	if (boot.display == DISPLAY_TEXT ||
	    (boot.display == DISPLAY_UNKNOWN && boot.bios && console_bios_vga_text()))
		console_use_vga_text();
}

static void read_options(void)
{
	const char *word = boot_options_parse(&options, boot.command_line);
	size_t length = 0;

	if (word) {
		char text[64];

		while (word[length] != '\0' && word[length] != ' ' && length + 1 < sizeof(text)) {
			text[length] = word[length];
			length++;
		}
		text[length] = '\0';
		boot_fail("unknown option `%s`; known are %s. Correct the hypervisor's command "
			  "line in the boot "
			  "loader.",
			  text, boot_options_help);
	}
	printk_mirror((options.console_com1 ? CONSOLE_COM1 : 0) |
			      (options.console_com2 ? CONSOLE_COM2 : 0) |
			      (options.console_debug ? CONSOLE_DEBUG : 0),
		      options.log);
}

/* Find firmware's tables and the processors among them. */
static void find_machine(void)
{
	spa_t rsdp = boot.rsdp == 0 && boot.bios ? acpi_find_rsdp() : boot.rsdp;

	acpi_table_count = acpi_list_tables(rsdp, acpi_tables, ACPI_TABLES_MAX);
	if (!acpi_table(acpi_tables, acpi_table_count, "FACP"))
		boot_fail("firmware offers no intact ACPI tables (no FADT); enable ACPI in the "
			  "firmware setup.");
	lapic_init(spa_to_virt(apic_registers()));
	processors_list(&processors, acpi_table(acpi_tables, acpi_table_count, "APIC"), lapic_id());
}

/* What the hypervisor itself needs of the machine's description, and what is left of it for the
 * root. */
static void use_machine(void)
{
	const struct acpi_fadt *fadt = acpi_table(acpi_tables, acpi_table_count, "FACP");
	spa_t iommu = acpi_find_translating_iommu(acpi_tables, acpi_table_count, read_register);

	if (iommu != 0)
		boot_fail("firmware left the IOMMU at 0x%lx translating; switch off pre-boot DMA "
			  "protection in the firmware setup.",
			  iommu);
	if (fadt->pm_timer == 0 || fadt->pm_timer > UINT16_MAX)
		boot_fail("ACPI describes no PM timer, which Bulkhead measures its clocks with; "
			  "enable it in the firmware setup.");
	power_init((uint16_t)fadt->pm1a_control, (uint16_t)fadt->pm1b_control);
	if (!time_calibrate((uint16_t)fadt->pm_timer))
		boot_fail("the ACPI PM timer at port 0x%x does not count; update the firmware.",
			  fadt->pm_timer);
	printk(LOG_INFO, "time: TSC %lu kHz, APIC timer %lu kHz", machine_tsc_frequency() / 1000,
	       machine_apic_frequency() / 1000);

	root_acpi = piece_alloc(ACPI_ROOT_SIZE / PAGE_SIZE);
	root_rsdp = acpi_root_build(spa_to_virt(root_acpi), root_acpi, acpi_tables,
				    acpi_table_count, &processors);
	if (root_rsdp == 0)
		boot_fail("the ACPI tables are larger than the %u KiB kept for the root's copy.",
			  ACPI_ROOT_SIZE >> 10);
}

/* Firmware's memory map for the root, which will write to it: in pages of their own. */
static void copy_efi_map(void)
{
	uint32_t size = (uint32_t)ALIGN_UP(boot.efi.map_size + 2 * boot.efi.descriptor_size,
					   PAGE_SIZE);

	if (boot.efi.system_table == 0)
		return;
	root_efi = boot.efi;
	root_efi.map = piece_alloc(size / PAGE_SIZE);
	root_efi.map_size = efi_map_reserve(spa_to_virt(root_efi.map), size,
					    spa_to_virt(boot.efi.map), boot.efi.map_size,
					    boot.efi.descriptor_size, piece_start(), piece_end());
	if (root_efi.map_size == 0)
		boot_fail("ranges of the firmware's memory map overlap; update the firmware.");
}

/* Move the root's kernel and initial RAM disk to where the kernel wants them, and describe the
 * machine to it. */
static void load_root(struct vp *vp)
{
	void *file = spa_to_virt(boot.kernel.start);
	struct memory_range avoid[2];
	struct linux_image image;
	struct linux_boot root = {
		.memory = &boot.memory,
		.rsdp = root_rsdp,
		.command_line = boot.kernel.command_line,
		.initrd_size = boot.initrd.size,
		.vga_text = console_vga_text(),
		.framebuffer = boot.framebuffer,
		.efi = root_efi,
	};
	const char *problem;
	uint64_t highest;

	if (boot.kernel.size == 0)
		boot_fail("no root kernel: give a Linux bzImage as the first boot module (GRUB: "
			  "module2, QEMU: -initrd "
			  "\"bzImage arguments,initrd\").");
	problem = linux_image_parse(file, boot.kernel.size, &image);
	if (problem)
		boot_fail("the root kernel (first boot module, %lu bytes) cannot be loaded: %s.",
			  boot.kernel.size, problem);

	if (!memory_map_find_low(&boot.memory, LINUX_PARAMS_SIZE, PAGE_SIZE, PARAMS_FROM, PARAMS_TO,
				 NULL, 0, &root.params))
		boot_fail("no memory below 640 KiB for the root kernel's boot parameters.");

	/* The kernel goes where it prefers, or above. The RAM disk must leave both kernel and its
	 * copy alone. */
	if (!memory_map_find_low(&boot.memory, image.init_size, image.alignment, image.preferred,
				 image.relocatable ? SIZE_4G : image.preferred + image.init_size,
				 NULL, 0, &root.load_address))
		boot_fail("no %u MiB of contiguous memory for the root kernel at or above 0x%lx.",
			  image.init_size >> 20, image.preferred);
	avoid[0] = (struct memory_range){root.load_address, root.load_address + image.init_size,
					 MEMORY_RAM};
	avoid[1] = (struct memory_range){boot.kernel.start, boot.kernel.start + boot.kernel.size,
					 MEMORY_RAM};
	highest = (uint64_t)image.initrd_max + 1;
	if (boot.initrd.size > 0) {
		if (!memory_map_find_high(&boot.memory, boot.initrd.size, PAGE_SIZE, SIZE_2M,
					  highest, avoid, ARRAY_SIZE(avoid), &root.initrd))
			boot_fail(
				"no %lu MiB of contiguous memory for the root's initial RAM disk.",
				boot.initrd.size >> 20);
		memmove(spa_to_virt(root.initrd), spa_to_virt(boot.initrd.start), boot.initrd.size);
	}
	/* The header is read before the kernel's own copy may overwrite it. */
	problem = linux_fill_params(spa_to_virt(root.params), &image, file, &root);
	if (problem)
		boot_fail("the root kernel cannot be started: %s.", problem);
	memmove(spa_to_virt(root.load_address), (char *)file + image.payload_offset,
		image.payload_size);
	printk(LOG_INFO, "root: kernel at 0x%lx (%u KiB), initial RAM disk at 0x%lx (%lu KiB)",
	       root.load_address, image.payload_size >> 10, root.initrd, root.initrd_size >> 10);

	vendor_set_boot_state(vp, (uint32_t)root.load_address, (uint32_t)root.params,
			      (uint32_t)root.params + LINUX_GDT_OFFSET, LINUX_GDT_SIZE - 1,
			      LINUX_CODE_SELECTOR, LINUX_DATA_SELECTOR);
}

/*
 * This processor's APIC is the hypervisor's from now on. The root's own begins with what firmware
 * left: enabled, the 8259s at one pin, NMIs at the other.
 */
static void take_apic(struct vp *vp)
{
	uint32_t svr = lapic_read(LAPIC_SVR);
	uint32_t lint0 = lapic_read(LAPIC_LVT_LINT0);
	uint32_t lint1 = lapic_read(LAPIC_LVT_LINT1);

	if (lapic_has_x2apic())
		lapic_use_x2apic();
	interrupt_setup();
	apic_write_page(vp, LAPIC_SVR, sizeof(svr), svr);
	apic_write_page(vp, LAPIC_LVT_LINT0, sizeof(lint0), lint0);
	apic_write_page(vp, LAPIC_LVT_LINT1, sizeof(lint1), lint1);
}

/* The second stage: final addresses, final stack. */
static void boot_final(void)
{
	struct lp *lp = lp_number(0);

	lp_load_tables(lp);
	lapic_init(paging_map_device(apic_registers(), PAGE_SIZE));
	vendor_alloc_root();
	frame_init(&boot.memory, spa_to_virt(piece_alloc(frame_table_pages(&boot.memory))));
	page_pool_init(&root_reserve);
	piece_finish(&root_reserve);
	root_build(&boot.memory, piece_start(), piece_end(), root_acpi, ACPI_ROOT_SIZE);
	if (root_efi.map_size > 0)
		root_share(root_efi.map, ALIGN_UP(root_efi.map_size, PAGE_SIZE));
	if (root_create_vp(0, 0) != HV_STATUS_SUCCESS)
		boot_fail("the hypervisor's memory does not suffice for the root partition.");

	xstate_setup();
	vendor_enable(lp);
	lp->online = true;
	take_apic(lp->vp);
	start_processors(&boot.memory, read_cr3());
	load_root(lp->vp);
	lp->vp->waits_for_startup = false;
	integrity_seal(&root_partition);
	printk(LOG_INFO, "root: starting on processor %u (APIC id %u)", lp->index, lp->apic_id);
	vendor_run(lp->vp);
}

void boot_main(uint32_t magic, uint32_t info)
{
	const char *problem;
	spa_t image, tables;

	__stack_chk_guard = (rdtsc() * 0x9e3779b97f4a7c15) << 8;
	console_init();
	read_loader(magic, info);
	read_options();
	printk(LOG_INFO, "Bulkhead %s, %lu MiB of memory", BULKHEAD_VERSION,
	       memory_map_ram(&boot.memory) >> 20);
	problem = vendor_check();
	if (problem)
		boot_fail("%s", problem);

	find_machine();
	piece_take(&boot, processors.count);
	use_machine();
	copy_efi_map();
	lp_alloc(&processors);

	image = piece_alloc((uint64_t)(image_end - image_start) / PAGE_SIZE);
	tables = paging_build(&boot.memory, image, piece_start(), piece_end(), processors.count);
	boot_relocate(spa_to_virt(image), image_start, (size_t)(image_end - image_start), tables);
	boot_switch_stack(lp_stack_top(0, LP_STACK_MAIN), boot_final);
}

uint32_t machine_physical_bits(void)
{
	return cpuid(0x80000008, 0).eax & 0xff;
}

unsigned int machine_page_levels(void)
{
	return cpuid(0x80000001, 0).edx & BIT(26) ? 3 : 2;
}

enum selftest machine_selftest(void)
{
	return options.test;
}

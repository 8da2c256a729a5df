// SPDX-License-Identifier: Apache-2.0
#include "boot/multiboot.h"

#include "core/machine.h"

#define INFO_COMMAND_LINE BIT(2)
#define INFO_MODULES      BIT(3)
#define INFO_MEMORY_MAP   BIT(6)

/* Most bytes of a line that are looked at: the file's name, and more than we take. */
#define LINE_MAX (4u * BOOT_COMMAND_LINE_MAX)

struct multiboot_info {
	uint32_t flags;
	uint32_t mem_lower, mem_upper; /* KiB */
	uint32_t boot_device;
	uint32_t command_line;
	uint32_t module_count, modules;
	uint32_t symbols[4];
	uint32_t map_length, map;
};
_Static_assert(sizeof(struct multiboot_info) == 52, "Multiboot 3.3");

struct multiboot_module {
	uint32_t start, end;
	uint32_t string;
	uint32_t reserved;
};
_Static_assert(sizeof(struct multiboot_module) == 16, "Multiboot 3.3");

struct __packed multiboot_map_entry {
	uint32_t size; /* of what follows */
	uint64_t base, length;
	uint32_t type;
};
_Static_assert(sizeof(struct multiboot_map_entry) == 24, "Multiboot 3.3");

static void copy_arguments(char *out, uint32_t line, const char *what)
{
	out[0] = '\0';
	if (line != 0 && !boot_arguments(out, spa_to_virt(line), LINE_MAX))
		boot_fail("the %s is longer than %u bytes; shorten it in the boot loader's "
			  "configuration.",
			  what, BOOT_COMMAND_LINE_MAX - 1);
}

static void copy_module(struct boot_module *out, const struct multiboot_module *in,
			const char *what)
{
	out->start = in->start;
	out->size = in->end > in->start ? in->end - in->start : 0;
	copy_arguments(out->command_line, in->string, what);
}

void multiboot_read(struct boot_info *boot, spa_t info_spa)
{
	const struct multiboot_info *info = spa_to_virt(info_spa);
	const struct multiboot_module *modules = spa_to_virt(info->modules);
	spa_t at = info->map;
	spa_t end = (spa_t)info->map + info->map_length;

	*boot = (struct boot_info){.bios = true};
	if (info->flags & INFO_COMMAND_LINE)
		copy_arguments(boot->command_line, info->command_line, "hypervisor's command line");
	if ((info->flags & INFO_MODULES) && info->module_count > 0)
		copy_module(&boot->kernel, &modules[0], "root kernel's command line");
	if ((info->flags & INFO_MODULES) && info->module_count > 1)
		copy_module(&boot->initrd, &modules[1], "initial RAM disk's line");

	if (!(info->flags & INFO_MEMORY_MAP))
		boot_fail("the boot loader gave no memory map; boot with GRUB's `multiboot2` "
			  "command or QEMU's -kernel.");
	while (at + sizeof(struct multiboot_map_entry) <= end) {
		const struct multiboot_map_entry *e = spa_to_virt(at);
		uint32_t type = e->type;

		if (type == 0 || type > MEMORY_UNUSABLE)
			type = MEMORY_RESERVED;
		if (!memory_map_add(&boot->memory, e->base, e->base + e->length,
				    (enum memory_type)type))
			boot_fail("firmware reports more than %u memory ranges, more than Bulkhead "
				  "keeps.",
				  MEMORY_MAP_MAX);
		at += e->size + sizeof(e->size);
	}
}

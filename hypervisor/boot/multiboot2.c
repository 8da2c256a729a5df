// SPDX-License-Identifier: Apache-2.0
#include "boot/multiboot2.h"

#include "boot/efi_map.h"
#include "core/string.h"
#include "x86/acpi.h"

/* Tags (Multiboot2 3.6). */
enum tag_type {
	TAG_END = 0,
	TAG_COMMAND_LINE = 1,
	TAG_MODULE = 3,
	TAG_MEMORY_MAP = 6,
	TAG_FRAMEBUFFER = 8,
	TAG_EFI32_TABLE = 11,
	TAG_EFI64_TABLE = 12,
	TAG_ACPI_OLD = 14,
	TAG_ACPI_NEW = 15,
	TAG_EFI_MAP = 17,
};

struct tag {
	uint32_t type;
	uint32_t size; /* with this header; the next one is aligned to 8 bytes */
};

struct tag_module {
	struct tag tag;
	uint32_t start, end;
};

struct tag_memory_map {
	struct tag tag;
	uint32_t entry_size, entry_version;
};

struct memory_map_entry {
	uint64_t base, length;
	uint32_t type, reserved;
};
_Static_assert(sizeof(struct memory_map_entry) == 24, "Multiboot2 3.6.8");

struct __packed tag_framebuffer {
	struct tag tag;
	uint64_t address;
	uint32_t pitch, width, height;
	uint8_t depth, type;
	uint16_t reserved;
	struct boot_color red, green, blue;
};
_Static_assert(sizeof(struct tag_framebuffer) == 38, "Multiboot2 3.6.12");

#define FRAMEBUFFER_RGB  1u
#define FRAMEBUFFER_TEXT 2u

struct tag_efi64_table {
	struct tag tag;
	uint64_t table;
};

struct tag_efi_map {
	struct tag tag;
	uint32_t descriptor_size, descriptor_version;
};

/* The bytes of the first root pointer, up to where revision 2 continues. */
#define RSDP_SIZE_1 20u

/* What was left of the tags before their meaning is looked at: the first of each type, and the
 * second module. */
struct tags {
	const struct tag *first[TAG_EFI_MAP + 1];
	const struct tag *second_module;
};

uint32_t multiboot2_size(const void *info)
{
	uint32_t size;

	memcpy(&size, info, sizeof(size));
	return size;
}

static const char *collect(struct tags *out, const uint8_t *info, uint32_t size)
{
	uint32_t at = 2 * sizeof(uint32_t);

	while (at <= size && size - at >= sizeof(struct tag)) {
		const struct tag *tag = (const struct tag *)(const void *)(info + at);

		if (tag->type == TAG_END)
			return NULL;
		if (tag->size < sizeof(*tag) || tag->size > size - at)
			return "one of its tags is longer than all of it";
		if (tag->type == TAG_MODULE && out->first[TAG_MODULE] && !out->second_module)
			out->second_module = tag;
		if (tag->type < ARRAY_SIZE(out->first) && !out->first[tag->type])
			out->first[tag->type] = tag;
		at += ALIGN_UP(tag->size, 8u);
	}
	return "it has no end";
}

/* The first tag of `type` if it has `size` bytes. */
static const void *find(const struct tags *tags, enum tag_type type, uint32_t size)
{
	const struct tag *tag = tags->first[type];

	return tag && tag->size >= size ? tag : NULL;
}

/* The memory map of UEFI, if its descriptors are what we know. */
static const struct tag_efi_map *find_efi_map(const struct tags *tags)
{
	const struct tag_efi_map *map = find(tags, TAG_EFI_MAP, sizeof(*map));

	return map && map->descriptor_size >= EFI_DESCRIPTOR_SIZE &&
			       map->descriptor_size <= EFI_DESCRIPTOR_MAX
		       ? map
		       : NULL;
}

static bool read_module(struct boot_module *out, const struct tag *tag)
{
	const struct tag_module *module = (const void *)tag;

	if (!tag || tag->size < sizeof(*module))
		return true;
	out->start = module->start;
	out->size = module->end > module->start ? module->end - module->start : 0;
	return boot_arguments(out->command_line, (const char *)(module + 1),
			      tag->size - sizeof(*module));
}

static const char *read_lines(struct boot_info *boot, const struct tags *tags)
{
	const struct tag *line = tags->first[TAG_COMMAND_LINE];

	if (line && !boot_arguments(boot->command_line, (const char *)(line + 1),
				    line->size - sizeof(*line)))
		return "the hypervisor's command line is longer than 2047 bytes";
	if (!read_module(&boot->kernel, tags->first[TAG_MODULE]) ||
	    !read_module(&boot->initrd, tags->second_module))
		return "a module's command line is longer than 2047 bytes";
	return NULL;
}

static bool read_memory_map(struct memory_map *out, const struct tag_memory_map *tag)
{
	const uint8_t *entries = (const uint8_t *)(tag + 1);
	uint32_t size = tag->tag.size - (uint32_t)sizeof(*tag);

	for (uint32_t at = 0; size - at >= tag->entry_size; at += tag->entry_size) {
		struct memory_map_entry e;

		memcpy(&e, entries + at, sizeof(e));
		if (e.type == 0 || e.type > MEMORY_UNUSABLE)
			e.type = MEMORY_RESERVED;
		if (e.length <= UINT64_MAX - e.base &&
		    !memory_map_add(out, e.base, e.base + e.length, (enum memory_type)e.type))
			return false;
	}
	return true;
}

/* Firmware's own map is the better one: the loader made its own of it. */
static const char *read_memory(struct boot_info *boot, const struct tags *tags)
{
	const struct tag_efi_map *efi = find_efi_map(tags);
	const struct tag_memory_map *map = find(tags, TAG_MEMORY_MAP, sizeof(*map));
	bool fits;

	if (efi)
		fits = efi_map_read(&boot->memory, efi + 1, efi->tag.size - (uint32_t)sizeof(*efi),
				    efi->descriptor_size);
	else if (map && map->entry_size >= sizeof(struct memory_map_entry))
		fits = read_memory_map(&boot->memory, map);
	else
		return "it has no memory map";
	return fits ? NULL : "it has more than 128 memory ranges, more than Bulkhead keeps";
}

static void read_display(struct boot_info *boot, const struct tags *tags)
{
	const struct tag_framebuffer *tag = find(tags, TAG_FRAMEBUFFER,
						 offsetof(struct tag_framebuffer, red));

	if (!tag)
		return;
	boot->display = tag->type == FRAMEBUFFER_TEXT ? DISPLAY_TEXT : DISPLAY_GRAPHICS;
	if (tag->type != FRAMEBUFFER_RGB || tag->tag.size < sizeof(*tag) || tag->width == 0 ||
	    tag->width > UINT16_MAX || tag->height == 0 || tag->height > UINT16_MAX ||
	    tag->pitch > UINT16_MAX)
		return;
	boot->framebuffer = (struct boot_framebuffer){
		.address = tag->address,
		.pitch = tag->pitch,
		.width = tag->width,
		.height = tag->height,
		.depth = tag->depth,
		.red = tag->red,
		.green = tag->green,
		.blue = tag->blue,
	};
}

static void read_efi(struct boot_info *boot, const struct tags *tags, const uint8_t *info, spa_t at)
{
	const struct tag_efi64_table *table = find(tags, TAG_EFI64_TABLE, sizeof(*table));
	const struct tag_efi_map *map = find_efi_map(tags);

	if (!table || !map)
		return;
	boot->efi = (struct boot_efi){
		.system_table = table->table,
		.map = at + (uint64_t)((const uint8_t *)(map + 1) - info),
		.map_size = map->tag.size - (uint32_t)sizeof(*map),
		.descriptor_size = map->descriptor_size,
		.descriptor_version = map->descriptor_version,
	};
}

/* The loader's copies of the root pointer, the newer one first. */
static void read_rsdp(struct boot_info *boot, const struct tags *tags, const uint8_t *info,
		      spa_t at)
{
	const struct tag *newer = find(tags, TAG_ACPI_NEW,
				       sizeof(struct tag) + sizeof(struct acpi_rsdp));
	const struct tag *older = find(tags, TAG_ACPI_OLD, sizeof(struct tag) + RSDP_SIZE_1);
	const struct acpi_rsdp *first = older ? (const void *)(older + 1) : NULL;

	if (newer)
		boot->rsdp = at + (uint64_t)((const uint8_t *)(newer + 1) - info);
	else if (first && first->revision < 2)
		boot->rsdp = at + (uint64_t)((const uint8_t *)first - info);
}

const char *multiboot2_read(struct boot_info *boot, const void *info, spa_t at)
{
	uint32_t size = multiboot2_size(info);
	struct tags tags = {0};
	const char *problem;

	*boot = (struct boot_info){0};
	problem = collect(&tags, info, size);
	if (!problem)
		problem = read_lines(boot, &tags);
	if (!problem)
		problem = read_memory(boot, &tags);
	if (problem)
		return problem;
	boot->bios = !tags.first[TAG_EFI32_TABLE] && !tags.first[TAG_EFI64_TABLE] &&
		     !tags.first[TAG_EFI_MAP];
	boot->loader = (struct memory_range){at, at + size, MEMORY_RAM};
	read_display(boot, &tags);
	read_efi(boot, &tags, info, at);
	read_rsdp(boot, &tags, info, at);
	return NULL;
}

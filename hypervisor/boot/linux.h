// SPDX-License-Identifier: Apache-2.0
/* The x86 boot protocol (Linux Documentation/arch/x86/boot.rst): from a bzImage to a kernel ready
 * to run. */
#ifndef BOOT_LINUX_H
#define BOOT_LINUX_H

#include "boot/boot_info.h"
#include "boot/memory_map.h"
#include "core/types.h"

/* What the header of a kernel image says, checked. */
struct linux_image {
	uint32_t payload_offset; /* of the protected-mode kernel in the image */
	uint32_t payload_size;   /* bytes */
	uint32_t setup_end;      /* offset of the end of the setup header */
	uint32_t alignment;      /* of the load address */
	uint64_t preferred;      /* load address */
	uint32_t init_size; /* bytes needed at the load address until the kernel has read the memory
			       map */
	uint32_t initrd_max; /* highest address an initial RAM disk may take */
	uint32_t command_line_max;
	bool relocatable;
};

/*
 * Check the kernel image at `image` of `size` bytes and fill `out`. Returns NULL, or one sentence
 * saying what is wrong with it.
 */
const char *linux_image_parse(const void *image, uint64_t size, struct linux_image *out);

/* What the kernel is told besides its image. */
struct linux_boot {
	const struct memory_map *memory; /* as the root partition sees it */
	spa_t rsdp;                      /* 0: let the kernel search */
	const char *command_line;
	spa_t initrd;
	uint64_t initrd_size;
	spa_t load_address;
	spa_t params;  /* a page of RAM below 4 GiB for boot_params, the next one for the command
			  line */
	bool vga_text; /* the display is in 80 x 25 text mode */
	struct boot_framebuffer framebuffer;
	struct boot_efi efi; /* system_table 0: nothing of this; the map as the root shall see it */
};

#define LINUX_PARAMS_SIZE         (3 * PAGE_SIZE) /* boot_params; command line; descriptor table */
#define LINUX_COMMAND_LINE_OFFSET PAGE_SIZE
#define LINUX_GDT_OFFSET          (2 * PAGE_SIZE)
#define LINUX_GDT_SIZE            32u
#define LINUX_CODE_SELECTOR       0x10u
#define LINUX_DATA_SELECTOR       0x18u

/*
 * Fill the LINUX_PARAMS_SIZE bytes at `params` (what stands at boot->params) for `image` whose
 * bytes are at `file`. Returns NULL or a sentence saying what does not fit.
 */
const char *linux_fill_params(void *params, const struct linux_image *image, const void *file,
			      const struct linux_boot *boot);

#endif

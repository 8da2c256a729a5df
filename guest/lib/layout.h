/* SPDX-License-Identifier: Apache-2.0 */
/* Where things stand in a guest partition. Included by C, assembly and the linker script. */
#ifndef GUEST_LAYOUT_H
#define GUEST_LAYOUT_H

/* Where the loader puts the image: memory every machine of more than 32 MiB has. */
#define GUEST_LOAD 0x1000000

/* The boot sector and the one setup sector, in front of the image in its file. */
#define GUEST_SETUP_SIZE 0x400

/* The descriptor table of start.S, in the order SYSCALL and SYSRET want. */
#define CODE64      0x08
#define DATA        0x10
#define USER_CODE32 0x1b
#define USER_DATA   0x23
#define USER_CODE64 0x2b
#define CODE32      0x30
#define CODE16      0x38
#define DATA16      0x40
#define TSS         0x48

/* The interrupt that level 3 code returns with. */
#define VECTOR_USER_RETURN 0x80

#endif

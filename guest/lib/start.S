/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the entry points of the x86 boot protocol (the 32-bit one: flat segments, no paging, RSI = boot_params; the
 * 16-bit one of loaders that know no other) to guest_main() in 64-bit mode, all memory below 512 GiB mapped one to one
 * and open to level 3.
 */
#include "lib/layout.h"

#define STACK_SIZE 0x4000

#define CR0_VALUE  0x80010033 /* PG WP NE ET MP PE */
#define CR4_VALUE  0x00000620 /* OSXMMEXCPT OSFXSR PAE */
#define MSR_EFER   0xc0000080
#define EFER_VALUE 0x00000901 /* NXE LME SCE */

/* Where a loader in real mode puts an image that goes above 1 MiB. */
#define PC_LOAD    0x100000

/* The header of the boot protocol, version 2.12: offsets as in its document. */
	.section .header, "a"
header:
	.org 0x1f1
	.byte 1				/* setup_sects */
	.org 0x1f4
	.long guest_syssize
	.org 0x1fe
	.word 0xaa55
	.byte 0xeb, setup_end - 1f	/* jump over the header: tells its length */
1:	.ascii "HdrS"
	.word 0x020c
	.org 0x211
	.byte 1				/* loadflags: above 1 MiB */
	.org 0x214
	.long GUEST_LOAD
	.org 0x22c
	.long 0x7fffffff		/* initrd_addr_max */
	.long 0x200000			/* kernel_alignment */
	.byte 0				/* not relocatable */
	.org 0x238
	.long 2047			/* cmdline_size */
	.org 0x258
	.quad GUEST_LOAD		/* pref_address */
	.long guest_init_size
	.org 0x268
/*
 * A loader of the PC kind jumps here in real mode, DS pointing to the header and what it filled in, with the image where
 * kernels were always loaded.
 */
setup_end:
	.code16
	cli
	xorl	%esi, %esi
	movw	%ds, %si
	shll	$4, %esi
	lgdtl	early_gdt - header
	movl	$0x11, %eax		/* ET PE */
	movl	%eax, %cr0
	ljmpl	$CODE32, $loaded - GUEST_LOAD + PC_LOAD
early_gdt:
	.word	TSS - 1
	.long	gdt - GUEST_LOAD + PC_LOAD
	.org GUEST_SETUP_SIZE

	.section .start, "ax"
	.code32
	.globl	start32
start32:
	cli
	cld
	xorl	%eax, %eax
	movl	$bss_start, %edi
	movl	$bss_end, %ecx
	subl	%edi, %ecx
	shrl	$2, %ecx
	rep stosl
	movl	%esi, boot_params
	lgdt	gdt_pointer
	movl	$CR4_VALUE, %eax
	movl	%eax, %cr4
	movl	$pml4, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	movl	$EFER_VALUE, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$CR0_VALUE, %eax
	movl	%eax, %cr0
	ljmp	$CODE64, $start64

/* Loaded the PC way: flat segments, then to where we were linked for. */
loaded:
	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	cld
	movl	%esi, %ebx
	movl	$PC_LOAD, %esi
	movl	$GUEST_LOAD, %edi
	movl	$guest_syssize, %ecx	/* 16 bytes each */
	shll	$2, %ecx
	rep movsl
	movl	%ebx, %esi
	movl	$start32, %eax
	jmp	*%eax

	.code64
start64:
	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	leaq	stack + STACK_SIZE, %rsp
	/* The task state segment's address is known only now that it is linked. */
	movq	$tss, %rax
	movw	%ax, gdt + TSS + 2
	shrq	$16, %rax
	movb	%al, gdt + TSS + 4
	movb	%ah, gdt + TSS + 7
	movl	$TSS, %eax
	ltr	%ax
	xorl	%ebp, %ebp
	call	guest_main
1:	cli
	hlt
	jmp	1b

	.data
	.balign 8
	.globl	boot_params
boot_params:
	.quad	0

	.balign 16
	.globl	gdt
gdt:
	.quad	0
	.quad	0x00af9b000000ffff	/* CODE64 */
	.quad	0x00cf93000000ffff	/* DATA */
	.quad	0x00cffb000000ffff	/* USER_CODE32 */
	.quad	0x00cff3000000ffff	/* USER_DATA */
	.quad	0x00affb000000ffff	/* USER_CODE64 */
	.quad	0x00cf9b000000ffff	/* CODE32 */
	.quad	0x00009b000000ffff	/* CODE16 */
	.quad	0x000093000000ffff	/* DATA16 */
	.quad	0x0000890000000000 + tss_end - tss - 1
	.quad	0
gdt_end:
	.globl	gdt_pointer
gdt_pointer:
	.word	gdt_end - gdt - 1
	.quad	gdt

/* Ports that level 3 may use: none, until a test opens some (bit 0: allowed). */
	.balign 16
	.globl	tss
tss:
	.long	0
	.quad	trap_stack + STACK_SIZE	/* RSP0 */
	.quad	0, 0
	.quad	0
	.quad	nmi_stack + STACK_SIZE	/* IST1 */
	.fill	6, 8, 0
	.quad	0
	.word	0
	.word	io_bitmap - tss
	.globl	io_bitmap
io_bitmap:
	.fill	128, 1, 0xff
	.byte	0xff
tss_end:

	.balign 4096
pml4:
	.quad	pdpt + 7
	.fill	511, 8, 0
pdpt:
	.quad	pd + 0x0007, pd + 0x1007, pd + 0x2007, pd + 0x3007
	.set	n, 4
	.rept	508
	.quad	(n << 30) + 0x87
	.set	n, n + 1
	.endr
	.globl	pd
pd:
	.set	n, 0
	.rept	2048
	.quad	(n << 21) + 0x87
	.set	n, n + 1
	.endr

	.bss
	.balign 16
stack:
	.fill	STACK_SIZE
trap_stack:
	.fill	STACK_SIZE
nmi_stack:
	.fill	STACK_SIZE

	.section .note.GNU-stack, "", @progbits

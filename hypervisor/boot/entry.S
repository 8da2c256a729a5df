/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the loader (Multiboot 1 or 2: 32-bit protected mode, no paging, EAX magic, EBX information) to boot_main() in
 * long mode at the image's own virtual address, on provisional page tables that map
 *   the first 4 GiB one to one, the same at IMAGE_BASE (its first 2 GiB), and physical memory at DIRECT_MAP_BASE
 *   (512 GiB with 1 GiB pages, else 4 GiB).
 */
#include "x86/layout.h"

#define MULTIBOOT_MAGIC 0x1badb002
/* Modules page aligned, memory map wanted, load addresses in the header (an ELF64 file is loaded flat). */
#define MULTIBOOT_FLAGS 0x00010003

#define MULTIBOOT2_MAGIC        0xe85250d6
#define MULTIBOOT2_OPTIONAL     1
#define MULTIBOOT2_ADDRESS      2
#define MULTIBOOT2_ENTRY        3
#define MULTIBOOT2_CONSOLE      4
#define MULTIBOOT2_CONSOLE_TEXT 2 /* text mode is fine, too */
#define MULTIBOOT2_FRAMEBUFFER  5
#define MULTIBOOT2_MODULE_ALIGN 6

#define PAGE_PRESENT_WRITE 0x003
#define PAGE_LARGE         0x080

	.section .boot.header, "a"
	.balign 4
multiboot_header:
	.long	MULTIBOOT_MAGIC
	.long	MULTIBOOT_FLAGS
	.long	-(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)
	.long	multiboot_header
	.long	image_load_start
	.long	image_load_end
	.long	image_bss_end
	.long	boot_entry

	/* The same for Multiboot2 (magic, architecture, length, checksum; tags of type, flags and size). */
	.balign 8
multiboot2_header:
	.long	MULTIBOOT2_MAGIC, 0, multiboot2_header_end - multiboot2_header
	.long	-(MULTIBOOT2_MAGIC + (multiboot2_header_end - multiboot2_header))
	.short	MULTIBOOT2_ADDRESS, 0
	.long	24, multiboot2_header, image_load_start, image_load_end, image_bss_end
	.short	MULTIBOOT2_ENTRY, 0
	.long	12, boot_entry
	.balign 8
	.short	MULTIBOOT2_CONSOLE, MULTIBOOT2_OPTIONAL
	.long	12, MULTIBOOT2_CONSOLE_TEXT
	.balign 8
	/* Any size and depth. */
	.short	MULTIBOOT2_FRAMEBUFFER, MULTIBOOT2_OPTIONAL
	.long	20, 0, 0, 0
	.balign 8
	.short	MULTIBOOT2_MODULE_ALIGN, MULTIBOOT2_OPTIONAL
	.long	8
	.short	0, 0
	.long	8
multiboot2_header_end:

	.section .boot, "ax"
	.code32
	.globl	boot_entry
boot_entry:
	cli
	cld
	movl	$(boot_stack_top - IMAGE_BASE), %esp
	movl	%eax, %edi
	movl	%ebx, %esi

	/* Long mode at all? */
	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	no_long_mode
	movl	$0x80000001, %eax
	cpuid
	btl	$29, %edx
	jnc	no_long_mode
	movl	%edx, %ebp

	/* Four directories of 2 MiB pages: the first 4 GiB. */
	movl	$(boot_directories - IMAGE_BASE), %ebx
	movl	$(PAGE_PRESENT_WRITE | PAGE_LARGE), %eax
	xorl	%ecx, %ecx
1:	movl	%eax, (%ebx, %ecx, 8)
	addl	$0x200000, %eax
	incl	%ecx
	cmpl	$2048, %ecx
	jne	1b

	/* One pointer table for the low addresses and, entries 510 and 511, for IMAGE_BASE. */
	movl	$(boot_pointers - IMAGE_BASE), %ebx
	movl	$(boot_directories - IMAGE_BASE + PAGE_PRESENT_WRITE), %eax
	movl	%eax, (%ebx)
	movl	%eax, 510 * 8(%ebx)
	addl	$0x1000, %eax
	movl	%eax, 8(%ebx)
	movl	%eax, 511 * 8(%ebx)
	addl	$0x1000, %eax
	movl	%eax, 16(%ebx)
	addl	$0x1000, %eax
	movl	%eax, 24(%ebx)

	/* The direct map: 512 pages of 1 GiB where the processor has them. */
	btl	$26, %ebp
	jnc	3f
	movl	$(boot_direct - IMAGE_BASE), %ebx
	movl	$(PAGE_PRESENT_WRITE | PAGE_LARGE), %eax
	xorl	%edx, %edx
	xorl	%ecx, %ecx
2:	movl	%eax, (%ebx, %ecx, 8)
	movl	%edx, 4(%ebx, %ecx, 8)
	addl	$0x40000000, %eax
	adcl	$0, %edx
	incl	%ecx
	cmpl	$512, %ecx
	jne	2b
	jmp	4f
3:	movl	$(boot_pointers - IMAGE_BASE), %ebx
4:	addl	$PAGE_PRESENT_WRITE, %ebx
	movl	$(boot_top - IMAGE_BASE), %ecx
	movl	%ebx, 256 * 8(%ecx)
	movl	$(boot_pointers - IMAGE_BASE + PAGE_PRESENT_WRITE), %eax
	movl	%eax, (%ecx)
	movl	%eax, 511 * 8(%ecx)
	movl	%ecx, %cr3

	/* PAE, machine checks, SSE state; long mode and no-execute (where there is one: boot_main insists later); paging and write protection. */
	movl	%cr4, %eax
	orl	$0x260, %eax
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x100, %eax
	btl	$20, %ebp
	jnc	5f
	orl	$0x800, %eax
5:	wrmsr
	movl	%cr0, %eax
	andl	$0x9fffffff, %eax
	orl	$0x80010000, %eax
	movl	%eax, %cr0
	lgdt	boot_gdtr
	ljmp	$SELECTOR_CODE, $boot_entry64

no_long_mode:
	movl	$no_long_mode_text, %esi
6:	movb	(%esi), %al
	testb	%al, %al
	jz	8f
	movb	%al, %bl
	movw	$0x3fd, %dx
7:	inb	%dx, %al
	testb	$0x20, %al
	jz	7b
	movb	%bl, %al
	movw	$0x3f8, %dx
	outb	%al, %dx
	incl	%esi
	jmp	6b
8:	hlt
	jmp	8b

	.code64
boot_entry64:
	movl	$SELECTOR_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movq	$boot_stack_top, %rsp
	movl	%edi, %edi
	movl	%esi, %esi
	xorl	%ebp, %ebp
	movq	$boot_main, %rax
	call	*%rax
	ud2

	.section .boot.data, "aw"
	.balign 16
boot_gdt:
	.quad	0
	.quad	0x00af9b000000ffff
	.quad	0x00cf93000000ffff
boot_gdtr:
	.word	. - boot_gdt - 1
	.long	boot_gdt
no_long_mode_text:
	.asciz	"bulkhead: boot failed: this processor has no 64-bit mode; Bulkhead needs an x86-64 processor with AMD SVM.\r\n"

	.section .bss
	.balign 4096
boot_top:
	.skip	4096
boot_pointers:
	.skip	4096
boot_direct:
	.skip	4096
boot_directories:
	.skip	4 * 4096
	.skip	16384
boot_stack_top:

	.text
/*
 * void boot_relocate(void *dst, const void *src, size_t size, uint64_t cr3): copy the running image and go on in
 * the copy. The stack is part of the image, so nothing may be pushed between copy and switch.
 */
	.globl	boot_relocate
boot_relocate:
	movq	%rcx, %rax
	movq	%rdx, %rcx
	shrq	$3, %rcx
	rep movsq
	movq	%rax, %cr3
	ret

/* void boot_switch_stack(void *top, void (*next)(void)): go on in next() on another stack; never returns. */
	.globl	boot_switch_stack
boot_switch_stack:
	movq	%rdi, %rsp
	xorl	%ebp, %ebp
	call	*%rsi
	ud2

	.section .note.GNU-stack, "", @progbits

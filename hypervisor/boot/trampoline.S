/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an application processor begins: 16-bit real mode, at the start of a page below 1 MiB that
 * boot/start_processors.c has copied this code to. Three more pages behind it hold page tables that map that page one
 * to one and everything else as the hypervisor's own do. From there to lp_main() on the processor's own stack.
 */
#include "x86/layout.h"

#define AT(symbol) (symbol - trampoline_start)

	.text
	.code16
	.globl	trampoline_start, trampoline_end, trampoline_base, trampoline_cr3
trampoline_start:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	movl	AT(trampoline_base), %ebx
	leal	AT(trampoline_gdt)(%ebx), %eax
	movl	%eax, AT(trampoline_gdtr) + 2
	lgdtl	AT(trampoline_gdtr)
	leal	AT(trampoline_64)(%ebx), %eax
	movl	%eax, AT(trampoline_far)

	/* As boot/entry.S: PAE, machine checks, SSE state; long mode and no-execute; paging, protection, caches on. */
	movl	$0x260, %eax
	movl	%eax, %cr4
	movl	AT(trampoline_cr3), %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x900, %eax
	wrmsr
	movl	$0x80010031, %eax
	movl	%eax, %cr0
	ljmpl	*AT(trampoline_far)

	.code64
trampoline_64:
	movl	$SELECTOR_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movq	$trampoline_high, %rax
	jmp	*%rax

	.balign 8
trampoline_gdt:
	.quad	0
	.quad	0x00af9b000000ffff
	.quad	0x00cf93000000ffff
trampoline_gdtr:
	.word	. - trampoline_gdt - 1
	.long	0
trampoline_far:
	.long	0
	.word	SELECTOR_CODE
	/* Filled in the copy: where it stands, and its page tables. */
	.balign 4
trampoline_base:
	.long	0
trampoline_cr3:
	.long	0
trampoline_end:

	/* At the image's own address, mapped by either set of tables. */
trampoline_high:
	movq	start_cr3(%rip), %rax
	movq	%rax, %cr3
	movq	start_stack(%rip), %rsp
	movq	start_lp(%rip), %rdi
	xorl	%ebp, %ebp
	call	lp_main
	ud2

	.section .note.GNU-stack, "", @progbits

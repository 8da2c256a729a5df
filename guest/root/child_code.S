/* SPDX-License-Identifier: Apache-2.0 */
/* What children execute that C cannot say. */
#include "root/child_code.h"

	.text
	.code64
/* Where a function that a child was made to execute returns to. */
	.globl	child_return
child_return:
	movw	$CHILD_DONE_PORT, %dx
	outb	%al, %dx
	jmp	child_return

/* Port instructions, each behind its label; a last one that ends. */
	.globl	child_ports
child_ports:
	movw	$0x1234, %dx
	.globl	child_port_out8, child_port_in16, child_port_outs, child_port_rep_outs, child_port_rep_ins, child_port_wide
child_port_out8:
	outb	%al, $0x80
child_port_in16:
	inw	%dx, %ax
	leaq	child_ports, %rsi
	leaq	child_ports, %rdi
	movl	$7, %ecx
child_port_outs:
	outsb
child_port_rep_outs:
	rep outsw
child_port_rep_ins:
	rep insl
child_port_wide:
	fs outsl
	ret

/* Accesses to memory at RDI (child_expect_memory() says what). */
	.globl	child_memory_load, child_memory_store, child_memory_immediate, child_memory_add, child_memory_jump
child_memory_load:
	movq	(%rdi), %rax
	ret
child_memory_store:
	movw	%ax, 6(%rdi,%rsi,4)
	ret
child_memory_immediate:
	movl	$0x12345678, 0x10(%rdi)
	ret
child_memory_add:
	lock addb $1, (%rdi)
	ret
child_memory_jump:
	jmp	*%rdi

/* Real mode: a byte, a word and a double word out and in; the sum of what comes in, into memory. */
	.section .rodata
	.code16
	.globl	child_real, child_real_end
child_real:
	movb	$0x12, %al
	outb	%al, $0x80
	movw	$0x3456, %ax
	outw	%ax, $0x82
	movl	$0x789abcde, %eax
	movw	$0x1234, %dx
	outl	%eax, %dx
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	inb	$0x81, %al
	addl	%eax, %ebx
	inw	$0x83, %ax
	addl	%eax, %ebx
	inl	%dx, %eax
	addl	%eax, %ebx
	movl	%ebx, CHILD_REAL_RESULT
	outb	%al, $CHILD_DONE_PORT
child_real_end:

/* Real mode: says what is at address CHILD_REAL_RESULT, again and again. */
	.globl	child_peek, child_peek_end
child_peek:
	movb	CHILD_REAL_RESULT, %al
	outb	%al, $0x80
	jmp	child_peek
child_peek_end:

/* 32-bit protected mode: paging is off, the stack works, memory above 64 KiB is there. */
	.code32
	.globl	child_flat, child_flat_end
child_flat:
	pushl	$0x5a5a5a5a
	popl	%eax
	movl	%eax, CHILD_REAL_RESULT
	movl	0x20000, %eax
	outl	%eax, $0x80
	outb	%al, $CHILD_DONE_PORT
child_flat_end:

	.section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: Apache-2.0 */
/* struct hypercall_regs into the processor, a call, and back again. */
#include "lib/layout.h"

#define RAX    0x00
#define RBX    0x08
#define RCX    0x10
#define RDX    0x18
#define RSI    0x20
#define RDI    0x28
#define RBP    0x30
#define R8     0x38
#define R9     0x40
#define R10    0x48
#define R11    0x50
#define R12    0x58
#define R13    0x60
#define R14    0x68
#define R15    0x70
#define RFLAGS 0x78
#define XMM    0x80

	.macro xmm_all load
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	.if \load
	movups	XMM + \n * 16(%rdi), %xmm\n
	.else
	movups	%xmm\n, XMM + \n * 16(%rdi)
	.endif
	.endr
	.endm

	.text
	.globl	vmmcall_code
vmmcall_code:
	vmmcall
	ret

/* void hypercall_execute(struct hypercall_regs *, const void *entry) */
	.globl	hypercall_execute
hypercall_execute:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rdi
	pushq	%rsi
	xmm_all	1
	movq	RAX(%rdi), %rax
	movq	RBX(%rdi), %rbx
	movq	RCX(%rdi), %rcx
	movq	RDX(%rdi), %rdx
	movq	RSI(%rdi), %rsi
	movq	RBP(%rdi), %rbp
	movq	R8(%rdi), %r8
	movq	R9(%rdi), %r9
	movq	R10(%rdi), %r10
	movq	R11(%rdi), %r11
	movq	R12(%rdi), %r12
	movq	R13(%rdi), %r13
	movq	R14(%rdi), %r14
	movq	R15(%rdi), %r15
	movq	RDI(%rdi), %rdi
	call	*(%rsp)
	jmp	store

/* void hypercall_execute32(struct hypercall_regs *) */
	.globl	hypercall_execute32
hypercall_execute32:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rdi
	pushq	%rsi
	xmm_all	1
	movq	RAX(%rdi), %rax
	movq	RBX(%rdi), %rbx
	movq	RCX(%rdi), %rcx
	movq	RDX(%rdi), %rdx
	movq	RSI(%rdi), %rsi
	movq	RBP(%rdi), %rbp
	movq	RDI(%rdi), %rdi
	lcall	*code32_pointer

/* The address of the registers stands at 8(%rsp). */
store:
	pushfq
	xchgq	%rdi, 16(%rsp)
	movq	%rax, RAX(%rdi)
	movq	%rbx, RBX(%rdi)
	movq	%rcx, RCX(%rdi)
	movq	%rdx, RDX(%rdi)
	movq	%rsi, RSI(%rdi)
	movq	%rbp, RBP(%rdi)
	movq	%r8, R8(%rdi)
	movq	%r9, R9(%rdi)
	movq	%r10, R10(%rdi)
	movq	%r11, R11(%rdi)
	movq	%r12, R12(%rdi)
	movq	%r13, R13(%rdi)
	movq	%r14, R14(%rdi)
	movq	%r15, R15(%rdi)
	popq	RFLAGS(%rdi)
	xmm_all	0
	movq	8(%rsp), %rax
	movq	%rax, RDI(%rdi)
	addq	$16, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret

	.code32
	.globl	vmmcall_code32
vmmcall_code32:
	vmmcall
	lret
	.code64

	.section .rodata
	.balign 8
code32_pointer:
	.long	vmmcall_code32
	.word	CODE32

	.section .note.GNU-stack, "", @progbits

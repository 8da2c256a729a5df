/* SPDX-License-Identifier: Apache-2.0 */
/* The entry code of all vectors, and the ways into and out of what is run to fault (trap.h). */
#include "lib/layout.h"

	.text
	.balign 16
	.globl	trap_stubs
trap_stubs:
	.set	vector, 0
	.rept	256
	.balign 16
	/* #DF #TS #NP #SS #GP #PF #AC #CP #VC #SX bring an error code */
	.if	!(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
	pushq	$0
	.endif
	pushq	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr

	.balign 16
trap_common:
	pushq	%rax
	pushq	%rbx
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%rbp
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	cld
	movq	%rsp, %rdi
	/* The processor aligned the frame; 22 words later the stack is aligned again. */
	call	trap_dispatch
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rbp
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rbx
	popq	%rax
	addq	$16, %rsp
	iretq

/*
 * unsigned int fault_call(void (*fn)(void *), void *arg): fault_context points at what the caller needs back, and
 * so does the stack pointer when a fault has brought us to fault_resume, the vector in RAX.
 */
	.globl	fault_call
fault_call:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	fault_context
	movq	%rsp, fault_context
	movq	%rdi, %rax
	movq	%rsi, %rdi
	call	*%rax
	movl	$256, %eax
	.globl	fault_resume
fault_resume:
	popq	fault_context
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret

/* void user_enter(struct user_call *): leaves by VECTOR_USER_RETURN or another fault. */
	.globl	user_enter
user_enter:
	pushq	$USER_DATA
	leaq	user_stack_end, %rax
	pushq	%rax
	pushq	$2
	pushq	$USER_CODE64
	leaq	user_start, %rax
	pushq	%rax
	movq	(%rdi), %rax
	movq	8(%rdi), %rdi
	iretq
user_start:
	call	*%rax
	int	$VECTOR_USER_RETURN

	.bss
	.balign 16
	.globl	fault_context
fault_context:
	.quad	0
	.balign 16
	.fill	0x2000
user_stack_end:

	.section .note.GNU-stack, "", @progbits

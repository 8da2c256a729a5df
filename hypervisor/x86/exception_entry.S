/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entry points of the hypervisor's exceptions (one frame shape for all: x86/exception.h) and of interrupts,
 * and the places where it lets these in.
 */
	.text
	.balign	16
	.globl	exception_entries
exception_entries:
	.set	vector, 0
	.rept	32
	.balign	16
	.if	(vector == 8) || ((vector >= 10) && (vector <= 14)) || (vector == 17) || (vector == 21) || (vector == 29) || (vector == 30)
	/* An interrupt with this vector brings no error code: without one the stack is not aligned. */
	testb	$8, %spl
	jz	1f
	pushq	$0
1:
	.else
	pushq	$0
	.endif
	pushq	$vector
	jmp	exception_common
	.set	vector, vector + 1
	.endr

exception_common:
	cld
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rbx
	pushq	%rbp
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, %rdi
	call	exception_handle
	/* It was an NMI, a machine check that can be survived, or an interrupt. */
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rbp
	popq	%rbx
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$16, %rsp
	iretq

	/* The vector less 128, which is a byte with its sign. */
	.balign	16
	.globl	interrupt_entries
interrupt_entries:
	.set	vector, 32
	.rept	224
	.balign	8
	pushq	$(vector - 128)
	.byte	0xe9
	.long	interrupt_common - . - 4
	.set	vector, vector + 1
	.endr

interrupt_common:
	cld
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	movq	72(%rsp), %rdi
	addq	$128, %rdi
	call	interrupt_handle
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$8, %rsp
	iretq

/*
 * void interrupt_window(void): all that are pending; void interrupt_rest(void): the first that comes. What
 * arrives between the labels is an interrupt, whatever its vector (x86/exception.h).
 */
	.globl	interrupt_window, interrupt_rest, interrupt_windows, interrupt_windows_end
interrupt_windows:
interrupt_window:
	stgi
	sti
	nop
	cli
	clgi
	ret
interrupt_rest:
	stgi
	sti
	hlt
	cli
	clgi
	ret
interrupt_windows_end:

	.section .note.GNU-stack, "", @progbits

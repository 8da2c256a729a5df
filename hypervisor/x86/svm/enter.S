/* SPDX-License-Identifier: Apache-2.0 */
/*
 * void svm_enter(struct vp_regs *regs, uint64_t vmcb, uint64_t host_vmcb): run the VP whose control block is at
 * `vmcb` (physical) until its next exit. The general registers but RAX and RSP travel through `regs`, those two
 * and RIP and RFLAGS through the control block; what VMLOAD loads is the VP's while it runs and the hypervisor's
 * (from host_vmcb) again afterwards. Interrupts and GIF are off before and after; VMRUN
 * sees interrupts on, so that one that comes while the VP runs is an exit.
 */
#define RCX 0x08
#define RDX 0x10
#define RBX 0x18
#define RBP 0x28
#define RSI 0x30
#define RDI 0x38
#define R8  0x40
#define R9  0x48
#define R10 0x50
#define R11 0x58
#define R12 0x60
#define R13 0x68
#define R14 0x70
#define R15 0x78

	.text
	.globl	svm_enter
svm_enter:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rdx
	pushq	%rdi
	movq	%rsi, %rax
	movq	RCX(%rdi), %rcx
	movq	RDX(%rdi), %rdx
	movq	RBX(%rdi), %rbx
	movq	RBP(%rdi), %rbp
	movq	RSI(%rdi), %rsi
	movq	R8(%rdi), %r8
	movq	R9(%rdi), %r9
	movq	R10(%rdi), %r10
	movq	R11(%rdi), %r11
	movq	R12(%rdi), %r12
	movq	R13(%rdi), %r13
	movq	R14(%rdi), %r14
	movq	R15(%rdi), %r15
	movq	RDI(%rdi), %rdi
	vmload	%rax
	sti
	vmrun	%rax
	cli
	vmsave	%rax
	xchgq	%rdi, (%rsp)
	movq	%rcx, RCX(%rdi)
	movq	%rdx, RDX(%rdi)
	movq	%rbx, RBX(%rdi)
	movq	%rbp, RBP(%rdi)
	movq	%rsi, RSI(%rdi)
	movq	%r8, R8(%rdi)
	movq	%r9, R9(%rdi)
	movq	%r10, R10(%rdi)
	movq	%r11, R11(%rdi)
	movq	%r12, R12(%rdi)
	movq	%r13, R13(%rdi)
	movq	%r14, R14(%rdi)
	movq	%r15, R15(%rdi)
	popq	%rcx
	movq	%rcx, RDI(%rdi)
	popq	%rax
	vmload	%rax
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	cld
	ret

	.section .note.GNU-stack, "", @progbits

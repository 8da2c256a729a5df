/* SPDX-License-Identifier: Apache-2.0 */
/* The instructions of instructions.h. */
	.macro	code name, instruction:vararg
	.globl	code_\name
code_\name:
	\instruction
	ret
	.endm

	.text
	code	cpuid, cpuid
	code	rdmsr, rdmsr
	code	wrmsr, wrmsr
	code	invd, invd
	code	wbinvd, wbinvd
	code	vmrun, vmrun %rax
	code	vmload, vmload %rax
	code	vmsave, vmsave %rax
	code	stgi, stgi
	code	clgi, clgi
	code	skinit, skinit %eax
	code	invlpga, invlpga %rax, %ecx
	code	vmcall, vmcall
	code	cpuid_prefixed, .byte 0x66, 0x3e, 0x48, 0x0f, 0xa2
	code	rdmsr_prefixed, .byte 0xf3, 0x40, 0x0f, 0x32
	code	vmmcall_prefixed, .byte 0x2e, 0x0f, 0x01, 0xd9

	.globl	code_sti_cpuid
code_sti_cpuid:
	pushq	%rbx
	xorl	%eax, %eax
	sti
	cpuid
	.globl	code_sti_cpuid_cli
code_sti_cpuid_cli:
	cli
	popq	%rbx
	ret

/* void step_enter(struct hypercall_regs *, const void *entry): hypercall_execute() under TF. */
	.globl	step_enter
step_enter:
	pushfq
	orq	$0x100, (%rsp)
	popfq
	call	hypercall_execute
	pushfq
	andq	$~0x100, (%rsp)
	popfq
	ret

	.section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: Apache-2.0 */
/* What has to be counted to the instruction, and the start of a second processor. See bench.h. */
#include "bench/bench.h"
#include "lib/layout.h"

#define CR0_VALUE  0x80010033 /* PG WP NE ET MP PE */
#define CR4_VALUE  0x00000620 /* OSXMMEXCPT OSFXSR PAE */
#define MSR_EFER   0xc0000080
#define EFER_VALUE 0x00000901 /* NXE LME SCE */
#define STACK_SIZE 0x2000

	/* The TSC into a register other than RAX and RDX. */
	.macro read_tsc register
	rdtsc
	shlq	$32, %rdx
	leaq	(%rax, %rdx), \register
	.endm

	.text
	.globl	bench_nothing
bench_nothing:
	ret
	.globl	bench_cpuid
bench_cpuid:
	cpuid
	ret
	.globl	bench_rdmsr
bench_rdmsr:
	rdmsr
	ret
	.globl	bench_out
bench_out:
	outb	%al, $BENCH_PORT
	ret
	.globl	bench_load, bench_loaded
bench_load:
	movl	(%r8), %eax
bench_loaded:
	ret

/* uint64_t bench_time(const void *code, uint64_t rax, uint64_t rcx, uint64_t rdx, uint64_t r8) */
	.globl	bench_time
bench_time:
	pushq	%rbx
	pushq	%r12
	movq	%rdx, %r10
	movq	%rcx, %r11
	read_tsc %r12
	movq	%rsi, %rax
	movq	%r10, %rcx
	movq	%r11, %rdx
	call	*%rdi
	read_tsc %rax
	subq	%r12, %rax
	popq	%r12
	popq	%rbx
	ret

/* uint64_t bench_raise(uint32_t msr, uint64_t value, uint64_t *before): the handlers may use RAX, RCX and RDX. */
	.globl	bench_raise
bench_raise:
	movq	%rdx, %r10
	xorl	%r9d, %r9d
	sti
	read_tsc %r8
	movl	%edi, %ecx
	movq	%rsi, %rdx
	movl	%esi, %eax
	shrq	$32, %rdx
	wrmsr
1:	testq	%r9, %r9
	jz	1b
	cli
	movq	%r8, (%r10)
	movq	%r9, %rax
	ret

	.macro end_interrupt
	movq	bench_eoi, %rdx
	xorl	%eax, %eax
	xchgl	%eax, (%rdx)
	testl	$1, %eax
	jnz	1f
	movl	bench_eoi + 8, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
1:
	.endm

	.balign 16
	.globl	bench_on_ipi
bench_on_ipi:
	end_interrupt
	read_tsc %r9
	iretq

	.balign 16
	.globl	bench_on_timer
bench_on_timer:
	read_tsc %r9
	end_interrupt
	iretq

/* A processor starts here, at BENCH_PAGE, in real mode: to 64-bit mode with the descriptors and tables of the first. */
	.code16
	.globl	bench_start16
bench_start16:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	lgdtl	BENCH_PAGE + start_gdt - bench_start16
	movl	$0x11, %eax		/* ET PE */
	movl	%eax, %cr0
	ljmpl	$CODE32, $start_code32
start_gdt:
	.word	TSS - 1
	.long	gdt
	.globl	bench_start16_end
bench_start16_end:

	.code32
start_code32:
	movl	$DATA, %eax
	movl	%eax, %ds
	movl	$CR4_VALUE, %eax
	movl	%eax, %cr4
	movl	bench_start_cr3, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	movl	$EFER_VALUE, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$CR0_VALUE, %eax
	movl	%eax, %cr0
	ljmp	$CODE64, $start_code64

	.code64
start_code64:
	movl	$DATA, %eax
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	leaq	stack + STACK_SIZE, %rsp
	lidt	bench_start_idt
	xorl	%ebp, %ebp
	call	bench_second_processor

	.data
	.balign 8
	.globl	bench_start_cr3
bench_start_cr3:
	.quad	0
	.globl	bench_start_idt
bench_start_idt:
	.fill	10, 1, 0

	.bss
	.balign 16
stack:
	.fill	STACK_SIZE

	.section .note.GNU-stack, "", @progbits

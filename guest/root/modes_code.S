/* SPDX-License-Identifier: Apache-2.0 */
/* void modes_run(void *out): see modes.h. */
#include "lib/layout.h"
#include "root/modes.h"

#define MSR_EFER      0xc0000080
#define MSR_VM_HSAVE  0xc0010117
#define MSR_OS_ID     0x40000000
#define MSR_VP_INDEX  0x40000002
#define CPUID_VENDOR  0x40000000
#define GET_PARTITION_ID 0x46
#define EFER_LME      0x100
#define CR0_PG        0x80000000
#define CR0_PE        0x1

/* struct modes_results */
#define EFER        (MODES_RESULTS + 0)
#define EFER_NO_LME (MODES_RESULTS + 4)
#define CALL_LOW    (MODES_RESULTS + 8)
#define CALL_HIGH   (MODES_RESULTS + 12)
#define CPUID_EAX   (MODES_RESULTS + 16)
#define VP_INDEX    (MODES_RESULTS + 20)
#define REAL_CPUID  (MODES_RESULTS + 24)
#define OS_ID_LOW   (MODES_RESULTS + 28)
#define OS_ID_HIGH  (MODES_RESULTS + 32)
#define UD_IP       (MODES_RESULTS + 36)
#define UD_SP       (MODES_RESULTS + 38)
#define GP_IP       (MODES_RESULTS + 40)
#define GP_SP       (MODES_RESULTS + 42)

/* Where 16-bit code runs. */
#define AT(label) (MODES_PAGE + label - modes_code16)

	.text
	.globl	modes_run
modes_run:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, saved_rsp
	movl	%edi, saved_out
	sidt	saved_idt
	ljmp	*down_pointer

	.code32
down:
	movl	%cr0, %eax
	andl	$~CR0_PG, %eax
	movl	%eax, %cr0
	movl	$MSR_EFER, %ecx
	rdmsr
	movl	%eax, EFER
	andl	$~EFER_LME, %eax
	wrmsr
	rdmsr
	movl	%eax, EFER_NO_LME

	xorl	%edx, %edx
	movl	$GET_PARTITION_ID, %eax
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%edi, %edi
	movl	saved_out, %esi
	vmmcall
	movl	%eax, CALL_LOW
	movl	%edx, CALL_HIGH
	movl	$CPUID_VENDOR, %eax
	cpuid
	movl	%eax, CPUID_EAX
	movl	$MSR_VP_INDEX, %ecx
	rdmsr
	movl	%eax, VP_INDEX

	lidt	real_idt
	ljmp	$CODE16, $MODES_PAGE

up:
	movw	$DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$CR0_PG, %eax
	movl	%eax, %cr0
	ljmp	$CODE64, $up64

	.code64
up64:
	movq	saved_rsp, %rsp
	lidt	saved_idt
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret

	.section .rodata
	.code16
	.globl	modes_code16
modes_code16:
	movw	$DATA16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	%cr0, %eax
	andb	$~CR0_PE, %al
	movl	%eax, %cr0
	ljmp	$0, $AT(real)
real:
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$MODES_STACK, %sp
	.globl	modes_vmmcall
modes_vmmcall:
	vmmcall
	movl	$CPUID_VENDOR, %eax
	cpuid
	movl	%eax, REAL_CPUID
	movl	$MSR_OS_ID, %ecx
	rdmsr
	movl	%eax, OS_ID_LOW
	movl	%edx, OS_ID_HIGH
	movl	$MSR_VM_HSAVE, %ecx
	.globl	modes_rdmsr
modes_rdmsr:
	rdmsr
	movl	%cr0, %eax
	orb	$CR0_PE, %al
	movl	%eax, %cr0
	ljmpl	$CODE32, $up

	.globl	modes_on_ud
modes_on_ud:
	pushw	%bp
	movw	%sp, %bp
	movw	%bp, UD_SP
	movw	2(%bp), %ax
	movw	%ax, UD_IP
	addw	$3, 2(%bp)
	popw	%bp
	iretw

	.globl	modes_on_gp
modes_on_gp:
	pushw	%bp
	movw	%sp, %bp
	movw	%bp, GP_SP
	movw	2(%bp), %ax
	movw	%ax, GP_IP
	addw	$2, 2(%bp)
	popw	%bp
	iretw
	.globl	modes_code16_end
modes_code16_end:

/* struct started of processors.c */
	.globl	processors_code16
processors_code16:
	xorw	%ax, %ax
	movw	%ax, %ds
	movl	$MSR_VP_INDEX, %ecx
	rdmsr
	movl	%eax, MODES_RESULTS + 4
	movl	$1, %eax
	cpuid
	movl	%ebx, MODES_RESULTS + 8
	lock incl MODES_RESULTS
1:	cli
	hlt
	jmp	1b
	.globl	processors_code16_end
processors_code16_end:

	.balign	8
down_pointer:
	.long	down
	.word	CODE32
real_idt:
	.word	0x3ff
	.long	0

	.bss
	.balign	8
saved_rsp:
	.quad	0
saved_out:
	.quad	0
saved_idt:
	.fill	10

	.section .note.GNU-stack, "", @progbits

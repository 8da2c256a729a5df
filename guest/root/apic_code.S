/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the second processor does in guest/root/apic_processors.c, in real mode from MODES_PAGE on: waits
 * for interrupts, and counts. At MODES_RESULTS: starts, interrupts, non-maskable ones; the answer to a
 * question, and to whom.
 */
#include "root/modes.h"

#define APIC_BASE      0x1b
#define X2APIC_ENABLED 0xc00
#define X2APIC_SVR     0x80f
#define HV_EOI         0x40000070
#define HV_ICR         0x40000071

	.section .rodata
	.code16
	.globl	apic_code16
apic_code16:
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$MODES_STACK, %sp
	movl	$APIC_BASE, %ecx
	rdmsr
	orl	$X2APIC_ENABLED, %eax
	wrmsr
	movl	$X2APIC_SVR, %ecx
	movl	$0x1ff, %eax
	xorl	%edx, %edx
	wrmsr
	lock incl MODES_RESULTS
1:	sti
	hlt
	jmp	1b

	.globl	apic_on_interrupt16
apic_on_interrupt16:
	pushl	%eax
	pushl	%ecx
	pushl	%edx
	lock incl MODES_RESULTS + 4
	movl	$HV_EOI, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	popl	%edx
	popl	%ecx
	popl	%eax
	iretw

/* Answers with an interrupt of its own, of vector and to the APIC that VP 0 has left. */
	.globl	apic_on_question16
apic_on_question16:
	pushl	%eax
	pushl	%ecx
	pushl	%edx
	movl	$HV_ICR, %ecx
	movl	MODES_RESULTS + 12, %eax
	movl	MODES_RESULTS + 16, %edx
	wrmsr
	movl	$HV_EOI, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	popl	%edx
	popl	%ecx
	popl	%eax
	iretw

	.globl	apic_on_nmi16
apic_on_nmi16:
	lock incl MODES_RESULTS + 8
	iretw
	.globl	apic_code16_end
apic_code16_end:

	.section .note.GNU-stack, "", @progbits

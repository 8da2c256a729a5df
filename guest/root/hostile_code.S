/* SPDX-License-Identifier: Apache-2.0 */
/* racer_code16: see hostile.h. In real mode, at MODES_PAGE. */
#include "root/hostile.h"
#include "root/modes.h"

	.section .rodata
	.code16
	.globl	racer_code16
racer_code16:
	xorw	%ax, %ax
	movw	%ax, %ds
	movl	$1, %eax
	lock incl MODES_RESULTS
1:	movw	$RACE_ARENA, %di
2:	xorl	%eax, (%di)
	roll	$1, %eax
	addw	$4, %di
	cmpw	$(RACE_ARENA + RACE_PAGES * 0x1000), %di
	jb	2b
	/* Another bit of each word the next time. */
	roll	$1, %eax
	jmp	1b
	.globl	racer_code16_end
racer_code16_end:

	.section .note.GNU-stack, "", @progbits

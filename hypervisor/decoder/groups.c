// SPDX-License-Identifier: Apache-2.0
/*
 * Opcodes that are completed by ModRM, a prefix or the mode: AMD64 APM volume 3 appendix A.2 and
 * A.3, Intel SDM volume 2 appendix A.4 to A.6.
 */
#include "decoder/opcode_rows.h"

#define GROUP_1(more, access)                                                            \
	{                                                                                \
		[0 ... 6] = M | RW(access) | LOCK | (more), [7] = M | R(access) | (more) \
	}

/* A row of a table is a line. */
/* clang-format off */
const opcode_t opcode_by_reg[][8] = {
	[REG_1A] = {M | S64 | W(V)}, /* POP */
	[REG_1A_R] = {M | S64 | OTHER},
	[REG_1_80] = GROUP_1(BYTE | I(B), B),
	[REG_1_81] = GROUP_1(I(Z), V),
	[REG_1_82] = GROUP_1(BYTE | I(B) | N64, B),
	[REG_1_83] = GROUP_1(I(B), V),
	[REG_2B] = {[0 ... 7] = M | BYTE | RW(B)},
	[REG_2V] = {[0 ... 7] = M | RW(V)},
	[REG_2B_IMMEDIATE] = {[0 ... 7] = M | BYTE | RW(B) | I(B)},
	[REG_2V_IMMEDIATE] = {[0 ... 7] = M | RW(V) | I(B)},
	[REG_3B] = {
		[0 ... 1] = M | BYTE | R(B) | I(B), /* TEST */
		[2 ... 3] = M | BYTE | RW(B) | LOCK, /* NOT, NEG */
		[4 ... 7] = M | BYTE | R(B),
	},
	[REG_3V] = {
		[0 ... 1] = M | R(V) | I(Z),
		[2 ... 3] = M | RW(V) | LOCK,
		[4 ... 7] = M | R(V),
	},
	[REG_4] = {[0 ... 1] = M | BYTE | RW(B) | LOCK}, /* INC, DEC */
	[REG_5] = {
		[0 ... 1] = M | RW(V) | LOCK,
		[2] = M | NEAR | R(V), /* CALL */
		[3] = M | R(FAR),
		[4] = M | NEAR | R(V), /* JMP */
		[5] = M | R(FAR),
		[6] = M | S64 | R(V), /* PUSH */
	},
	[REG_5_R] = {
		[0 ... 1] = M,
		[2] = M | NEAR | OTHER,
		[4] = M | NEAR,
		[6] = M | S64 | OTHER,
	},
	[REG_6] = {
		[0 ... 1] = M | W(W), /* SLDT, STR */
		[2 ... 5] = M, /* LLDT, LTR, VERR, VERW */
	},
	[REG_6_R] = {[0 ... 5] = M},
	[REG_7] = {
		[0 ... 1] = M, /* SGDT, SIDT */
		[2 ... 3] = M, /* LGDT, LIDT */
		[4] = M | W(W), /* SMSW */
		[5] = M | PP_F3, /* RSTORSSP */
		[6] = M | R(W), /* LMSW */
		[7] = M | ADDR, /* INVLPG */
	},
	[REG_7_R] = {
		[0] = BY_RM(7_0),
		[1] = BY_RM(7_1),
		[2] = BY_RM(7_2),
		[3] = BY_RM(7_3),
		[4] = M,
		[5] = BY_RM(7_5),
		[6] = M,
		[7] = BY_RM(7_7),
	},
	[REG_7_0] = {
		[0 ... 4] = M | PP_NP, /* ENCLV, VMCALL, VMLAUNCH, VMRESUME, VMXOFF */
		[5] = M | PP_NP, /* PCONFIG */
		[6] = BY_PP(WRMSRNS),
		[7] = M | PP_NP | O64, /* PBNDKB */
	},
	[REG_7_1] = {
		[0 ... 3] = M | PP_NP, /* MONITOR, MWAIT, CLAC, STAC */
		[4] = M | PP_66, /* TDCALL */
		[5 ... 6] = M | PP_66 | O64, /* SEAMRET, SEAMOPS */
		[7] = BY_PP(ENCLS),
	},
	[REG_7_2] = {
		[0 ... 1] = M | PP_NP, /* XGETBV, XSETBV */
		[4 ... 7] = M | PP_NP, /* VMFUNC, XEND, XTEST, ENCLU */
	},
	[REG_7_3] = {[0 ... 7] = M}, /* VMRUN, VMMCALL, ... INVLPGA */
	[REG_7_5] = {
		[0] = M | PP_NP | PP_F3 | PP_F2, /* SERIALIZE, SETSSBSY, XSUSLDTRK */
		[1] = M | PP_F2, /* XRESLDTRK */
		[2] = M | PP_F3, /* SAVEPREVSSP */
		[4 ... 5] = M | PP_F3 | O64, /* UIRET, TESTUI */
		[6 ... 7] = BY_PP(RDPKRU),
	},
	[REG_7_7] = {
		[0] = M | O64, /* SWAPGS */
		[1] = M, /* RDTSCP */
		[2] = M | PP_NP | PP_F3, /* MONITORX, MCOMMIT */
		[3] = M | PP_NP, /* MWAITX */
		[4 ... 5] = M, /* CLZERO, RDPRU */
		[6] = BY_PP(INVLPGB),
		[7] = BY_PP(TLBSYNC),
	},
	[REG_8] = {
		[4] = M | R(V) | I(B), /* BT */
		[5 ... 7] = M | RW(V) | I(B) | LOCK, /* BTS, BTR, BTC */
	},
	[REG_9] = {
		[1] = M | RW(PAIR) | LOCK, /* CMPXCHG8B, CMPXCHG16B */
		[3 ... 5] = M | PP_NP, /* XRSTORS, XSAVEC, XSAVES */
		[6] = M | PP_NP | PP_66 | PP_F3, /* VMPTRLD, VMCLEAR, VMXON */
		[7] = M | PP_NP, /* VMPTRST */
	},
	[REG_9_R] = {
		[6] = BY_PP(RDRAND), [7] = M | PP_NP | PP_66 | PP_F3, /* RDSEED,
		RDPID */
	},
	[REG_11B] = {[0] = M | BYTE | W(B) | I(B)},
	[REG_11V] = {[0] = M | W(V) | I(Z)},
	[REG_11B_R] = {[0] = M | BYTE | I(B), [7] = BY_RM(XABORT)},
	[REG_11V_R] = {[0] = M | I(Z), [7] = BY_RM(XBEGIN)},
	[REG_XABORT] = {[0] = M | I(B)},
	[REG_XBEGIN] = {[0] = M | I(Z)},
	[REG_12] = {
		/* group 13 too */
		[2] = M | REG | I(B) | PP_PS,
		[4] = M | REG | I(B) | PP_PS,
		[6] = M | REG | I(B) | PP_PS,
	},
	[REG_14] = {
		[2] = M | REG | I(B) | PP_PS,
		[3] = M | REG | I(B) | PP_66,
		[6] = M | REG | I(B) | PP_PS,
		[7] = M | REG | I(B) | PP_66,
	},
	[REG_15] = {
		[0 ... 3] = M | PP_NP, /* FXSAVE, FXRSTOR, LDMXCSR, STMXCSR */
		[4] = M | PP_NP | PP_F3, /* XSAVE, PTWRITE */
		[5] = M | PP_NP, /* XRSTOR */
		[6] = M | PP_NP | PP_66 | PP_F3, /* XSAVEOPT, CLWB, CLRSSBSY */
		[7] = M | PP_PS, /* CLFLUSH, CLFLUSHOPT */
	},
	[REG_15_R] = {
		[0 ... 3] = M | PP_F3 | O64, /* RDFSBASE to WRGSBASE */
		[4] = M | PP_F3, /* PTWRITE */
		[5] = M | PP_NP | PP_F3, /* LFENCE, INCSSP */
		[6] = M | PP_ALL, /* MFENCE, TPAUSE, UMONITOR, UMWAIT */
		[7] = M | PP_PS, /* SFENCE, PCOMMIT */
	},
	[REG_SEGMENT_STORE] = {[0 ... 5] = M | W(W)},
	[REG_SEGMENT_LOAD] = {[0] = M | R(W), [2 ... 5] = M | R(W)},
	[REG_CONTROL] = {
		/* LOCK MOV CR0 is AMD's CR8 outside of 64-bit mode */
		[0] = M | S64 | NOMOD | LOCK,
		[2 ... 4] = M | S64 | NOMOD,
	},
	[REG_DEBUG] = {[0 ... 7] = M | S64 | NOMOD},
	[REG_EXTRQ] = {[0] = M | REG | I(BB)},
	[REG_D9] = {[0] = M, [2 ... 7] = M},
	[REG_DB] = {[0 ... 3] = M, [5] = M, [7] = M},
	[REG_DD] = {[0 ... 4] = M, [6 ... 7] = M},
	[REG_WIDE_KEY] = {[0 ... 3] = M | PP_F3}, /* AESENCWIDE128KL, ... */
	[REG_HRESET] = {[0] = BY_RM(HRESET_R)},
	[REG_HRESET_R] = {[0] = M | REG | I(B) | PP_F3},
};

const opcode_t opcode_by_mod[][2] = {
	[MOD_1A] = {BY_REG(1A), BY_REG(1A_R)},
	[MOD_5] = {BY_REG(5), BY_REG(5_R)},
	[MOD_6] = {BY_REG(6), BY_REG(6_R)},
	[MOD_7] = {BY_REG(7), BY_REG(7_R)},
	[MOD_9] = {BY_REG(9), BY_REG(9_R)},
	[MOD_11B] = {BY_REG(11B), BY_REG(11B_R)},
	[MOD_11V] = {BY_REG(11V), BY_REG(11V_R)},
	[MOD_15] = {BY_REG(15), BY_REG(15_R)},
	[MOD_D8] = {M, X87(0)},
	[MOD_D9] = {BY_REG(D9), X87(1)},
	[MOD_DA] = {M, X87(2)},
	[MOD_DB] = {BY_REG(DB), X87(3)},
	[MOD_DC] = {M, X87(4)},
	[MOD_DD] = {BY_REG(DD), X87(5)},
	[MOD_DE] = {M, X87(6)},
	[MOD_DF] = {M, X87(7)},
	[MOD_MOVLPS] = {M | R(Q), M}, /* MOVHLPS */
	[MOD_MOVHPS] = {M | R(Q), M}, /* MOVLHPS */
	[MOD_WIDE_KEY] = {BY_REG(WIDE_KEY), 0},
	[MOD_AES_KEY] = {M | PP_66 | PP_F3, M | PP_66 | PP_F3}, /* AESENC; AESENC128KL, LOADIWKEY */
	[MOD_AES_KEY_256] = {M | PP_66 | PP_F3, M | PP_66},
	[MOD_WRSS] = {M | PP_NP | PP_66 | PP_F3, M | PP_66 | PP_F3}, /* WRSS; ADCX, ADOX */
};

const opcode_t opcode_by_pp[][4] = {
	[PREFIX_MOVUPS] = {M | R(X), M | R(X), M | R(D), M | R(Q)},
	[PREFIX_MOVUPS_STORE] = {M | W(X), M | W(X), M | W(D), M | W(Q)},
	[PREFIX_MOVLPS] = {BY_MOD(MOVLPS), M | MEM | R(Q), M | R(X), M | R(Q)},
	[PREFIX_MOVHPS] = {BY_MOD(MOVHPS), M | MEM | R(Q), M | R(X)},
	[PREFIX_MOVNTPS] = {M | MEM | W(X), M | MEM | W(X), M | MEM | W(D), M | MEM | W(Q)},
	[PREFIX_MOVD] = {M | R(Y), M | R(Y)},
	[PREFIX_MOVD_STORE] = {M | W(Y), M | W(Y), M | R(Q)},
	[PREFIX_MOVQ] = {M | R(Q), M | R(X), M | R(X)},
	[PREFIX_MOVQ_STORE] = {M | W(Q), M | W(X), M | W(X)},
	[PREFIX_MOVQ_D6] = {0, M | W(Q), M | REG, M | REG},
	[PREFIX_MOVNTQ] = {M | MEM | W(Q), M | MEM | W(X)},
	[PREFIX_VMREAD] = {M, BY_REG(EXTRQ), 0, M | REG | I(BB)}, /* EXTRQ, INSERTQ */
	[PREFIX_VMWRITE] = {M, M | REG, 0, M | REG},
	[PREFIX_WRMSRNS] = {M, 0, M | O64, M | O64}, /* RDMSRLIST, WRMSRLIST */
	[PREFIX_INVLPGB] = {M, 0, M | O64, M | O64}, /* RMPADJUST, RMPUPDATE */
	[PREFIX_TLBSYNC] = {M, 0, M | O64, M}, /* PSMASH, PVALIDATE */
	[PREFIX_RDRAND] = {M, M, M | O64}, /* SENDUIPI */
	[PREFIX_ENCLS] = {M, M | O64}, /* SEAMCALL */
	[PREFIX_RDPKRU] = {M, 0, M | O64}, /* RDPKRU, WRPKRU; CLUI, STUI */
	[PREFIX_MOVBE] = {M | MEM | R(V), M | MEM | R(V), 0, M}, /* CRC32 */
	[PREFIX_MOVBE_STORE] = {M | MEM | W(V), M | MEM | W(V), 0, M},
};

const opcode_t opcode_by_mode[][2] = {
	[MODE_MOVSXD] = {M | RW(W), M | R(Z)}, /* ARPL */
};
/* clang-format on */

/* Bit ModRM & 63 of each of D8 to DF. */
const uint64_t opcode_x87[8] = {
	0xffffffffffffffff, 0xffff7f33ff01ffff, 0x00000200ffffffff, 0x00ffff1fffffffff,
	0xffffffffffffffff, 0x0000ffffffffffff, 0xffffffff02ffffff, 0x00ffff01ffffffff,
};

bool opcode_3dnow(uint8_t suffix)
{
	static const uint8_t suffixes[] = {
		0x0c, 0x0d, 0x1c, 0x1d, 0x8a, 0x8e, 0x90, 0x94, 0x96, 0x97, 0x9a, 0x9e,
		0xa0, 0xa4, 0xa6, 0xa7, 0xaa, 0xae, 0xb0, 0xb4, 0xb6, 0xb7, 0xbb, 0xbf,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (suffixes[i] == suffix)
			return true;
	return false;
}

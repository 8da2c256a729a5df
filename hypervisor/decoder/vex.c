// SPDX-License-Identifier: Apache-2.0
/* The opcode maps of VEX and XOP: AMD64 APM volumes 4 and 6, Intel SDM volume 2 appendix A. */
#include "decoder/vector_rows.h"

const uint8_t vector_groups[16] = {
	[GROUP_ff] = 0xff, [GROUP_54] = 0x54, [GROUP_cc] = 0xcc, [GROUP_0c] = 0x0c,
	[GROUP_0e] = 0x0e, [GROUP_01] = 0x01, [GROUP_57] = 0x57, [GROUP_66] = 0x66,
	[GROUP_fe] = 0xfe, [GROUP_42] = 0x42, [GROUP_03] = 0x03,
};

static const uint32_t vex_rows[] = {
	/* map 1, no prefix */
	ROW(1, 0, 0x10, WX | LX | MR | READ(L)),             /* VMOVUPS */
	ROW(1, 0, 0x11, WX | LX | MR | WRITE(L)),            /* VMOVUPS */
	ROW(1, 0, 0x12, WX | L0 | VVVV | MR | READ(Q)),      /* VMOVLPS */
	ROW(1, 0, 0x13, WX | L0 | MEM | WRITE(Q)),           /* VMOVLPS */
	ROW(1, 0, 0x14, WX | LX | VVVV | MR),                /* VUNPCKLPS */
	ROW(1, 0, 0x15, WX | LX | VVVV | MR),                /* VUNPCKHPS */
	ROW(1, 0, 0x16, WX | L0 | VVVV | MR | READ(Q)),      /* VMOVHPS */
	ROW(1, 0, 0x17, WX | L0 | MEM | WRITE(Q)),           /* VMOVHPS */
	ROW(1, 0, 0x28, WX | LX | MR | READ(L)),             /* VMOVAPS */
	ROW(1, 0, 0x29, WX | LX | MR | WRITE(L)),            /* VMOVAPS */
	ROW(1, 0, 0x2b, WX | LX | MEM | WRITE(L)),           /* VMOVNTPS */
	ROW(1, 0, 0x2e, WX | LX | MR),                       /* VUCOMISS */
	ROW(1, 0, 0x2f, WX | LX | MR),                       /* VCOMISS */
	ROW(1, 0, 0x41, WX | L1 | VVVV | REG | RULE(MASKS)), /* KANDW */
	ROW(1, 0, 0x42, WX | L1 | VVVV | REG | RULE(MASKS)), /* KANDNW */
	ROW(1, 0, 0x44, WX | L0 | REG | RULE(MASKS)),        /* KNOTW */
	ROW(1, 0, 0x45, WX | L1 | VVVV | REG | RULE(MASKS)), /* KORW */
	ROW(1, 0, 0x46, WX | L1 | VVVV | REG | RULE(MASKS)), /* KXNORW */
	ROW(1, 0, 0x47, WX | L1 | VVVV | REG | RULE(MASKS)), /* KXORW */
	ROW(1, 0, 0x4a, WX | L1 | VVVV | REG | RULE(MASKS)), /* KADDW */
	ROW(1, 0, 0x4b, WX | L1 | VVVV | REG | RULE(MASKS)), /* KUNPCKWD */
	ROW(1, 0, 0x50, WX | LX | REG),                      /* VMOVMSKPS */
	ROW(1, 0, 0x51, WX | LX | MR),                       /* VSQRTPS */
	ROW(1, 0, 0x52, WX | LX | MR),                       /* VRSQRTPS */
	ROW(1, 0, 0x53, WX | LX | MR),                       /* VRCPPS */
	ROW(1, 0, 0x54, WX | LX | VVVV | MR),                /* VANDPS */
	ROW(1, 0, 0x55, WX | LX | VVVV | MR),                /* VANDNPS */
	ROW(1, 0, 0x56, WX | LX | VVVV | MR),                /* VORPS */
	ROW(1, 0, 0x57, WX | LX | VVVV | MR),                /* VXORPS */
	ROW(1, 0, 0x58, WX | LX | VVVV | MR),                /* VADDPS */
	ROW(1, 0, 0x59, WX | LX | VVVV | MR),                /* VMULPS */
	ROW(1, 0, 0x5a, WX | LX | MR),                       /* VCVTPS2PD */
	ROW(1, 0, 0x5b, WX | LX | MR),                       /* VCVTDQ2PS */
	ROW(1, 0, 0x5c, WX | LX | VVVV | MR),                /* VSUBPS */
	ROW(1, 0, 0x5d, WX | LX | VVVV | MR),                /* VMINPS */
	ROW(1, 0, 0x5e, WX | LX | VVVV | MR),                /* VDIVPS */
	ROW(1, 0, 0x5f, WX | LX | VVVV | MR),                /* VMAXPS */
	ROW(1, 0, 0x77, WX | LX | MR),                       /* VZEROUPPER */
	ROW(1, 0, 0x90, WX | L0 | MR | RULE(MASKS)),         /* KMOVW */
	ROW(1, 0, 0x91, WX | L0 | MEM | RULE(MASKS)),        /* KMOVW */
	ROW(1, 0, 0x92, W0 | L0 | REG | RULE(MASKS)),        /* KMOVW */
	ROW(1, 0, 0x93, W0 | L0 | REG),                      /* KMOVW */
	ROW(1, 0, 0x98, WX | L0 | REG | RULE(MASKS)),        /* KORTESTW */
	ROW(1, 0, 0x99, WX | L0 | REG | RULE(MASKS)),        /* KTESTW */
	ROW(1, 0, 0xae, WX | L0 | MEM | GROUP(0c)),          /* VLDMXCSR */
	ROW(1, 0, 0xc2, WX | LX | VVVV | MR),                /* VCMPPS */
	ROW(1, 0, 0xc6, WX | LX | VVVV | MR),                /* VSHUFPS */
	/* map 1, 66 */
	ROW(1, 1, 0x10, WX | LX | MR | READ(L)),             /* VMOVUPD */
	ROW(1, 1, 0x11, WX | LX | MR | WRITE(L)),            /* VMOVUPD */
	ROW(1, 1, 0x12, WX | L0 | VVVV | MEM | READ(Q)),     /* VMOVLPD */
	ROW(1, 1, 0x13, WX | L0 | MEM | WRITE(Q)),           /* VMOVLPD */
	ROW(1, 1, 0x14, WX | LX | VVVV | MR),                /* VUNPCKLPD */
	ROW(1, 1, 0x15, WX | LX | VVVV | MR),                /* VUNPCKHPD */
	ROW(1, 1, 0x16, WX | L0 | VVVV | MEM | READ(Q)),     /* VMOVHPD */
	ROW(1, 1, 0x17, WX | L0 | MEM | WRITE(Q)),           /* VMOVHPD */
	ROW(1, 1, 0x28, WX | LX | MR | READ(L)),             /* VMOVAPD */
	ROW(1, 1, 0x29, WX | LX | MR | WRITE(L)),            /* VMOVAPD */
	ROW(1, 1, 0x2b, WX | LX | MEM | WRITE(L)),           /* VMOVNTPD */
	ROW(1, 1, 0x2e, WX | LX | MR),                       /* VUCOMISD */
	ROW(1, 1, 0x2f, WX | LX | MR),                       /* VCOMISD */
	ROW(1, 1, 0x41, WX | L1 | VVVV | REG | RULE(MASKS)), /* KANDB */
	ROW(1, 1, 0x42, WX | L1 | VVVV | REG | RULE(MASKS)), /* KANDNB */
	ROW(1, 1, 0x44, WX | L0 | REG | RULE(MASKS)),        /* KNOTB */
	ROW(1, 1, 0x45, WX | L1 | VVVV | REG | RULE(MASKS)), /* KORB */
	ROW(1, 1, 0x46, WX | L1 | VVVV | REG | RULE(MASKS)), /* KXNORB */
	ROW(1, 1, 0x47, WX | L1 | VVVV | REG | RULE(MASKS)), /* KXORB */
	ROW(1, 1, 0x4a, WX | L1 | VVVV | REG | RULE(MASKS)), /* KADDB */
	ROW(1, 1, 0x4b, W0 | L1 | VVVV | REG | RULE(MASKS)), /* KUNPCKBW */
	ROW(1, 1, 0x50, WX | LX | REG),                      /* VMOVMSKPD */
	ROW(1, 1, 0x51, WX | LX | MR),                       /* VSQRTPD */
	ROW(1, 1, 0x54, WX | LX | VVVV | MR),                /* VANDPD */
	ROW(1, 1, 0x55, WX | LX | VVVV | MR),                /* VANDNPD */
	ROW(1, 1, 0x56, WX | LX | VVVV | MR),                /* VORPD */
	ROW(1, 1, 0x57, WX | LX | VVVV | MR),                /* VXORPD */
	ROW(1, 1, 0x58, WX | LX | VVVV | MR),                /* VADDPD */
	ROW(1, 1, 0x59, WX | LX | VVVV | MR),                /* VMULPD */
	ROW(1, 1, 0x5a, WX | LX | MR),                       /* VCVTPD2PS */
	ROW(1, 1, 0x5b, WX | LX | MR),                       /* VCVTPS2DQ */
	ROW(1, 1, 0x5c, WX | LX | VVVV | MR),                /* VSUBPD */
	ROW(1, 1, 0x5d, WX | LX | VVVV | MR),                /* VMINPD */
	ROW(1, 1, 0x5e, WX | LX | VVVV | MR),                /* VDIVPD */
	ROW(1, 1, 0x5f, WX | LX | VVVV | MR),                /* VMAXPD */
	ROW(1, 1, 0x60, WX | LX | VVVV | MR),                /* VPUNPCKLBW */
	ROW(1, 1, 0x61, WX | LX | VVVV | MR),                /* VPUNPCKLWD */
	ROW(1, 1, 0x62, WX | LX | VVVV | MR),                /* VPUNPCKLDQ */
	ROW(1, 1, 0x63, WX | LX | VVVV | MR),                /* VPACKSSWB */
	ROW(1, 1, 0x64, WX | LX | VVVV | MR),                /* VPCMPGTB */
	ROW(1, 1, 0x65, WX | LX | VVVV | MR),                /* VPCMPGTW */
	ROW(1, 1, 0x66, WX | LX | VVVV | MR),                /* VPCMPGTD */
	ROW(1, 1, 0x67, WX | LX | VVVV | MR),                /* VPACKUSWB */
	ROW(1, 1, 0x68, WX | LX | VVVV | MR),                /* VPUNPCKHBW */
	ROW(1, 1, 0x69, WX | LX | VVVV | MR),                /* VPUNPCKHWD */
	ROW(1, 1, 0x6a, WX | LX | VVVV | MR),                /* VPUNPCKHDQ */
	ROW(1, 1, 0x6b, WX | LX | VVVV | MR),                /* VPACKSSDW */
	ROW(1, 1, 0x6c, WX | LX | VVVV | MR),                /* VPUNPCKLQDQ */
	ROW(1, 1, 0x6d, WX | LX | VVVV | MR),                /* VPUNPCKHQDQ */
	ROW(1, 1, 0x6e, WX | L0 | MR | READ(Y)),             /* VMOVD */
	ROW(1, 1, 0x6f, WX | LX | MR | READ(L)),             /* VMOVDQA */
	ROW(1, 1, 0x70, WX | LX | MR),                       /* VPSHUFD */
	ROW(1, 1, 0x71, WX | LX | VVVV | REG | GROUP(54)),   /* VPSRLW */
	ROW(1, 1, 0x72, WX | LX | VVVV | REG | GROUP(54)),   /* VPSRLD */
	ROW(1, 1, 0x73, WX | LX | VVVV | REG | GROUP(cc)),   /* VPSRLQ */
	ROW(1, 1, 0x74, WX | LX | VVVV | MR),                /* VPCMPEQB */
	ROW(1, 1, 0x75, WX | LX | VVVV | MR),                /* VPCMPEQW */
	ROW(1, 1, 0x76, WX | LX | VVVV | MR),                /* VPCMPEQD */
	ROW(1, 1, 0x7c, WX | LX | VVVV | MR),                /* VHADDPD */
	ROW(1, 1, 0x7d, WX | LX | VVVV | MR),                /* VHSUBPD */
	ROW(1, 1, 0x7e, WX | L0 | MR | WRITE(Y)),            /* VMOVD */
	ROW(1, 1, 0x7f, WX | LX | MR | WRITE(L)),            /* VMOVDQA */
	ROW(1, 1, 0x90, WX | L0 | MR | RULE(MASKS)),         /* KMOVB */
	ROW(1, 1, 0x91, WX | L0 | MEM | RULE(MASKS)),        /* KMOVB */
	ROW(1, 1, 0x92, W0 | L0 | REG | RULE(MASKS)),        /* KMOVB */
	ROW(1, 1, 0x93, W0 | L0 | REG),                      /* KMOVB */
	ROW(1, 1, 0x98, WX | L0 | REG | RULE(MASKS)),        /* KORTESTB */
	ROW(1, 1, 0x99, WX | L0 | REG | RULE(MASKS)),        /* KTESTB */
	ROW(1, 1, 0xc2, WX | LX | VVVV | MR),                /* VCMPPD */
	ROW(1, 1, 0xc4, WX | L0 | VVVV | MR),                /* VPINSRW */
	ROW(1, 1, 0xc5, WX | L0 | REG),                      /* VPEXTRW */
	ROW(1, 1, 0xc6, WX | LX | VVVV | MR),                /* VSHUFPD */
	ROW(1, 1, 0xd0, WX | LX | VVVV | MR),                /* VADDSUBPD */
	ROW(1, 1, 0xd1, WX | LX | VVVV | MR),                /* VPSRLW */
	ROW(1, 1, 0xd2, WX | LX | VVVV | MR),                /* VPSRLD */
	ROW(1, 1, 0xd3, WX | LX | VVVV | MR),                /* VPSRLQ */
	ROW(1, 1, 0xd4, WX | LX | VVVV | MR),                /* VPADDQ */
	ROW(1, 1, 0xd5, WX | LX | VVVV | MR),                /* VPMULLW */
	ROW(1, 1, 0xd6, WX | L0 | MR | WRITE(Q)),            /* VMOVQ */
	ROW(1, 1, 0xd7, WX | LX | REG),                      /* VPMOVMSKB */
	ROW(1, 1, 0xd8, WX | LX | VVVV | MR),                /* VPSUBUSB */
	ROW(1, 1, 0xd9, WX | LX | VVVV | MR),                /* VPSUBUSW */
	ROW(1, 1, 0xda, WX | LX | VVVV | MR),                /* VPMINUB */
	ROW(1, 1, 0xdb, WX | LX | VVVV | MR),                /* VPAND */
	ROW(1, 1, 0xdc, WX | LX | VVVV | MR),                /* VPADDUSB */
	ROW(1, 1, 0xdd, WX | LX | VVVV | MR),                /* VPADDUSW */
	ROW(1, 1, 0xde, WX | LX | VVVV | MR),                /* VPMAXUB */
	ROW(1, 1, 0xdf, WX | LX | VVVV | MR),                /* VPANDN */
	ROW(1, 1, 0xe0, WX | LX | VVVV | MR),                /* VPAVGB */
	ROW(1, 1, 0xe1, WX | LX | VVVV | MR),                /* VPSRAW */
	ROW(1, 1, 0xe2, WX | LX | VVVV | MR),                /* VPSRAD */
	ROW(1, 1, 0xe3, WX | LX | VVVV | MR),                /* VPAVGW */
	ROW(1, 1, 0xe4, WX | LX | VVVV | MR),                /* VPMULHUW */
	ROW(1, 1, 0xe5, WX | LX | VVVV | MR),                /* VPMULHW */
	ROW(1, 1, 0xe6, WX | LX | MR),                       /* VCVTTPD2DQ */
	ROW(1, 1, 0xe7, WX | LX | MEM | WRITE(L)),           /* VMOVNTDQ */
	ROW(1, 1, 0xe8, WX | LX | VVVV | MR),                /* VPSUBSB */
	ROW(1, 1, 0xe9, WX | LX | VVVV | MR),                /* VPSUBSW */
	ROW(1, 1, 0xea, WX | LX | VVVV | MR),                /* VPMINSW */
	ROW(1, 1, 0xeb, WX | LX | VVVV | MR),                /* VPOR */
	ROW(1, 1, 0xec, WX | LX | VVVV | MR),                /* VPADDSB */
	ROW(1, 1, 0xed, WX | LX | VVVV | MR),                /* VPADDSW */
	ROW(1, 1, 0xee, WX | LX | VVVV | MR),                /* VPMAXSW */
	ROW(1, 1, 0xef, WX | LX | VVVV | MR),                /* VPXOR */
	ROW(1, 1, 0xf1, WX | LX | VVVV | MR),                /* VPSLLW */
	ROW(1, 1, 0xf2, WX | LX | VVVV | MR),                /* VPSLLD */
	ROW(1, 1, 0xf3, WX | LX | VVVV | MR),                /* VPSLLQ */
	ROW(1, 1, 0xf4, WX | LX | VVVV | MR),                /* VPMULUDQ */
	ROW(1, 1, 0xf5, WX | LX | VVVV | MR),                /* VPMADDWD */
	ROW(1, 1, 0xf6, WX | LX | VVVV | MR),                /* VPSADBW */
	ROW(1, 1, 0xf7, WX | L0 | REG | RULE(IMPLIED)),      /* VMASKMOVDQU */
	ROW(1, 1, 0xf8, WX | LX | VVVV | MR),                /* VPSUBB */
	ROW(1, 1, 0xf9, WX | LX | VVVV | MR),                /* VPSUBW */
	ROW(1, 1, 0xfa, WX | LX | VVVV | MR),                /* VPSUBD */
	ROW(1, 1, 0xfb, WX | LX | VVVV | MR),                /* VPSUBQ */
	ROW(1, 1, 0xfc, WX | LX | VVVV | MR),                /* VPADDB */
	ROW(1, 1, 0xfd, WX | LX | VVVV | MR),                /* VPADDW */
	ROW(1, 1, 0xfe, WX | LX | VVVV | MR),                /* VPADDD */
	/* map 1, F3 */
	ROW(1, 2, 0x10, WX | LX | VVVV | MR | RULE(MERGE) | READ(D)),  /* VMOVSS */
	ROW(1, 2, 0x11, WX | LX | VVVV | MR | RULE(MERGE) | WRITE(D)), /* VMOVSS */
	ROW(1, 2, 0x12, WX | LX | MR | READ(L)),                       /* VMOVSLDUP */
	ROW(1, 2, 0x16, WX | LX | MR | READ(L)),                       /* VMOVSHDUP */
	ROW(1, 2, 0x2a, WX | LX | VVVV | MR),                          /* VCVTSI2SS */
	ROW(1, 2, 0x2c, WX | LX | MR),                                 /* VCVTTSS2SI */
	ROW(1, 2, 0x2d, WX | LX | MR),                                 /* VCVTSS2SI */
	ROW(1, 2, 0x51, WX | LX | VVVV | MR),                          /* VSQRTSS */
	ROW(1, 2, 0x52, WX | LX | VVVV | MR),                          /* VRSQRTSS */
	ROW(1, 2, 0x53, WX | LX | VVVV | MR),                          /* VRCPSS */
	ROW(1, 2, 0x58, WX | LX | VVVV | MR),                          /* VADDSS */
	ROW(1, 2, 0x59, WX | LX | VVVV | MR),                          /* VMULSS */
	ROW(1, 2, 0x5a, WX | LX | VVVV | MR),                          /* VCVTSS2SD */
	ROW(1, 2, 0x5b, WX | LX | MR),                                 /* VCVTTPS2DQ */
	ROW(1, 2, 0x5c, WX | LX | VVVV | MR),                          /* VSUBSS */
	ROW(1, 2, 0x5d, WX | LX | VVVV | MR),                          /* VMINSS */
	ROW(1, 2, 0x5e, WX | LX | VVVV | MR),                          /* VDIVSS */
	ROW(1, 2, 0x5f, WX | LX | VVVV | MR),                          /* VMAXSS */
	ROW(1, 2, 0x6f, WX | LX | MR | READ(L)),                       /* VMOVDQU */
	ROW(1, 2, 0x70, WX | LX | MR),                                 /* VPSHUFHW */
	ROW(1, 2, 0x7e, WX | L0 | MR | READ(Q)),                       /* VMOVQ */
	ROW(1, 2, 0x7f, WX | LX | MR | WRITE(L)),                      /* VMOVDQU */
	ROW(1, 2, 0xc2, WX | LX | VVVV | MR),                          /* VCMPSS */
	ROW(1, 2, 0xe6, WX | LX | MR),                                 /* VCVTDQ2PD */
	/* map 1, F2 */
	ROW(1, 3, 0x10, WX | LX | VVVV | MR | RULE(MERGE) | READ(Q)),  /* VMOVSD */
	ROW(1, 3, 0x11, WX | LX | VVVV | MR | RULE(MERGE) | WRITE(Q)), /* VMOVSD */
	ROW(1, 3, 0x12, WX | LX | MR | READ(DUP)),                     /* VMOVDDUP */
	ROW(1, 3, 0x2a, WX | LX | VVVV | MR),                          /* VCVTSI2SD */
	ROW(1, 3, 0x2c, WX | LX | MR),                                 /* VCVTTSD2SI */
	ROW(1, 3, 0x2d, WX | LX | MR),                                 /* VCVTSD2SI */
	ROW(1, 3, 0x51, WX | LX | VVVV | MR),                          /* VSQRTSD */
	ROW(1, 3, 0x58, WX | LX | VVVV | MR),                          /* VADDSD */
	ROW(1, 3, 0x59, WX | LX | VVVV | MR),                          /* VMULSD */
	ROW(1, 3, 0x5a, WX | LX | VVVV | MR),                          /* VCVTSD2SS */
	ROW(1, 3, 0x5c, WX | LX | VVVV | MR),                          /* VSUBSD */
	ROW(1, 3, 0x5d, WX | LX | VVVV | MR),                          /* VMINSD */
	ROW(1, 3, 0x5e, WX | LX | VVVV | MR),                          /* VDIVSD */
	ROW(1, 3, 0x5f, WX | LX | VVVV | MR),                          /* VMAXSD */
	ROW(1, 3, 0x70, WX | LX | MR),                                 /* VPSHUFLW */
	ROW(1, 3, 0x7c, WX | LX | VVVV | MR),                          /* VHADDPS */
	ROW(1, 3, 0x7d, WX | LX | VVVV | MR),                          /* VHSUBPS */
	ROW(1, 3, 0x92, WX | L0 | REG | RULE(MASKS)),                  /* KMOVD */
	ROW(1, 3, 0x93, WX | L0 | REG),                                /* KMOVD */
	ROW(1, 3, 0xc2, WX | LX | VVVV | MR),                          /* VCMPSD */
	ROW(1, 3, 0xd0, WX | LX | VVVV | MR),                          /* VADDSUBPS */
	ROW(1, 3, 0xe6, WX | LX | MR),                                 /* VCVTPD2DQ */
	ROW(1, 3, 0xf0, WX | LX | MEM | READ(L)),                      /* VLDDQU */
	/* map 2, no prefix */
	ROW(2, 0, 0x49, W0 | L0 | MR | GROUP(01) | RULE(TILE_ONE)), /* LDTILECFG */
	ROW(2, 0, 0x50, W0 | LX | VVVV | MR),                       /* VPDPBUUD */
	ROW(2, 0, 0x51, W0 | LX | VVVV | MR),                       /* VPDPBUUDS */
	ROW(2, 0, 0x5e, W0 | L0 | VVVV | REG | RULE(TILES)),        /* TDPBUUD */
	ROW(2, 0, 0xb0, W0 | LX | MEM),                             /* VCVTNEOPH2PS */
	ROW(2, 0, 0xd2, W0 | LX | VVVV | MR),                       /* VPDPWUUD */
	ROW(2, 0, 0xd3, W0 | LX | VVVV | MR),                       /* VPDPWUUDS */
	ROW(2, 0, 0xda, W0 | L0 | VVVV | MR),                       /* VSM3MSG1 */
	ROW(2, 0, 0xf2, WX | L0 | VVVV | MR),                       /* ANDN */
	ROW(2, 0, 0xf3, WX | L0 | VVVV | MR | GROUP(0e)),           /* BLSR */
	ROW(2, 0, 0xf5, WX | L0 | VVVV | MR),                       /* BZHI */
	ROW(2, 0, 0xf7, WX | L0 | VVVV | MR),                       /* BEXTR */
	/* map 2, 66 */
	ROW(2, 1, 0x00, WX | LX | VVVV | MR),                        /* VPSHUFB */
	ROW(2, 1, 0x01, WX | LX | VVVV | MR),                        /* VPHADDW */
	ROW(2, 1, 0x02, WX | LX | VVVV | MR),                        /* VPHADDD */
	ROW(2, 1, 0x03, WX | LX | VVVV | MR),                        /* VPHADDSW */
	ROW(2, 1, 0x04, WX | LX | VVVV | MR),                        /* VPMADDUBSW */
	ROW(2, 1, 0x05, WX | LX | VVVV | MR),                        /* VPHSUBW */
	ROW(2, 1, 0x06, WX | LX | VVVV | MR),                        /* VPHSUBD */
	ROW(2, 1, 0x07, WX | LX | VVVV | MR),                        /* VPHSUBSW */
	ROW(2, 1, 0x08, WX | LX | VVVV | MR),                        /* VPSIGNB */
	ROW(2, 1, 0x09, WX | LX | VVVV | MR),                        /* VPSIGNW */
	ROW(2, 1, 0x0a, WX | LX | VVVV | MR),                        /* VPSIGND */
	ROW(2, 1, 0x0b, WX | LX | VVVV | MR),                        /* VPMULHRSW */
	ROW(2, 1, 0x0c, W0 | LX | VVVV | MR),                        /* VPERMILPS */
	ROW(2, 1, 0x0d, W0 | LX | VVVV | MR),                        /* VPERMILPD */
	ROW(2, 1, 0x0e, W0 | LX | MR),                               /* VTESTPS */
	ROW(2, 1, 0x0f, W0 | LX | MR),                               /* VTESTPD */
	ROW(2, 1, 0x13, W0 | LX | MR),                               /* VCVTPH2PS */
	ROW(2, 1, 0x16, W0 | L1 | VVVV | MR),                        /* VPERMPS */
	ROW(2, 1, 0x17, WX | LX | MR),                               /* VPTEST */
	ROW(2, 1, 0x18, W0 | LX | MR),                               /* VBROADCASTSS */
	ROW(2, 1, 0x19, W0 | L1 | MR),                               /* VBROADCASTSD */
	ROW(2, 1, 0x1a, W0 | L1 | MEM),                              /* VBROADCASTF128 */
	ROW(2, 1, 0x1c, WX | LX | MR),                               /* VPABSB */
	ROW(2, 1, 0x1d, WX | LX | MR),                               /* VPABSW */
	ROW(2, 1, 0x1e, WX | LX | MR),                               /* VPABSD */
	ROW(2, 1, 0x20, WX | LX | MR),                               /* VPMOVSXBW */
	ROW(2, 1, 0x21, WX | LX | MR),                               /* VPMOVSXBD */
	ROW(2, 1, 0x22, WX | LX | MR),                               /* VPMOVSXBQ */
	ROW(2, 1, 0x23, WX | LX | MR),                               /* VPMOVSXWD */
	ROW(2, 1, 0x24, WX | LX | MR),                               /* VPMOVSXWQ */
	ROW(2, 1, 0x25, WX | LX | MR),                               /* VPMOVSXDQ */
	ROW(2, 1, 0x28, WX | LX | VVVV | MR),                        /* VPMULDQ */
	ROW(2, 1, 0x29, WX | LX | VVVV | MR),                        /* VPCMPEQQ */
	ROW(2, 1, 0x2a, WX | LX | MEM | READ(L)),                    /* VMOVNTDQA */
	ROW(2, 1, 0x2b, WX | LX | VVVV | MR),                        /* VPACKUSDW */
	ROW(2, 1, 0x2c, W0 | LX | VVVV | MEM),                       /* VMASKMOVPS */
	ROW(2, 1, 0x2d, W0 | LX | VVVV | MEM),                       /* VMASKMOVPD */
	ROW(2, 1, 0x2e, W0 | LX | VVVV | MEM),                       /* VMASKMOVPS */
	ROW(2, 1, 0x2f, W0 | LX | VVVV | MEM),                       /* VMASKMOVPD */
	ROW(2, 1, 0x30, WX | LX | MR),                               /* VPMOVZXBW */
	ROW(2, 1, 0x31, WX | LX | MR),                               /* VPMOVZXBD */
	ROW(2, 1, 0x32, WX | LX | MR),                               /* VPMOVZXBQ */
	ROW(2, 1, 0x33, WX | LX | MR),                               /* VPMOVZXWD */
	ROW(2, 1, 0x34, WX | LX | MR),                               /* VPMOVZXWQ */
	ROW(2, 1, 0x35, WX | LX | MR),                               /* VPMOVZXDQ */
	ROW(2, 1, 0x36, W0 | L1 | VVVV | MR),                        /* VPERMD */
	ROW(2, 1, 0x37, WX | LX | VVVV | MR),                        /* VPCMPGTQ */
	ROW(2, 1, 0x38, WX | LX | VVVV | MR),                        /* VPMINSB */
	ROW(2, 1, 0x39, WX | LX | VVVV | MR),                        /* VPMINSD */
	ROW(2, 1, 0x3a, WX | LX | VVVV | MR),                        /* VPMINUW */
	ROW(2, 1, 0x3b, WX | LX | VVVV | MR),                        /* VPMINUD */
	ROW(2, 1, 0x3c, WX | LX | VVVV | MR),                        /* VPMAXSB */
	ROW(2, 1, 0x3d, WX | LX | VVVV | MR),                        /* VPMAXSD */
	ROW(2, 1, 0x3e, WX | LX | VVVV | MR),                        /* VPMAXUW */
	ROW(2, 1, 0x3f, WX | LX | VVVV | MR),                        /* VPMAXUD */
	ROW(2, 1, 0x40, WX | LX | VVVV | MR),                        /* VPMULLD */
	ROW(2, 1, 0x41, WX | L0 | MR),                               /* VPHMINPOSUW */
	ROW(2, 1, 0x45, WX | LX | VVVV | MR),                        /* VPSRLVD */
	ROW(2, 1, 0x46, W0 | LX | VVVV | MR),                        /* VPSRAVD */
	ROW(2, 1, 0x47, WX | LX | VVVV | MR),                        /* VPSLLVD */
	ROW(2, 1, 0x49, W0 | L0 | MEM | GROUP(01) | RULE(TILE_ONE)), /* STTILECFG */
	ROW(2, 1, 0x4b, W0 | L0 | MEM | RULE(TILE)),                 /* TILELOADDT1 */
	ROW(2, 1, 0x50, W0 | LX | VVVV | MR),                        /* VPDPBUSD */
	ROW(2, 1, 0x51, W0 | LX | VVVV | MR),                        /* VPDPBUSDS */
	ROW(2, 1, 0x52, W0 | LX | VVVV | MR),                        /* VPDPWSSD */
	ROW(2, 1, 0x53, W0 | LX | VVVV | MR),                        /* VPDPWSSDS */
	ROW(2, 1, 0x58, W0 | LX | MR),                               /* VPBROADCASTD */
	ROW(2, 1, 0x59, W0 | LX | MR),                               /* VPBROADCASTQ */
	ROW(2, 1, 0x5a, W0 | L1 | MEM),                              /* VBROADCASTI128 */
	ROW(2, 1, 0x5e, W0 | L0 | VVVV | REG | RULE(TILES)),         /* TDPBUSD */
	ROW(2, 1, 0x78, W0 | LX | MR),                               /* VPBROADCASTB */
	ROW(2, 1, 0x79, W0 | LX | MR),                               /* VPBROADCASTW */
	ROW(2, 1, 0x8c, WX | LX | VVVV | MEM),                       /* VPMASKMOVD */
	ROW(2, 1, 0x8e, WX | LX | VVVV | MEM),                       /* VPMASKMOVD */
	ROW(2, 1, 0x90, WX | LX | VVVV | MEM | RULE(GATHER)),        /* VPGATHERDD */
	ROW(2, 1, 0x91, WX | LX | VVVV | MEM | RULE(GATHER)),        /* VPGATHERQD */
	ROW(2, 1, 0x92, WX | LX | VVVV | MEM | RULE(GATHER)),        /* VGATHERDPS */
	ROW(2, 1, 0x93, WX | LX | VVVV | MEM | RULE(GATHER)),        /* VGATHERQPS */
	ROW(2, 1, 0x96, WX | LX | VVVV | MR),                        /* VFMADDSUB132PS */
	ROW(2, 1, 0x97, WX | LX | VVVV | MR),                        /* VFMSUBADD132PS */
	ROW(2, 1, 0x98, WX | LX | VVVV | MR),                        /* VFMADD132PS */
	ROW(2, 1, 0x99, WX | LX | VVVV | MR),                        /* VFMADD132SS */
	ROW(2, 1, 0x9a, WX | LX | VVVV | MR),                        /* VFMSUB132PS */
	ROW(2, 1, 0x9b, WX | LX | VVVV | MR),                        /* VFMSUB132SS */
	ROW(2, 1, 0x9c, WX | LX | VVVV | MR),                        /* VFNMADD132PS */
	ROW(2, 1, 0x9d, WX | LX | VVVV | MR),                        /* VFNMADD132SS */
	ROW(2, 1, 0x9e, WX | LX | VVVV | MR),                        /* VFNMSUB132PS */
	ROW(2, 1, 0x9f, WX | LX | VVVV | MR),                        /* VFNMSUB132SS */
	ROW(2, 1, 0xa6, WX | LX | VVVV | MR),                        /* VFMADDSUB213PS */
	ROW(2, 1, 0xa7, WX | LX | VVVV | MR),                        /* VFMSUBADD213PS */
	ROW(2, 1, 0xa8, WX | LX | VVVV | MR),                        /* VFMADD213PS */
	ROW(2, 1, 0xa9, WX | LX | VVVV | MR),                        /* VFMADD213SS */
	ROW(2, 1, 0xaa, WX | LX | VVVV | MR),                        /* VFMSUB213PS */
	ROW(2, 1, 0xab, WX | LX | VVVV | MR),                        /* VFMSUB213SS */
	ROW(2, 1, 0xac, WX | LX | VVVV | MR),                        /* VFNMADD213PS */
	ROW(2, 1, 0xad, WX | LX | VVVV | MR),                        /* VFNMADD213SS */
	ROW(2, 1, 0xae, WX | LX | VVVV | MR),                        /* VFNMSUB213PS */
	ROW(2, 1, 0xaf, WX | LX | VVVV | MR),                        /* VFNMSUB213SS */
	ROW(2, 1, 0xb0, W0 | LX | MEM),                              /* VCVTNEEPH2PS */
	ROW(2, 1, 0xb1, W0 | LX | MEM),                              /* VBCSTNESH2PS */
	ROW(2, 1, 0xb4, W1 | LX | VVVV | MR),                        /* VPMADD52LUQ */
	ROW(2, 1, 0xb5, W1 | LX | VVVV | MR),                        /* VPMADD52HUQ */
	ROW(2, 1, 0xb6, WX | LX | VVVV | MR),                        /* VFMADDSUB231PS */
	ROW(2, 1, 0xb7, WX | LX | VVVV | MR),                        /* VFMSUBADD231PS */
	ROW(2, 1, 0xb8, WX | LX | VVVV | MR),                        /* VFMADD231PS */
	ROW(2, 1, 0xb9, WX | LX | VVVV | MR),                        /* VFMADD231SS */
	ROW(2, 1, 0xba, WX | LX | VVVV | MR),                        /* VFMSUB231PS */
	ROW(2, 1, 0xbb, WX | LX | VVVV | MR),                        /* VFMSUB231SS */
	ROW(2, 1, 0xbc, WX | LX | VVVV | MR),                        /* VFNMADD231PS */
	ROW(2, 1, 0xbd, WX | LX | VVVV | MR),                        /* VFNMADD231SS */
	ROW(2, 1, 0xbe, WX | LX | VVVV | MR),                        /* VFNMSUB231PS */
	ROW(2, 1, 0xbf, WX | LX | VVVV | MR),                        /* VFNMSUB231SS */
	ROW(2, 1, 0xcf, W0 | LX | VVVV | MR),                        /* VGF2P8MULB */
	ROW(2, 1, 0xd2, W0 | LX | VVVV | MR),                        /* VPDPWUSD */
	ROW(2, 1, 0xd3, W0 | LX | VVVV | MR),                        /* VPDPWUSDS */
	ROW(2, 1, 0xda, W0 | L0 | VVVV | MR),                        /* VSM3MSG2 */
	ROW(2, 1, 0xdb, WX | L0 | MR),                               /* VAESIMC */
	ROW(2, 1, 0xdc, WX | LX | VVVV | MR),                        /* VAESENC */
	ROW(2, 1, 0xdd, WX | LX | VVVV | MR),                        /* VAESENCLAST */
	ROW(2, 1, 0xde, WX | LX | VVVV | MR),                        /* VAESDEC */
	ROW(2, 1, 0xdf, WX | LX | VVVV | MR),                        /* VAESDECLAST */
	ROW(2, 1, 0xf7, WX | L0 | VVVV | MR),                        /* SHLX */
	/* map 2, F3 */
	ROW(2, 2, 0x4b, W0 | L0 | MEM | RULE(TILE)),         /* TILESTORED */
	ROW(2, 2, 0x50, W0 | LX | VVVV | MR),                /* VPDPBSUD */
	ROW(2, 2, 0x51, W0 | LX | VVVV | MR),                /* VPDPBSUDS */
	ROW(2, 2, 0x5c, W0 | L0 | VVVV | REG | RULE(TILES)), /* TDPBF16PS */
	ROW(2, 2, 0x5e, W0 | L0 | VVVV | REG | RULE(TILES)), /* TDPBSUD */
	ROW(2, 2, 0x72, W0 | LX | MR),                       /* VCVTNEPS2BF16 */
	ROW(2, 2, 0xb0, W0 | LX | MEM),                      /* VCVTNEEBF162PS */
	ROW(2, 2, 0xb1, W0 | LX | MEM),                      /* VBCSTNEBF162PS */
	ROW(2, 2, 0xd2, W0 | LX | VVVV | MR),                /* VPDPWSUD */
	ROW(2, 2, 0xd3, W0 | LX | VVVV | MR),                /* VPDPWSUDS */
	ROW(2, 2, 0xda, W0 | LX | VVVV | MR),                /* VSM4KEY4 */
	ROW(2, 2, 0xf5, WX | L0 | VVVV | MR),                /* PEXT */
	ROW(2, 2, 0xf7, WX | L0 | VVVV | MR),                /* SARX */
	/* map 2, F2 */
	ROW(2, 3, 0x49, W0 | L0 | REG | RULE(TILE_ONE)),     /* TILEZERO */
	ROW(2, 3, 0x4b, W0 | L0 | MEM | RULE(TILE)),         /* TILELOADD */
	ROW(2, 3, 0x50, W0 | LX | VVVV | MR),                /* VPDPBSSD */
	ROW(2, 3, 0x51, W0 | LX | VVVV | MR),                /* VPDPBSSDS */
	ROW(2, 3, 0x5c, W0 | L0 | VVVV | REG | RULE(TILES)), /* TDPFP16PS */
	ROW(2, 3, 0x5e, W0 | L0 | VVVV | REG | RULE(TILES)), /* TDPBSSD */
	ROW(2, 3, 0xb0, W0 | LX | MEM),                      /* VCVTNEOBF162PS */
	ROW(2, 3, 0xcb, W0 | L1 | VVVV | REG),               /* VSHA512RNDS2 */
	ROW(2, 3, 0xcc, W0 | L1 | REG),                      /* VSHA512MSG1 */
	ROW(2, 3, 0xcd, W0 | L1 | REG),                      /* VSHA512MSG2 */
	ROW(2, 3, 0xda, W0 | LX | VVVV | MR),                /* VSM4RNDS4 */
	ROW(2, 3, 0xf5, WX | L0 | VVVV | MR),                /* PDEP */
	ROW(2, 3, 0xf6, WX | L0 | VVVV | MR),                /* MULX */
	ROW(2, 3, 0xf7, WX | L0 | VVVV | MR),                /* SHRX */
	/* map 3, 66 */
	ROW(3, 1, 0x00, W1 | L1 | MR),                /* VPERMQ */
	ROW(3, 1, 0x01, W1 | L1 | MR),                /* VPERMPD */
	ROW(3, 1, 0x02, W0 | LX | VVVV | MR),         /* VPBLENDD */
	ROW(3, 1, 0x04, W0 | LX | MR),                /* VPERMILPS */
	ROW(3, 1, 0x05, W0 | LX | MR),                /* VPERMILPD */
	ROW(3, 1, 0x06, W0 | L1 | VVVV | MR),         /* VPERM2F128 */
	ROW(3, 1, 0x08, WX | LX | MR),                /* VROUNDPS */
	ROW(3, 1, 0x09, WX | LX | MR),                /* VROUNDPD */
	ROW(3, 1, 0x0a, WX | LX | VVVV | MR),         /* VROUNDSS */
	ROW(3, 1, 0x0b, WX | LX | VVVV | MR),         /* VROUNDSD */
	ROW(3, 1, 0x0c, WX | LX | VVVV | MR),         /* VBLENDPS */
	ROW(3, 1, 0x0d, WX | LX | VVVV | MR),         /* VBLENDPD */
	ROW(3, 1, 0x0e, WX | LX | VVVV | MR),         /* VPBLENDW */
	ROW(3, 1, 0x0f, WX | LX | VVVV | MR),         /* VPALIGNR */
	ROW(3, 1, 0x14, WX | L0 | MR),                /* VPEXTRB */
	ROW(3, 1, 0x15, WX | L0 | MR),                /* VPEXTRW */
	ROW(3, 1, 0x16, WX | L0 | MR),                /* VPEXTRD */
	ROW(3, 1, 0x17, WX | L0 | MR),                /* VEXTRACTPS */
	ROW(3, 1, 0x18, W0 | L1 | VVVV | MR),         /* VINSERTF128 */
	ROW(3, 1, 0x19, W0 | L1 | MR),                /* VEXTRACTF128 */
	ROW(3, 1, 0x1d, W0 | LX | MR),                /* VCVTPS2PH */
	ROW(3, 1, 0x20, WX | L0 | VVVV | MR),         /* VPINSRB */
	ROW(3, 1, 0x21, WX | L0 | VVVV | MR),         /* VINSERTPS */
	ROW(3, 1, 0x22, WX | L0 | VVVV | MR),         /* VPINSRD */
	ROW(3, 1, 0x30, WX | L0 | REG | RULE(MASKS)), /* KSHIFTRB */
	ROW(3, 1, 0x31, WX | L0 | REG | RULE(MASKS)), /* KSHIFTRD */
	ROW(3, 1, 0x32, WX | L0 | REG | RULE(MASKS)), /* KSHIFTLB */
	ROW(3, 1, 0x33, WX | L0 | REG | RULE(MASKS)), /* KSHIFTLD */
	ROW(3, 1, 0x38, W0 | L1 | VVVV | MR),         /* VINSERTI128 */
	ROW(3, 1, 0x39, W0 | L1 | MR),                /* VEXTRACTI128 */
	ROW(3, 1, 0x40, WX | LX | VVVV | MR),         /* VDPPS */
	ROW(3, 1, 0x41, WX | L0 | VVVV | MR),         /* VDPPD */
	ROW(3, 1, 0x42, WX | LX | VVVV | MR),         /* VMPSADBW */
	ROW(3, 1, 0x44, WX | LX | VVVV | MR),         /* VPCLMULQDQ */
	ROW(3, 1, 0x46, W0 | L1 | VVVV | MR),         /* VPERM2I128 */
	ROW(3, 1, 0x48, WX | LX | VVVV | MR),         /* VPERMIL2PS */
	ROW(3, 1, 0x49, WX | LX | VVVV | MR),         /* VPERMIL2PD */
	ROW(3, 1, 0x4a, W0 | LX | VVVV | MR),         /* VBLENDVPS */
	ROW(3, 1, 0x4b, W0 | LX | VVVV | MR),         /* VBLENDVPD */
	ROW(3, 1, 0x4c, W0 | LX | VVVV | MR),         /* VPBLENDVB */
	ROW(3, 1, 0x5c, WX | LX | VVVV | MR),         /* VFMADDSUBPS */
	ROW(3, 1, 0x5d, WX | LX | VVVV | MR),         /* VFMADDSUBPD */
	ROW(3, 1, 0x5e, WX | LX | VVVV | MR),         /* VFMSUBADDPS */
	ROW(3, 1, 0x5f, WX | LX | VVVV | MR),         /* VFMSUBADDPD */
	ROW(3, 1, 0x60, WX | L0 | MR),                /* VPCMPESTRM */
	ROW(3, 1, 0x61, WX | L0 | MR),                /* VPCMPESTRI */
	ROW(3, 1, 0x62, WX | L0 | MR),                /* VPCMPISTRM */
	ROW(3, 1, 0x63, WX | L0 | MR),                /* VPCMPISTRI */
	ROW(3, 1, 0x68, WX | LX | VVVV | MR),         /* VFMADDPS */
	ROW(3, 1, 0x69, WX | LX | VVVV | MR),         /* VFMADDPD */
	ROW(3, 1, 0x6a, WX | LX | VVVV | MR),         /* VFMADDSS */
	ROW(3, 1, 0x6b, WX | LX | VVVV | MR),         /* VFMADDSD */
	ROW(3, 1, 0x6c, WX | LX | VVVV | MR),         /* VFMSUBPS */
	ROW(3, 1, 0x6d, WX | LX | VVVV | MR),         /* VFMSUBPD */
	ROW(3, 1, 0x6e, WX | LX | VVVV | MR),         /* VFMSUBSS */
	ROW(3, 1, 0x6f, WX | LX | VVVV | MR),         /* VFMSUBSD */
	ROW(3, 1, 0x78, WX | LX | VVVV | MR),         /* VFNMADDPS */
	ROW(3, 1, 0x79, WX | LX | VVVV | MR),         /* VFNMADDPD */
	ROW(3, 1, 0x7a, WX | LX | VVVV | MR),         /* VFNMADDSS */
	ROW(3, 1, 0x7b, WX | LX | VVVV | MR),         /* VFNMADDSD */
	ROW(3, 1, 0x7c, WX | LX | VVVV | MR),         /* VFNMSUBPS */
	ROW(3, 1, 0x7d, WX | LX | VVVV | MR),         /* VFNMSUBPD */
	ROW(3, 1, 0x7e, WX | LX | VVVV | MR),         /* VFNMSUBSS */
	ROW(3, 1, 0x7f, WX | LX | VVVV | MR),         /* VFNMSUBSD */
	ROW(3, 1, 0xce, W1 | LX | VVVV | MR),         /* VGF2P8AFFINEQB */
	ROW(3, 1, 0xcf, W1 | LX | VVVV | MR),         /* VGF2P8AFFINEINVQB */
	ROW(3, 1, 0xde, W0 | L0 | VVVV | MR),         /* VSM3RNDS2 */
	ROW(3, 1, 0xdf, WX | L0 | MR),                /* VAESKEYGENASSIST */
	/* map 3, F2 */
	ROW(3, 3, 0xf0, WX | L0 | MR), /* RORX */
};

static const uint32_t xop_rows[] = {
	/* map 8, no prefix */
	ROW(1, 0, 0x85, W0 | L0 | VVVV | MR), /* VPMACSSWW */
	ROW(1, 0, 0x86, W0 | L0 | VVVV | MR), /* VPMACSSWD */
	ROW(1, 0, 0x87, W0 | L0 | VVVV | MR), /* VPMACSSDQL */
	ROW(1, 0, 0x8e, W0 | L0 | VVVV | MR), /* VPMACSSDD */
	ROW(1, 0, 0x8f, W0 | L0 | VVVV | MR), /* VPMACSSDQH */
	ROW(1, 0, 0x95, W0 | L0 | VVVV | MR), /* VPMACSWW */
	ROW(1, 0, 0x96, W0 | L0 | VVVV | MR), /* VPMACSWD */
	ROW(1, 0, 0x97, W0 | L0 | VVVV | MR), /* VPMACSDQL */
	ROW(1, 0, 0x9e, W0 | L0 | VVVV | MR), /* VPMACSDD */
	ROW(1, 0, 0x9f, W0 | L0 | VVVV | MR), /* VPMACSDQH */
	ROW(1, 0, 0xa2, WX | LX | VVVV | MR), /* VPCMOV */
	ROW(1, 0, 0xa3, WX | L0 | VVVV | MR), /* VPPERM */
	ROW(1, 0, 0xa6, W0 | L0 | VVVV | MR), /* VPMADCSSWD */
	ROW(1, 0, 0xb6, W0 | L0 | VVVV | MR), /* VPMADCSWD */
	ROW(1, 0, 0xc0, W0 | L0 | MR),        /* VPROTB */
	ROW(1, 0, 0xc1, W0 | L0 | MR),        /* VPROTW */
	ROW(1, 0, 0xc2, W0 | L0 | MR),        /* VPROTD */
	ROW(1, 0, 0xc3, W0 | L0 | MR),        /* VPROTQ */
	ROW(1, 0, 0xcc, W0 | L0 | VVVV | MR), /* VPCOMB */
	ROW(1, 0, 0xcd, W0 | L0 | VVVV | MR), /* VPCOMW */
	ROW(1, 0, 0xce, W0 | L0 | VVVV | MR), /* VPCOMD */
	ROW(1, 0, 0xcf, W0 | L0 | VVVV | MR), /* VPCOMQ */
	ROW(1, 0, 0xec, W0 | L0 | VVVV | MR), /* VPCOMUB */
	ROW(1, 0, 0xed, W0 | L0 | VVVV | MR), /* VPCOMUW */
	ROW(1, 0, 0xee, W0 | L0 | VVVV | MR), /* VPCOMUD */
	ROW(1, 0, 0xef, W0 | L0 | VVVV | MR), /* VPCOMUQ */
	/* map 9, no prefix */
	ROW(2, 0, 0x01, WX | L0 | VVVV | MR | GROUP(fe)), /* BLCFILL */
	ROW(2, 0, 0x02, WX | L0 | VVVV | MR | GROUP(42)), /* BLCMSK */
	ROW(2, 0, 0x12, WX | L0 | REG | GROUP(03)),       /* LLWPCB */
	ROW(2, 0, 0x80, W0 | LX | MR),                    /* VFRCZPS */
	ROW(2, 0, 0x81, W0 | LX | MR),                    /* VFRCZPD */
	ROW(2, 0, 0x82, W0 | L0 | MR),                    /* VFRCZSS */
	ROW(2, 0, 0x83, W0 | L0 | MR),                    /* VFRCZSD */
	ROW(2, 0, 0x90, WX | L0 | VVVV | MR),             /* VPROTB */
	ROW(2, 0, 0x91, WX | L0 | VVVV | MR),             /* VPROTW */
	ROW(2, 0, 0x92, WX | L0 | VVVV | MR),             /* VPROTD */
	ROW(2, 0, 0x93, WX | L0 | VVVV | MR),             /* VPROTQ */
	ROW(2, 0, 0x94, WX | L0 | VVVV | MR),             /* VPSHLB */
	ROW(2, 0, 0x95, WX | L0 | VVVV | MR),             /* VPSHLW */
	ROW(2, 0, 0x96, WX | L0 | VVVV | MR),             /* VPSHLD */
	ROW(2, 0, 0x97, WX | L0 | VVVV | MR),             /* VPSHLQ */
	ROW(2, 0, 0x98, WX | L0 | VVVV | MR),             /* VPSHAB */
	ROW(2, 0, 0x99, WX | L0 | VVVV | MR),             /* VPSHAW */
	ROW(2, 0, 0x9a, WX | L0 | VVVV | MR),             /* VPSHAD */
	ROW(2, 0, 0x9b, WX | L0 | VVVV | MR),             /* VPSHAQ */
	ROW(2, 0, 0xc1, W0 | L0 | MR),                    /* VPHADDBW */
	ROW(2, 0, 0xc2, W0 | L0 | MR),                    /* VPHADDBD */
	ROW(2, 0, 0xc3, W0 | L0 | MR),                    /* VPHADDBQ */
	ROW(2, 0, 0xc6, W0 | L0 | MR),                    /* VPHADDWD */
	ROW(2, 0, 0xc7, W0 | L0 | MR),                    /* VPHADDWQ */
	ROW(2, 0, 0xcb, W0 | L0 | MR),                    /* VPHADDDQ */
	ROW(2, 0, 0xd1, W0 | L0 | MR),                    /* VPHADDUBW */
	ROW(2, 0, 0xd2, W0 | L0 | MR),                    /* VPHADDUBD */
	ROW(2, 0, 0xd3, W0 | L0 | MR),                    /* VPHADDUBQ */
	ROW(2, 0, 0xd6, W0 | L0 | MR),                    /* VPHADDUWD */
	ROW(2, 0, 0xd7, W0 | L0 | MR),                    /* VPHADDUWQ */
	ROW(2, 0, 0xdb, W0 | L0 | MR),                    /* VPHADDUDQ */
	ROW(2, 0, 0xe1, W0 | L0 | MR),                    /* VPHSUBBW */
	ROW(2, 0, 0xe2, W0 | L0 | MR),                    /* VPHSUBWD */
	ROW(2, 0, 0xe3, W0 | L0 | MR),                    /* VPHSUBDQ */
	/* map 10, no prefix */
	ROW(3, 0, 0x10, WX | L0 | MR),                    /* BEXTR */
	ROW(3, 0, 0x12, WX | L0 | VVVV | MR | GROUP(03)), /* LWPINS */
};

const struct vector_map vector_vex = {vex_rows, ARRAY_SIZE(vex_rows)};
const struct vector_map vector_xop = {xop_rows, ARRAY_SIZE(xop_rows)};

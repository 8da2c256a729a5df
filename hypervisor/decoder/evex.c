// SPDX-License-Identifier: Apache-2.0
/* The opcode maps of EVEX: Intel SDM volume 2 appendix A. */
#include "decoder/vector_rows.h"

static const uint32_t evex_rows[] = {
	/* map 1, no prefix */
	ROW(1, 0, 0x10, W0 | MR | READ(L)),        /* VMOVUPS */
	ROW(1, 0, 0x11, W0 | MR | WRITE(L)),       /* VMOVUPS */
	ROW(1, 0, 0x12, W0 | VVVV | MR | READ(Q)), /* VMOVLPS */
	ROW(1, 0, 0x13, W0 | MEM | WRITE(Q)),      /* VMOVLPS */
	ROW(1, 0, 0x14, W0 | VVVV | MR),           /* VUNPCKLPS */
	ROW(1, 0, 0x15, W0 | VVVV | MR),           /* VUNPCKHPS */
	ROW(1, 0, 0x16, W0 | VVVV | MR | READ(Q)), /* VMOVHPS */
	ROW(1, 0, 0x17, W0 | MEM | WRITE(Q)),      /* VMOVHPS */
	ROW(1, 0, 0x28, W0 | MR | READ(L)),        /* VMOVAPS */
	ROW(1, 0, 0x29, W0 | MR | WRITE(L)),       /* VMOVAPS */
	ROW(1, 0, 0x2b, W0 | MEM | WRITE(L)),      /* VMOVNTPS */
	ROW(1, 0, 0x2e, W0 | MR),                  /* VUCOMISS */
	ROW(1, 0, 0x2f, W0 | MR),                  /* VCOMISS */
	ROW(1, 0, 0x51, W0 | MR),                  /* VSQRTPS */
	ROW(1, 0, 0x54, W0 | VVVV | MR),           /* VANDPS */
	ROW(1, 0, 0x55, W0 | VVVV | MR),           /* VANDNPS */
	ROW(1, 0, 0x56, W0 | VVVV | MR),           /* VORPS */
	ROW(1, 0, 0x57, W0 | VVVV | MR),           /* VXORPS */
	ROW(1, 0, 0x58, W0 | VVVV | MR),           /* VADDPS */
	ROW(1, 0, 0x59, W0 | VVVV | MR),           /* VMULPS */
	ROW(1, 0, 0x5a, W0 | MR),                  /* VCVTPS2PD */
	ROW(1, 0, 0x5b, WX | MR),                  /* VCVTDQ2PS */
	ROW(1, 0, 0x5c, W0 | VVVV | MR),           /* VSUBPS */
	ROW(1, 0, 0x5d, W0 | VVVV | MR),           /* VMINPS */
	ROW(1, 0, 0x5e, W0 | VVVV | MR),           /* VDIVPS */
	ROW(1, 0, 0x5f, W0 | VVVV | MR),           /* VMAXPS */
	ROW(1, 0, 0x78, WX | MR),                  /* VCVTTPS2UDQ */
	ROW(1, 0, 0x79, WX | MR),                  /* VCVTPS2UDQ */
	ROW(1, 0, 0xc2, W0 | VVVV | MR),           /* VCMPPS */
	ROW(1, 0, 0xc6, W0 | VVVV | MR),           /* VSHUFPS */
	/* map 1, 66 */
	ROW(1, 1, 0x10, W1 | MR | READ(L)),          /* VMOVUPD */
	ROW(1, 1, 0x11, W1 | MR | WRITE(L)),         /* VMOVUPD */
	ROW(1, 1, 0x12, W1 | VVVV | MEM | READ(Q)),  /* VMOVLPD */
	ROW(1, 1, 0x13, W1 | MEM | WRITE(Q)),        /* VMOVLPD */
	ROW(1, 1, 0x14, W1 | VVVV | MR),             /* VUNPCKLPD */
	ROW(1, 1, 0x15, W1 | VVVV | MR),             /* VUNPCKHPD */
	ROW(1, 1, 0x16, W1 | VVVV | MEM | READ(Q)),  /* VMOVHPD */
	ROW(1, 1, 0x17, W1 | MEM | WRITE(Q)),        /* VMOVHPD */
	ROW(1, 1, 0x28, W1 | MR | READ(L)),          /* VMOVAPD */
	ROW(1, 1, 0x29, W1 | MR | WRITE(L)),         /* VMOVAPD */
	ROW(1, 1, 0x2b, W1 | MEM | WRITE(L)),        /* VMOVNTPD */
	ROW(1, 1, 0x2e, W1 | MR),                    /* VUCOMISD */
	ROW(1, 1, 0x2f, W1 | MR),                    /* VCOMISD */
	ROW(1, 1, 0x51, W1 | MR),                    /* VSQRTPD */
	ROW(1, 1, 0x54, W1 | VVVV | MR),             /* VANDPD */
	ROW(1, 1, 0x55, W1 | VVVV | MR),             /* VANDNPD */
	ROW(1, 1, 0x56, W1 | VVVV | MR),             /* VORPD */
	ROW(1, 1, 0x57, W1 | VVVV | MR),             /* VXORPD */
	ROW(1, 1, 0x58, W1 | VVVV | MR),             /* VADDPD */
	ROW(1, 1, 0x59, W1 | VVVV | MR),             /* VMULPD */
	ROW(1, 1, 0x5a, W1 | MR),                    /* VCVTPD2PS */
	ROW(1, 1, 0x5b, W0 | MR),                    /* VCVTPS2DQ */
	ROW(1, 1, 0x5c, W1 | VVVV | MR),             /* VSUBPD */
	ROW(1, 1, 0x5d, W1 | VVVV | MR),             /* VMINPD */
	ROW(1, 1, 0x5e, W1 | VVVV | MR),             /* VDIVPD */
	ROW(1, 1, 0x5f, W1 | VVVV | MR),             /* VMAXPD */
	ROW(1, 1, 0x60, WX | VVVV | MR),             /* VPUNPCKLBW */
	ROW(1, 1, 0x61, WX | VVVV | MR),             /* VPUNPCKLWD */
	ROW(1, 1, 0x62, W0 | VVVV | MR),             /* VPUNPCKLDQ */
	ROW(1, 1, 0x63, WX | VVVV | MR),             /* VPACKSSWB */
	ROW(1, 1, 0x64, WX | VVVV | MR),             /* VPCMPGTB */
	ROW(1, 1, 0x65, WX | VVVV | MR),             /* VPCMPGTW */
	ROW(1, 1, 0x66, W0 | VVVV | MR),             /* VPCMPGTD */
	ROW(1, 1, 0x67, WX | VVVV | MR),             /* VPACKUSWB */
	ROW(1, 1, 0x68, WX | VVVV | MR),             /* VPUNPCKHBW */
	ROW(1, 1, 0x69, WX | VVVV | MR),             /* VPUNPCKHWD */
	ROW(1, 1, 0x6a, W0 | VVVV | MR),             /* VPUNPCKHDQ */
	ROW(1, 1, 0x6b, W0 | VVVV | MR),             /* VPACKSSDW */
	ROW(1, 1, 0x6c, W1 | VVVV | MR),             /* VPUNPCKLQDQ */
	ROW(1, 1, 0x6d, W1 | VVVV | MR),             /* VPUNPCKHQDQ */
	ROW(1, 1, 0x6e, WX | MR | READ(Y)),          /* VMOVD */
	ROW(1, 1, 0x6f, WX | MR | READ(L)),          /* VMOVDQA32 */
	ROW(1, 1, 0x70, W0 | MR),                    /* VPSHUFD */
	ROW(1, 1, 0x71, WX | VVVV | MR | GROUP(54)), /* VPSRLW */
	ROW(1, 1, 0x72, WX | VVVV | MR | GROUP(57)), /* VPRORD */
	ROW(1, 1, 0x73, WX | VVVV | MR | GROUP(cc)), /* VPSRLDQ */
	ROW(1, 1, 0x74, WX | VVVV | MR),             /* VPCMPEQB */
	ROW(1, 1, 0x75, WX | VVVV | MR),             /* VPCMPEQW */
	ROW(1, 1, 0x76, W0 | VVVV | MR),             /* VPCMPEQD */
	ROW(1, 1, 0x78, WX | MR),                    /* VCVTTPS2UQQ */
	ROW(1, 1, 0x79, WX | MR),                    /* VCVTPS2UQQ */
	ROW(1, 1, 0x7a, WX | MR),                    /* VCVTTPS2QQ */
	ROW(1, 1, 0x7b, WX | MR),                    /* VCVTPS2QQ */
	ROW(1, 1, 0x7e, WX | MR | WRITE(Y)),         /* VMOVD */
	ROW(1, 1, 0x7f, WX | MR | WRITE(L)),         /* VMOVDQA32 */
	ROW(1, 1, 0xc2, W1 | VVVV | MR),             /* VCMPPD */
	ROW(1, 1, 0xc4, WX | VVVV | MR),             /* VPINSRW */
	ROW(1, 1, 0xc5, WX | REG),                   /* VPEXTRW */
	ROW(1, 1, 0xc6, W1 | VVVV | MR),             /* VSHUFPD */
	ROW(1, 1, 0xd1, WX | VVVV | MR),             /* VPSRLW */
	ROW(1, 1, 0xd2, W0 | VVVV | MR),             /* VPSRLD */
	ROW(1, 1, 0xd3, W1 | VVVV | MR),             /* VPSRLQ */
	ROW(1, 1, 0xd4, W1 | VVVV | MR),             /* VPADDQ */
	ROW(1, 1, 0xd5, WX | VVVV | MR),             /* VPMULLW */
	ROW(1, 1, 0xd6, W1 | MR | WRITE(Q)),         /* VMOVQ */
	ROW(1, 1, 0xd8, WX | VVVV | MR),             /* VPSUBUSB */
	ROW(1, 1, 0xd9, WX | VVVV | MR),             /* VPSUBUSW */
	ROW(1, 1, 0xda, WX | VVVV | MR),             /* VPMINUB */
	ROW(1, 1, 0xdb, WX | VVVV | MR),             /* VPANDD */
	ROW(1, 1, 0xdc, WX | VVVV | MR),             /* VPADDUSB */
	ROW(1, 1, 0xdd, WX | VVVV | MR),             /* VPADDUSW */
	ROW(1, 1, 0xde, WX | VVVV | MR),             /* VPMAXUB */
	ROW(1, 1, 0xdf, WX | VVVV | MR),             /* VPANDND */
	ROW(1, 1, 0xe0, WX | VVVV | MR),             /* VPAVGB */
	ROW(1, 1, 0xe1, WX | VVVV | MR),             /* VPSRAW */
	ROW(1, 1, 0xe2, WX | VVVV | MR),             /* VPSRAD */
	ROW(1, 1, 0xe3, WX | VVVV | MR),             /* VPAVGW */
	ROW(1, 1, 0xe4, WX | VVVV | MR),             /* VPMULHUW */
	ROW(1, 1, 0xe5, WX | VVVV | MR),             /* VPMULHW */
	ROW(1, 1, 0xe6, W1 | MR),                    /* VCVTTPD2DQ */
	ROW(1, 1, 0xe7, W0 | MEM | WRITE(L)),        /* VMOVNTDQ */
	ROW(1, 1, 0xe8, WX | VVVV | MR),             /* VPSUBSB */
	ROW(1, 1, 0xe9, WX | VVVV | MR),             /* VPSUBSW */
	ROW(1, 1, 0xea, WX | VVVV | MR),             /* VPMINSW */
	ROW(1, 1, 0xeb, WX | VVVV | MR),             /* VPORD */
	ROW(1, 1, 0xec, WX | VVVV | MR),             /* VPADDSB */
	ROW(1, 1, 0xed, WX | VVVV | MR),             /* VPADDSW */
	ROW(1, 1, 0xee, WX | VVVV | MR),             /* VPMAXSW */
	ROW(1, 1, 0xef, WX | VVVV | MR),             /* VPXORD */
	ROW(1, 1, 0xf1, WX | VVVV | MR),             /* VPSLLW */
	ROW(1, 1, 0xf2, W0 | VVVV | MR),             /* VPSLLD */
	ROW(1, 1, 0xf3, W1 | VVVV | MR),             /* VPSLLQ */
	ROW(1, 1, 0xf4, W1 | VVVV | MR),             /* VPMULUDQ */
	ROW(1, 1, 0xf5, WX | VVVV | MR),             /* VPMADDWD */
	ROW(1, 1, 0xf6, WX | VVVV | MR),             /* VPSADBW */
	ROW(1, 1, 0xf8, WX | VVVV | MR),             /* VPSUBB */
	ROW(1, 1, 0xf9, WX | VVVV | MR),             /* VPSUBW */
	ROW(1, 1, 0xfa, W0 | VVVV | MR),             /* VPSUBD */
	ROW(1, 1, 0xfb, W1 | VVVV | MR),             /* VPSUBQ */
	ROW(1, 1, 0xfc, WX | VVVV | MR),             /* VPADDB */
	ROW(1, 1, 0xfd, WX | VVVV | MR),             /* VPADDW */
	ROW(1, 1, 0xfe, W0 | VVVV | MR),             /* VPADDD */
	/* map 1, F3 */
	ROW(1, 2, 0x10, W0 | VVVV | MR | RULE(MERGE) | READ(D)),  /* VMOVSS */
	ROW(1, 2, 0x11, W0 | VVVV | MR | RULE(MERGE) | WRITE(D)), /* VMOVSS */
	ROW(1, 2, 0x12, W0 | MR | READ(L)),                       /* VMOVSLDUP */
	ROW(1, 2, 0x16, W0 | MR | READ(L)),                       /* VMOVSHDUP */
	ROW(1, 2, 0x2a, WX | VVVV | MR),                          /* VCVTSI2SS */
	ROW(1, 2, 0x2c, WX | MR),                                 /* VCVTTSS2SI */
	ROW(1, 2, 0x2d, WX | MR),                                 /* VCVTSS2SI */
	ROW(1, 2, 0x51, W0 | VVVV | MR),                          /* VSQRTSS */
	ROW(1, 2, 0x58, W0 | VVVV | MR),                          /* VADDSS */
	ROW(1, 2, 0x59, W0 | VVVV | MR),                          /* VMULSS */
	ROW(1, 2, 0x5a, W0 | VVVV | MR),                          /* VCVTSS2SD */
	ROW(1, 2, 0x5b, W0 | MR),                                 /* VCVTTPS2DQ */
	ROW(1, 2, 0x5c, W0 | VVVV | MR),                          /* VSUBSS */
	ROW(1, 2, 0x5d, W0 | VVVV | MR),                          /* VMINSS */
	ROW(1, 2, 0x5e, W0 | VVVV | MR),                          /* VDIVSS */
	ROW(1, 2, 0x5f, W0 | VVVV | MR),                          /* VMAXSS */
	ROW(1, 2, 0x6f, WX | MR | READ(L)),                       /* VMOVDQU32 */
	ROW(1, 2, 0x70, WX | MR),                                 /* VPSHUFHW */
	ROW(1, 2, 0x78, WX | MR),                                 /* VCVTTSS2USI */
	ROW(1, 2, 0x79, WX | MR),                                 /* VCVTSS2USI */
	ROW(1, 2, 0x7a, WX | MR),                                 /* VCVTUDQ2PD */
	ROW(1, 2, 0x7b, WX | VVVV | MR),                          /* VCVTUSI2SS */
	ROW(1, 2, 0x7e, W1 | MR | READ(Q)),                       /* VMOVQ */
	ROW(1, 2, 0x7f, WX | MR | WRITE(L)),                      /* VMOVDQU32 */
	ROW(1, 2, 0xc2, W0 | VVVV | MR),                          /* VCMPSS */
	ROW(1, 2, 0xe6, WX | MR),                                 /* VCVTDQ2PD */
	/* map 1, F2 */
	ROW(1, 3, 0x10, W1 | VVVV | MR | RULE(MERGE) | READ(Q)),  /* VMOVSD */
	ROW(1, 3, 0x11, W1 | VVVV | MR | RULE(MERGE) | WRITE(Q)), /* VMOVSD */
	ROW(1, 3, 0x12, W1 | MR | READ(DUP)),                     /* VMOVDDUP */
	ROW(1, 3, 0x2a, WX | VVVV | MR),                          /* VCVTSI2SD */
	ROW(1, 3, 0x2c, WX | MR),                                 /* VCVTTSD2SI */
	ROW(1, 3, 0x2d, WX | MR),                                 /* VCVTSD2SI */
	ROW(1, 3, 0x51, W1 | VVVV | MR),                          /* VSQRTSD */
	ROW(1, 3, 0x58, W1 | VVVV | MR),                          /* VADDSD */
	ROW(1, 3, 0x59, W1 | VVVV | MR),                          /* VMULSD */
	ROW(1, 3, 0x5a, W1 | VVVV | MR),                          /* VCVTSD2SS */
	ROW(1, 3, 0x5c, W1 | VVVV | MR),                          /* VSUBSD */
	ROW(1, 3, 0x5d, W1 | VVVV | MR),                          /* VMINSD */
	ROW(1, 3, 0x5e, W1 | VVVV | MR),                          /* VDIVSD */
	ROW(1, 3, 0x5f, W1 | VVVV | MR),                          /* VMAXSD */
	ROW(1, 3, 0x6f, WX | MR | READ(L)),                       /* VMOVDQU8 */
	ROW(1, 3, 0x70, WX | MR),                                 /* VPSHUFLW */
	ROW(1, 3, 0x78, WX | MR),                                 /* VCVTTSD2USI */
	ROW(1, 3, 0x79, WX | MR),                                 /* VCVTSD2USI */
	ROW(1, 3, 0x7a, WX | MR),                                 /* VCVTUDQ2PS */
	ROW(1, 3, 0x7b, WX | VVVV | MR),                          /* VCVTUSI2SD */
	ROW(1, 3, 0x7f, WX | MR | WRITE(L)),                      /* VMOVDQU8 */
	ROW(1, 3, 0xc2, W1 | VVVV | MR),                          /* VCMPSD */
	ROW(1, 3, 0xe6, W1 | MR),                                 /* VCVTPD2DQ */
	/* map 2, 66 */
	ROW(2, 1, 0x00, WX | VVVV | MR),                      /* VPSHUFB */
	ROW(2, 1, 0x04, WX | VVVV | MR),                      /* VPMADDUBSW */
	ROW(2, 1, 0x0b, WX | VVVV | MR),                      /* VPMULHRSW */
	ROW(2, 1, 0x0c, W0 | VVVV | MR),                      /* VPERMILPS */
	ROW(2, 1, 0x0d, W1 | VVVV | MR),                      /* VPERMILPD */
	ROW(2, 1, 0x10, W1 | VVVV | MR),                      /* VPSRLVW */
	ROW(2, 1, 0x11, W1 | VVVV | MR),                      /* VPSRAVW */
	ROW(2, 1, 0x12, W1 | VVVV | MR),                      /* VPSLLVW */
	ROW(2, 1, 0x13, W0 | MR),                             /* VCVTPH2PS */
	ROW(2, 1, 0x14, WX | VVVV | MR),                      /* VPRORVD */
	ROW(2, 1, 0x15, WX | VVVV | MR),                      /* VPROLVD */
	ROW(2, 1, 0x16, WX | VVVV | MR),                      /* VPERMPS */
	ROW(2, 1, 0x18, W0 | MR),                             /* VBROADCASTSS */
	ROW(2, 1, 0x19, WX | MR),                             /* VBROADCASTF32X2 */
	ROW(2, 1, 0x1a, WX | MEM),                            /* VBROADCASTF32X4 */
	ROW(2, 1, 0x1b, WX | MEM),                            /* VBROADCASTF32X8 */
	ROW(2, 1, 0x1c, WX | MR),                             /* VPABSB */
	ROW(2, 1, 0x1d, WX | MR),                             /* VPABSW */
	ROW(2, 1, 0x1e, W0 | MR),                             /* VPABSD */
	ROW(2, 1, 0x1f, W1 | MR),                             /* VPABSQ */
	ROW(2, 1, 0x20, WX | MR),                             /* VPMOVSXBW */
	ROW(2, 1, 0x21, WX | MR),                             /* VPMOVSXBD */
	ROW(2, 1, 0x22, WX | MR),                             /* VPMOVSXBQ */
	ROW(2, 1, 0x23, WX | MR),                             /* VPMOVSXWD */
	ROW(2, 1, 0x24, WX | MR),                             /* VPMOVSXWQ */
	ROW(2, 1, 0x25, W0 | MR),                             /* VPMOVSXDQ */
	ROW(2, 1, 0x26, WX | VVVV | MR),                      /* VPTESTMB */
	ROW(2, 1, 0x27, WX | VVVV | MR),                      /* VPTESTMD */
	ROW(2, 1, 0x28, W1 | VVVV | MR),                      /* VPMULDQ */
	ROW(2, 1, 0x29, W1 | VVVV | MR),                      /* VPCMPEQQ */
	ROW(2, 1, 0x2a, W0 | MEM | READ(L)),                  /* VMOVNTDQA */
	ROW(2, 1, 0x2b, W0 | VVVV | MR),                      /* VPACKUSDW */
	ROW(2, 1, 0x2c, WX | VVVV | MR),                      /* VSCALEFPS */
	ROW(2, 1, 0x2d, WX | VVVV | MR),                      /* VSCALEFSS */
	ROW(2, 1, 0x30, WX | MR),                             /* VPMOVZXBW */
	ROW(2, 1, 0x31, WX | MR),                             /* VPMOVZXBD */
	ROW(2, 1, 0x32, WX | MR),                             /* VPMOVZXBQ */
	ROW(2, 1, 0x33, WX | MR),                             /* VPMOVZXWD */
	ROW(2, 1, 0x34, WX | MR),                             /* VPMOVZXWQ */
	ROW(2, 1, 0x35, W0 | MR),                             /* VPMOVZXDQ */
	ROW(2, 1, 0x36, WX | VVVV | MR),                      /* VPERMD */
	ROW(2, 1, 0x37, W1 | VVVV | MR),                      /* VPCMPGTQ */
	ROW(2, 1, 0x38, WX | VVVV | MR),                      /* VPMINSB */
	ROW(2, 1, 0x39, WX | VVVV | MR),                      /* VPMINSD */
	ROW(2, 1, 0x3a, WX | VVVV | MR),                      /* VPMINUW */
	ROW(2, 1, 0x3b, WX | VVVV | MR),                      /* VPMINUD */
	ROW(2, 1, 0x3c, WX | VVVV | MR),                      /* VPMAXSB */
	ROW(2, 1, 0x3d, WX | VVVV | MR),                      /* VPMAXSD */
	ROW(2, 1, 0x3e, WX | VVVV | MR),                      /* VPMAXUW */
	ROW(2, 1, 0x3f, WX | VVVV | MR),                      /* VPMAXUD */
	ROW(2, 1, 0x40, WX | VVVV | MR),                      /* VPMULLD */
	ROW(2, 1, 0x42, WX | MR),                             /* VGETEXPPS */
	ROW(2, 1, 0x43, WX | VVVV | MR),                      /* VGETEXPSS */
	ROW(2, 1, 0x44, WX | MR),                             /* VPLZCNTD */
	ROW(2, 1, 0x45, WX | VVVV | MR),                      /* VPSRLVD */
	ROW(2, 1, 0x46, WX | VVVV | MR),                      /* VPSRAVD */
	ROW(2, 1, 0x47, WX | VVVV | MR),                      /* VPSLLVD */
	ROW(2, 1, 0x4c, WX | MR),                             /* VRCP14PS */
	ROW(2, 1, 0x4d, WX | VVVV | MR),                      /* VRCP14SS */
	ROW(2, 1, 0x4e, WX | MR),                             /* VRSQRT14PS */
	ROW(2, 1, 0x4f, WX | VVVV | MR),                      /* VRSQRT14SS */
	ROW(2, 1, 0x50, W0 | VVVV | MR),                      /* VPDPBUSD */
	ROW(2, 1, 0x51, W0 | VVVV | MR),                      /* VPDPBUSDS */
	ROW(2, 1, 0x52, W0 | VVVV | MR),                      /* VPDPWSSD */
	ROW(2, 1, 0x53, W0 | VVVV | MR),                      /* VPDPWSSDS */
	ROW(2, 1, 0x54, WX | MR),                             /* VPOPCNTB */
	ROW(2, 1, 0x55, WX | MR),                             /* VPOPCNTD */
	ROW(2, 1, 0x58, W0 | MR),                             /* VPBROADCASTD */
	ROW(2, 1, 0x59, WX | MR),                             /* VBROADCASTI32X2 */
	ROW(2, 1, 0x5a, WX | MEM),                            /* VBROADCASTI32X4 */
	ROW(2, 1, 0x5b, WX | MEM),                            /* VBROADCASTI32X8 */
	ROW(2, 1, 0x62, WX | MR),                             /* VPEXPANDB */
	ROW(2, 1, 0x63, WX | MR),                             /* VPCOMPRESSB */
	ROW(2, 1, 0x64, WX | VVVV | MR),                      /* VPBLENDMD */
	ROW(2, 1, 0x65, WX | VVVV | MR),                      /* VBLENDMPS */
	ROW(2, 1, 0x66, WX | VVVV | MR),                      /* VPBLENDMB */
	ROW(2, 1, 0x70, W1 | VVVV | MR),                      /* VPSHLDVW */
	ROW(2, 1, 0x71, WX | VVVV | MR),                      /* VPSHLDVD */
	ROW(2, 1, 0x72, W1 | VVVV | MR),                      /* VPSHRDVW */
	ROW(2, 1, 0x73, WX | VVVV | MR),                      /* VPSHRDVD */
	ROW(2, 1, 0x75, WX | VVVV | MR),                      /* VPERMI2B */
	ROW(2, 1, 0x76, WX | VVVV | MR),                      /* VPERMI2D */
	ROW(2, 1, 0x77, WX | VVVV | MR),                      /* VPERMI2PS */
	ROW(2, 1, 0x78, W0 | MR),                             /* VPBROADCASTB */
	ROW(2, 1, 0x79, W0 | MR),                             /* VPBROADCASTW */
	ROW(2, 1, 0x7a, W0 | REG),                            /* VPBROADCASTB */
	ROW(2, 1, 0x7b, W0 | REG),                            /* VPBROADCASTW */
	ROW(2, 1, 0x7c, WX | REG),                            /* VPBROADCASTD */
	ROW(2, 1, 0x7d, WX | VVVV | MR),                      /* VPERMT2B */
	ROW(2, 1, 0x7e, WX | VVVV | MR),                      /* VPERMT2D */
	ROW(2, 1, 0x7f, WX | VVVV | MR),                      /* VPERMT2PS */
	ROW(2, 1, 0x83, W1 | VVVV | MR),                      /* VPMULTISHIFTQB */
	ROW(2, 1, 0x88, WX | MR),                             /* VEXPANDPS */
	ROW(2, 1, 0x89, WX | MR),                             /* VPEXPANDD */
	ROW(2, 1, 0x8a, WX | MR),                             /* VCOMPRESSPS */
	ROW(2, 1, 0x8b, WX | MR),                             /* VPCOMPRESSD */
	ROW(2, 1, 0x8d, WX | VVVV | MR),                      /* VPERMB */
	ROW(2, 1, 0x8f, W0 | VVVV | MR),                      /* VPSHUFBITQMB */
	ROW(2, 1, 0x90, WX | MEM | RULE(GATHER)),             /* VPGATHERDD */
	ROW(2, 1, 0x91, WX | MEM | RULE(GATHER)),             /* VPGATHERQD */
	ROW(2, 1, 0x92, WX | MEM | RULE(GATHER)),             /* VGATHERDPS */
	ROW(2, 1, 0x93, WX | MEM | RULE(GATHER)),             /* VGATHERQPS */
	ROW(2, 1, 0x96, WX | VVVV | MR),                      /* VFMADDSUB132PS */
	ROW(2, 1, 0x97, WX | VVVV | MR),                      /* VFMSUBADD132PS */
	ROW(2, 1, 0x98, WX | VVVV | MR),                      /* VFMADD132PS */
	ROW(2, 1, 0x99, WX | VVVV | MR),                      /* VFMADD132SS */
	ROW(2, 1, 0x9a, WX | VVVV | MR),                      /* VFMSUB132PS */
	ROW(2, 1, 0x9b, WX | VVVV | MR),                      /* VFMSUB132SS */
	ROW(2, 1, 0x9c, WX | VVVV | MR),                      /* VFNMADD132PS */
	ROW(2, 1, 0x9d, WX | VVVV | MR),                      /* VFNMADD132SS */
	ROW(2, 1, 0x9e, WX | VVVV | MR),                      /* VFNMSUB132PS */
	ROW(2, 1, 0x9f, WX | VVVV | MR),                      /* VFNMSUB132SS */
	ROW(2, 1, 0xa0, WX | MEM | RULE(GATHER)),             /* VPSCATTERDD */
	ROW(2, 1, 0xa1, WX | MEM | RULE(GATHER)),             /* VPSCATTERQD */
	ROW(2, 1, 0xa2, WX | MEM | RULE(GATHER)),             /* VSCATTERDPS */
	ROW(2, 1, 0xa3, WX | MEM | RULE(GATHER)),             /* VSCATTERQPS */
	ROW(2, 1, 0xa6, WX | VVVV | MR),                      /* VFMADDSUB213PS */
	ROW(2, 1, 0xa7, WX | VVVV | MR),                      /* VFMSUBADD213PS */
	ROW(2, 1, 0xa8, WX | VVVV | MR),                      /* VFMADD213PS */
	ROW(2, 1, 0xa9, WX | VVVV | MR),                      /* VFMADD213SS */
	ROW(2, 1, 0xaa, WX | VVVV | MR),                      /* VFMSUB213PS */
	ROW(2, 1, 0xab, WX | VVVV | MR),                      /* VFMSUB213SS */
	ROW(2, 1, 0xac, WX | VVVV | MR),                      /* VFNMADD213PS */
	ROW(2, 1, 0xad, WX | VVVV | MR),                      /* VFNMADD213SS */
	ROW(2, 1, 0xae, WX | VVVV | MR),                      /* VFNMSUB213PS */
	ROW(2, 1, 0xaf, WX | VVVV | MR),                      /* VFNMSUB213SS */
	ROW(2, 1, 0xb4, W1 | VVVV | MR),                      /* VPMADD52LUQ */
	ROW(2, 1, 0xb5, W1 | VVVV | MR),                      /* VPMADD52HUQ */
	ROW(2, 1, 0xb6, WX | VVVV | MR),                      /* VFMADDSUB231PS */
	ROW(2, 1, 0xb7, WX | VVVV | MR),                      /* VFMSUBADD231PS */
	ROW(2, 1, 0xb8, WX | VVVV | MR),                      /* VFMADD231PS */
	ROW(2, 1, 0xb9, WX | VVVV | MR),                      /* VFMADD231SS */
	ROW(2, 1, 0xba, WX | VVVV | MR),                      /* VFMSUB231PS */
	ROW(2, 1, 0xbb, WX | VVVV | MR),                      /* VFMSUB231SS */
	ROW(2, 1, 0xbc, WX | VVVV | MR),                      /* VFNMADD231PS */
	ROW(2, 1, 0xbd, WX | VVVV | MR),                      /* VFNMADD231SS */
	ROW(2, 1, 0xbe, WX | VVVV | MR),                      /* VFNMSUB231PS */
	ROW(2, 1, 0xbf, WX | VVVV | MR),                      /* VFNMSUB231SS */
	ROW(2, 1, 0xc4, WX | MR),                             /* VPCONFLICTD */
	ROW(2, 1, 0xc6, WX | MEM | GROUP(66) | RULE(GATHER)), /* VGATHERPF0DPS */
	ROW(2, 1, 0xc7, WX | MEM | GROUP(66) | RULE(GATHER)), /* VGATHERPF0QPS */
	ROW(2, 1, 0xc8, WX | MR),                             /* VEXP2PS */
	ROW(2, 1, 0xca, WX | MR),                             /* VRCP28PS */
	ROW(2, 1, 0xcb, WX | VVVV | MR),                      /* VRCP28SS */
	ROW(2, 1, 0xcc, WX | MR),                             /* VRSQRT28PS */
	ROW(2, 1, 0xcd, WX | VVVV | MR),                      /* VRSQRT28SS */
	ROW(2, 1, 0xcf, W0 | VVVV | MR),                      /* VGF2P8MULB */
	ROW(2, 1, 0xdc, WX | VVVV | MR),                      /* VAESENC */
	ROW(2, 1, 0xdd, WX | VVVV | MR),                      /* VAESENCLAST */
	ROW(2, 1, 0xde, WX | VVVV | MR),                      /* VAESDEC */
	ROW(2, 1, 0xdf, WX | VVVV | MR),                      /* VAESDECLAST */
	/* map 2, F3 */
	ROW(2, 2, 0x10, W0 | MR),        /* VPMOVUSWB */
	ROW(2, 2, 0x11, W0 | MR),        /* VPMOVUSDB */
	ROW(2, 2, 0x12, W0 | MR),        /* VPMOVUSQB */
	ROW(2, 2, 0x13, W0 | MR),        /* VPMOVUSDW */
	ROW(2, 2, 0x14, W0 | MR),        /* VPMOVUSQW */
	ROW(2, 2, 0x15, W0 | MR),        /* VPMOVUSQD */
	ROW(2, 2, 0x20, W0 | MR),        /* VPMOVSWB */
	ROW(2, 2, 0x21, W0 | MR),        /* VPMOVSDB */
	ROW(2, 2, 0x22, W0 | MR),        /* VPMOVSQB */
	ROW(2, 2, 0x23, W0 | MR),        /* VPMOVSDW */
	ROW(2, 2, 0x24, W0 | MR),        /* VPMOVSQW */
	ROW(2, 2, 0x25, W0 | MR),        /* VPMOVSQD */
	ROW(2, 2, 0x26, WX | VVVV | MR), /* VPTESTNMB */
	ROW(2, 2, 0x27, WX | VVVV | MR), /* VPTESTNMD */
	ROW(2, 2, 0x28, WX | REG),       /* VPMOVM2B */
	ROW(2, 2, 0x29, WX | REG),       /* VPMOVB2M */
	ROW(2, 2, 0x2a, W1 | REG),       /* VPBROADCASTMB2Q */
	ROW(2, 2, 0x30, W0 | MR),        /* VPMOVWB */
	ROW(2, 2, 0x31, W0 | MR),        /* VPMOVDB */
	ROW(2, 2, 0x32, W0 | MR),        /* VPMOVQB */
	ROW(2, 2, 0x33, W0 | MR),        /* VPMOVDW */
	ROW(2, 2, 0x34, W0 | MR),        /* VPMOVQW */
	ROW(2, 2, 0x35, W0 | MR),        /* VPMOVQD */
	ROW(2, 2, 0x38, WX | REG),       /* VPMOVM2D */
	ROW(2, 2, 0x39, WX | REG),       /* VPMOVD2M */
	ROW(2, 2, 0x3a, W0 | REG),       /* VPBROADCASTMW2D */
	ROW(2, 2, 0x52, W0 | VVVV | MR), /* VDPBF16PS */
	ROW(2, 2, 0x72, W0 | MR),        /* VCVTNEPS2BF16 */
	/* map 2, F2 */
	ROW(2, 3, 0x52, W0 | VVVV | MEM), /* VP4DPWSSD */
	ROW(2, 3, 0x53, W0 | VVVV | MEM), /* VP4DPWSSDS */
	ROW(2, 3, 0x68, WX | VVVV | MR),  /* VP2INTERSECTD */
	ROW(2, 3, 0x72, W0 | VVVV | MR),  /* VCVTNE2PS2BF16 */
	ROW(2, 3, 0x9a, W0 | VVVV | MEM), /* V4FMADDPS */
	ROW(2, 3, 0x9b, W0 | VVVV | MEM), /* V4FMADDSS */
	ROW(2, 3, 0xaa, W0 | VVVV | MEM), /* V4FNMADDPS */
	ROW(2, 3, 0xab, W0 | VVVV | MEM), /* V4FNMADDSS */
	/* map 3, no prefix */
	ROW(3, 0, 0x08, W0 | MR),        /* VRNDSCALEPH */
	ROW(3, 0, 0x0a, W0 | VVVV | MR), /* VRNDSCALESH */
	ROW(3, 0, 0x26, W0 | MR),        /* VGETMANTPH */
	ROW(3, 0, 0x27, W0 | VVVV | MR), /* VGETMANTSH */
	ROW(3, 0, 0x56, W0 | MR),        /* VREDUCEPH */
	ROW(3, 0, 0x57, W0 | VVVV | MR), /* VREDUCESH */
	ROW(3, 0, 0x66, W0 | MR),        /* VFPCLASSPH */
	ROW(3, 0, 0x67, W0 | MR),        /* VFPCLASSSH */
	ROW(3, 0, 0xc2, W0 | VVVV | MR), /* VCMPPH */
	/* map 3, 66 */
	ROW(3, 1, 0x00, W1 | MR),        /* VPERMQ */
	ROW(3, 1, 0x01, W1 | MR),        /* VPERMPD */
	ROW(3, 1, 0x03, WX | VVVV | MR), /* VALIGND */
	ROW(3, 1, 0x04, W0 | MR),        /* VPERMILPS */
	ROW(3, 1, 0x05, W1 | MR),        /* VPERMILPD */
	ROW(3, 1, 0x08, W0 | MR),        /* VRNDSCALEPS */
	ROW(3, 1, 0x09, W1 | MR),        /* VRNDSCALEPD */
	ROW(3, 1, 0x0a, W0 | VVVV | MR), /* VRNDSCALESS */
	ROW(3, 1, 0x0b, W1 | VVVV | MR), /* VRNDSCALESD */
	ROW(3, 1, 0x0f, WX | VVVV | MR), /* VPALIGNR */
	ROW(3, 1, 0x14, WX | MR),        /* VPEXTRB */
	ROW(3, 1, 0x15, WX | MR),        /* VPEXTRW */
	ROW(3, 1, 0x16, WX | MR),        /* VPEXTRD */
	ROW(3, 1, 0x17, WX | MR),        /* VEXTRACTPS */
	ROW(3, 1, 0x18, WX | VVVV | MR), /* VINSERTF32X4 */
	ROW(3, 1, 0x19, WX | MR),        /* VEXTRACTF32X4 */
	ROW(3, 1, 0x1a, WX | VVVV | MR), /* VINSERTF32X8 */
	ROW(3, 1, 0x1b, WX | MR),        /* VEXTRACTF32X8 */
	ROW(3, 1, 0x1d, W0 | MR),        /* VCVTPS2PH */
	ROW(3, 1, 0x1e, WX | VVVV | MR), /* VPCMPUD */
	ROW(3, 1, 0x1f, WX | VVVV | MR), /* VPCMPD */
	ROW(3, 1, 0x20, WX | VVVV | MR), /* VPINSRB */
	ROW(3, 1, 0x21, W0 | VVVV | MR), /* VINSERTPS */
	ROW(3, 1, 0x22, WX | VVVV | MR), /* VPINSRD */
	ROW(3, 1, 0x23, WX | VVVV | MR), /* VSHUFF32X4 */
	ROW(3, 1, 0x25, WX | VVVV | MR), /* VPTERNLOGD */
	ROW(3, 1, 0x26, WX | MR),        /* VGETMANTPS */
	ROW(3, 1, 0x27, WX | VVVV | MR), /* VGETMANTSS */
	ROW(3, 1, 0x38, WX | VVVV | MR), /* VINSERTI32X4 */
	ROW(3, 1, 0x39, WX | MR),        /* VEXTRACTI32X4 */
	ROW(3, 1, 0x3a, WX | VVVV | MR), /* VINSERTI32X8 */
	ROW(3, 1, 0x3b, WX | MR),        /* VEXTRACTI32X8 */
	ROW(3, 1, 0x3e, WX | VVVV | MR), /* VPCMPUB */
	ROW(3, 1, 0x3f, WX | VVVV | MR), /* VPCMPB */
	ROW(3, 1, 0x42, W0 | VVVV | MR), /* VDBPSADBW */
	ROW(3, 1, 0x43, WX | VVVV | MR), /* VSHUFI32X4 */
	ROW(3, 1, 0x44, WX | VVVV | MR), /* VPCLMULQDQ */
	ROW(3, 1, 0x50, WX | VVVV | MR), /* VRANGEPS */
	ROW(3, 1, 0x51, WX | VVVV | MR), /* VRANGESS */
	ROW(3, 1, 0x54, WX | VVVV | MR), /* VFIXUPIMMPS */
	ROW(3, 1, 0x55, WX | VVVV | MR), /* VFIXUPIMMSS */
	ROW(3, 1, 0x56, WX | MR),        /* VREDUCEPS */
	ROW(3, 1, 0x57, WX | VVVV | MR), /* VREDUCESS */
	ROW(3, 1, 0x66, WX | MR),        /* VFPCLASSPS */
	ROW(3, 1, 0x67, WX | MR),        /* VFPCLASSSS */
	ROW(3, 1, 0x70, W1 | VVVV | MR), /* VPSHLDW */
	ROW(3, 1, 0x71, WX | VVVV | MR), /* VPSHLDD */
	ROW(3, 1, 0x72, W1 | VVVV | MR), /* VPSHRDW */
	ROW(3, 1, 0x73, WX | VVVV | MR), /* VPSHRDD */
	ROW(3, 1, 0xce, W1 | VVVV | MR), /* VGF2P8AFFINEQB */
	ROW(3, 1, 0xcf, W1 | VVVV | MR), /* VGF2P8AFFINEINVQB */
	/* map 3, F3 */
	ROW(3, 2, 0xc2, W0 | VVVV | MR), /* VCMPSH */
	/* map 5, no prefix */
	ROW(5, 0, 0x1d, W0 | VVVV | MR), /* VCVTSS2SH */
	ROW(5, 0, 0x2e, W0 | MR),        /* VUCOMISH */
	ROW(5, 0, 0x2f, W0 | MR),        /* VCOMISH */
	ROW(5, 0, 0x51, W0 | MR),        /* VSQRTPH */
	ROW(5, 0, 0x58, W0 | VVVV | MR), /* VADDPH */
	ROW(5, 0, 0x59, W0 | VVVV | MR), /* VMULPH */
	ROW(5, 0, 0x5a, W0 | MR),        /* VCVTPH2PD */
	ROW(5, 0, 0x5b, WX | MR),        /* VCVTDQ2PH */
	ROW(5, 0, 0x5c, W0 | VVVV | MR), /* VSUBPH */
	ROW(5, 0, 0x5d, W0 | VVVV | MR), /* VMINPH */
	ROW(5, 0, 0x5e, W0 | VVVV | MR), /* VDIVPH */
	ROW(5, 0, 0x5f, W0 | VVVV | MR), /* VMAXPH */
	ROW(5, 0, 0x78, W0 | MR),        /* VCVTTPH2UDQ */
	ROW(5, 0, 0x79, W0 | MR),        /* VCVTPH2UDQ */
	ROW(5, 0, 0x7c, W0 | MR),        /* VCVTTPH2UW */
	ROW(5, 0, 0x7d, W0 | MR),        /* VCVTPH2UW */
	/* map 5, 66 */
	ROW(5, 1, 0x1d, W0 | MR), /* VCVTPS2PHX */
	ROW(5, 1, 0x5a, W1 | MR), /* VCVTPD2PH */
	ROW(5, 1, 0x5b, W0 | MR), /* VCVTPH2DQ */
	ROW(5, 1, 0x6e, WX | MR), /* VMOVW */
	ROW(5, 1, 0x78, W0 | MR), /* VCVTTPH2UQQ */
	ROW(5, 1, 0x79, W0 | MR), /* VCVTPH2UQQ */
	ROW(5, 1, 0x7a, W0 | MR), /* VCVTTPH2QQ */
	ROW(5, 1, 0x7b, W0 | MR), /* VCVTPH2QQ */
	ROW(5, 1, 0x7c, W0 | MR), /* VCVTTPH2W */
	ROW(5, 1, 0x7d, W0 | MR), /* VCVTPH2W */
	ROW(5, 1, 0x7e, WX | MR), /* VMOVW */
	/* map 5, F3 */
	ROW(5, 2, 0x10, W0 | VVVV | MR | RULE(MERGE)), /* VMOVSH */
	ROW(5, 2, 0x11, W0 | VVVV | MR | RULE(MERGE)), /* VMOVSH */
	ROW(5, 2, 0x2a, WX | VVVV | MR),               /* VCVTSI2SH */
	ROW(5, 2, 0x2c, WX | MR),                      /* VCVTTSH2SI */
	ROW(5, 2, 0x2d, WX | MR),                      /* VCVTSH2SI */
	ROW(5, 2, 0x51, W0 | VVVV | MR),               /* VSQRTSH */
	ROW(5, 2, 0x58, W0 | VVVV | MR),               /* VADDSH */
	ROW(5, 2, 0x59, W0 | VVVV | MR),               /* VMULSH */
	ROW(5, 2, 0x5a, W0 | VVVV | MR),               /* VCVTSH2SD */
	ROW(5, 2, 0x5b, W0 | MR),                      /* VCVTTPH2DQ */
	ROW(5, 2, 0x5c, W0 | VVVV | MR),               /* VSUBSH */
	ROW(5, 2, 0x5d, W0 | VVVV | MR),               /* VMINSH */
	ROW(5, 2, 0x5e, W0 | VVVV | MR),               /* VDIVSH */
	ROW(5, 2, 0x5f, W0 | VVVV | MR),               /* VMAXSH */
	ROW(5, 2, 0x78, WX | MR),                      /* VCVTTSH2USI */
	ROW(5, 2, 0x79, WX | MR),                      /* VCVTSH2USI */
	ROW(5, 2, 0x7b, WX | VVVV | MR),               /* VCVTUSI2SH */
	ROW(5, 2, 0x7d, W0 | MR),                      /* VCVTW2PH */
	/* map 5, F2 */
	ROW(5, 3, 0x5a, W1 | VVVV | MR), /* VCVTSD2SH */
	ROW(5, 3, 0x7a, WX | MR),        /* VCVTUDQ2PH */
	ROW(5, 3, 0x7d, W0 | MR),        /* VCVTUW2PH */
	/* map 6, no prefix */
	ROW(6, 0, 0x13, W0 | VVVV | MR), /* VCVTSH2SS */
	/* map 6, 66 */
	ROW(6, 1, 0x13, W0 | MR),        /* VCVTPH2PSX */
	ROW(6, 1, 0x2c, W0 | VVVV | MR), /* VSCALEFPH */
	ROW(6, 1, 0x2d, W0 | VVVV | MR), /* VSCALEFSH */
	ROW(6, 1, 0x42, W0 | MR),        /* VGETEXPPH */
	ROW(6, 1, 0x43, W0 | VVVV | MR), /* VGETEXPSH */
	ROW(6, 1, 0x4c, W0 | MR),        /* VRCPPH */
	ROW(6, 1, 0x4d, W0 | VVVV | MR), /* VRCPSH */
	ROW(6, 1, 0x4e, W0 | MR),        /* VRSQRTPH */
	ROW(6, 1, 0x4f, W0 | VVVV | MR), /* VRSQRTSH */
	ROW(6, 1, 0x96, W0 | VVVV | MR), /* VFMADDSUB132PH */
	ROW(6, 1, 0x97, W0 | VVVV | MR), /* VFMSUBADD132PH */
	ROW(6, 1, 0x98, W0 | VVVV | MR), /* VFMADD132PH */
	ROW(6, 1, 0x99, W0 | VVVV | MR), /* VFMADD132SH */
	ROW(6, 1, 0x9a, W0 | VVVV | MR), /* VFMSUB132PH */
	ROW(6, 1, 0x9b, W0 | VVVV | MR), /* VFMSUB132SH */
	ROW(6, 1, 0x9c, W0 | VVVV | MR), /* VFNMADD132PH */
	ROW(6, 1, 0x9d, W0 | VVVV | MR), /* VFNMADD132SH */
	ROW(6, 1, 0x9e, W0 | VVVV | MR), /* VFNMSUB132PH */
	ROW(6, 1, 0x9f, W0 | VVVV | MR), /* VFNMSUB132SH */
	ROW(6, 1, 0xa6, W0 | VVVV | MR), /* VFMADDSUB213PH */
	ROW(6, 1, 0xa7, W0 | VVVV | MR), /* VFMSUBADD213PH */
	ROW(6, 1, 0xa8, W0 | VVVV | MR), /* VFMADD213PH */
	ROW(6, 1, 0xa9, W0 | VVVV | MR), /* VFMADD213SH */
	ROW(6, 1, 0xaa, W0 | VVVV | MR), /* VFMSUB213PH */
	ROW(6, 1, 0xab, W0 | VVVV | MR), /* VFMSUB213SH */
	ROW(6, 1, 0xac, W0 | VVVV | MR), /* VFNMADD213PH */
	ROW(6, 1, 0xad, W0 | VVVV | MR), /* VFNMADD213SH */
	ROW(6, 1, 0xae, W0 | VVVV | MR), /* VFNMSUB213PH */
	ROW(6, 1, 0xaf, W0 | VVVV | MR), /* VFNMSUB213SH */
	ROW(6, 1, 0xb6, W0 | VVVV | MR), /* VFMADDSUB231PH */
	ROW(6, 1, 0xb7, W0 | VVVV | MR), /* VFMSUBADD231PH */
	ROW(6, 1, 0xb8, W0 | VVVV | MR), /* VFMADD231PH */
	ROW(6, 1, 0xb9, W0 | VVVV | MR), /* VFMADD231SH */
	ROW(6, 1, 0xba, W0 | VVVV | MR), /* VFMSUB231PH */
	ROW(6, 1, 0xbb, W0 | VVVV | MR), /* VFMSUB231SH */
	ROW(6, 1, 0xbc, W0 | VVVV | MR), /* VFNMADD231PH */
	ROW(6, 1, 0xbd, W0 | VVVV | MR), /* VFNMADD231SH */
	ROW(6, 1, 0xbe, W0 | VVVV | MR), /* VFNMSUB231PH */
	ROW(6, 1, 0xbf, W0 | VVVV | MR), /* VFNMSUB231SH */
	/* map 6, F3 */
	ROW(6, 2, 0x56, W0 | VVVV | MR), /* VFMADDCPH */
	ROW(6, 2, 0x57, W0 | VVVV | MR), /* VFMADDCSH */
	ROW(6, 2, 0xd6, W0 | VVVV | MR), /* VFMULCPH */
	ROW(6, 2, 0xd7, W0 | VVVV | MR), /* VFMULCSH */
	/* map 6, F2 */
	ROW(6, 3, 0x56, W0 | VVVV | MR), /* VFCMADDCPH */
	ROW(6, 3, 0x57, W0 | VVVV | MR), /* VFCMADDCSH */
	ROW(6, 3, 0xd6, W0 | VVVV | MR), /* VFCMULCPH */
	ROW(6, 3, 0xd7, W0 | VVVV | MR), /* VFCMULCSH */
};

const struct vector_map vector_evex = {evex_rows, ARRAY_SIZE(evex_rows)};

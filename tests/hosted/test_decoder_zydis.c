// SPDX-License-Identifier: Apache-2.0
/*
 * The instruction decoder against Zydis, an independent one: over many byte strings both find the
 * same instructions, of the same length, with the same memory operands. What differs on purpose
 * stands in the table of differences.
 *
 * BULKHEAD_SOAK=N runs about N times as many byte strings.
 */
#include "test.h"

#include <Zydis/Zydis.h>

#include "core/types.h"
#include "decoder/decoder.h"

/* Mismatches printed before the rest is only counted. */
#define SHOWN 40u

enum finding {
	FINDING_SAME,
	FINDING_WE_ACCEPT, /* Zydis says that there is no such instruction */
	FINDING_WE_REFUSE,
	FINDING_LENGTH,
	FINDING_OPERAND,
	FINDING_MEMORY, /* whether memory is touched at all */
};

static const char *const finding_names[] = {
	[FINDING_SAME] = "the same",
	[FINDING_WE_ACCEPT] = "accepted, Zydis refuses",
	[FINDING_WE_REFUSE] = "refused, Zydis accepts",
	[FINDING_LENGTH] = "lengths differ",
	[FINDING_OPERAND] = "memory operands differ",
	[FINDING_MEMORY] = "differ in whether memory is touched",
};

static const struct {
	enum decode_mode mode;
	ZydisMachineMode machine;
	ZydisStackWidth stack;
	bool amd_branches;
	const char *name;
} modes[] = {
	{DECODE_16, ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_STACK_WIDTH_16, true, "16"},
	{DECODE_32, ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32, true, "32"},
	{DECODE_64, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64, true, "64"},
	{DECODE_64_INTEL, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64, false, "64 (Intel)"},
};

static ZydisDecoder decoders[ARRAY_SIZE(modes)];
static uint64_t compared, accepted, described;
static unsigned int mismatches;

/* The same stream of numbers every time: splitmix64. */
static uint64_t random_state;

static uint64_t random_number(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* Our numbers of registers from theirs. */
static uint8_t register_number(ZydisRegister reg)
{
	switch (ZydisRegisterGetClass(reg)) {
	case ZYDIS_REGCLASS_GPR16:
	case ZYDIS_REGCLASS_GPR32:
	case ZYDIS_REGCLASS_GPR64:
		return (uint8_t)ZydisRegisterGetId(reg);
	case ZYDIS_REGCLASS_IP:
		return REGISTER_RIP;
	default:
		return REGISTER_NONE;
	}
}

static bool touches(const ZydisDecodedOperand *operand)
{
	return operand->type == ZYDIS_OPERAND_TYPE_MEMORY && operand->actions != 0 &&
	       operand->mem.type != ZYDIS_MEMOP_TYPE_AGEN &&
	       operand->mem.type != ZYDIS_MEMOP_TYPE_MIB;
}

static bool same_operand(const struct memory_operand *ours, const ZydisDecodedOperand *theirs,
			 const struct instruction *insn)
{
	const ZydisDecodedOperandMem *mem = &theirs->mem;
	uint8_t access = 0;
	uint8_t index = register_number(mem->index);
	int64_t displacement = mem->disp.value;

	if (theirs->actions & ZYDIS_OPERAND_ACTION_MASK_READ)
		access |= MEMORY_READ;
	if (theirs->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
		access |= MEMORY_WRITE;
	bool same_displacement = displacement == ours->displacement;

	if (!insn->has_modrm) /* only the address size counts: Zydis extends by the sign */
		same_displacement = ((uint64_t)(displacement ^ ours->displacement) &
				     UINT64_MAX >> (64 - 8 * insn->address_size)) == 0;
	return ours->access == access && ours->size * 8u == theirs->size &&
	       mem->segment == (ZydisRegister)ZYDIS_REGISTER_ES + ours->segment &&
	       ours->base == register_number(mem->base) && ours->index == index &&
	       (index == REGISTER_NONE ? ours->scale == 0 : ours->scale == mem->scale) &&
	       same_displacement;
}

/* Every operand of ours is one of theirs, and theirs but the stack are ours. */
static enum finding compare_memory(const struct instruction *insn,
				   const ZydisDecodedInstruction *theirs,
				   const ZydisDecodedOperand *operands)
{
	unsigned int found = 0, theirs_count = 0;

	for (unsigned int i = 0; i < theirs->operand_count; i++) {
		if (!touches(&operands[i]))
			continue;
		theirs_count++;
		for (unsigned int n = 0; n < insn->operand_count; n++)
			found += same_operand(&insn->operand[n], &operands[i], insn);
	}
	if ((insn->memory == MEMORY_NONE) != (theirs_count == 0))
		return FINDING_MEMORY;
	if (insn->memory != MEMORY_DESCRIBED)
		return FINDING_SAME;
	described++;
	return found == insn->operand_count ? FINDING_SAME : FINDING_OPERAND;
}

static enum finding compare(unsigned int mode, const uint8_t *bytes, struct instruction *insn,
			    ZydisDecodedInstruction *theirs, ZydisDecodedOperand *operands)
{
	enum decode_status status = instruction_decode(insn, bytes, INSTRUCTION_MAX,
						       modes[mode].mode);
	bool ok = ZYAN_SUCCESS(
		ZydisDecoderDecodeFull(&decoders[mode], bytes, INSTRUCTION_MAX, theirs, operands));

	compared++;
	if (status != DECODE_OK)
		return ok ? FINDING_WE_REFUSE : FINDING_SAME;
	if (!ok)
		return FINDING_WE_ACCEPT;
	accepted++;
	if (insn->length != theirs->length)
		return FINDING_LENGTH;
	return compare_memory(insn, theirs, operands);
}

static bool has_lock(const struct instruction *insn)
{
	return insn->prefixes & PREFIX_LOCK;
}

static bool has_operand_prefix(const struct instruction *insn)
{
	return insn->prefixes & PREFIX_OPERAND_SIZE;
}

static bool has_ds(const struct instruction *insn)
{
	return insn->segment_override == SEGMENT_DS;
}

static bool has_rex_w(const struct instruction *insn)
{
	return insn->rex & REX_W;
}

/* A SIB byte that names no base, in 32-bit addressing, with the bit that would have extended it. */
static bool has_no_base(const struct instruction *insn)
{
	return insn->has_sib && insn->address_size == 4 && (insn->sib & 7) == 5 &&
	       insn->modrm >> 6 == 0 && (insn->rex & REX_B);
}

#define ANY        0xff
#define OPCODES(m) ENCODING_LEGACY, m
#define VEX(m)     ENCODING_VEX, m

/* Rows that begin so are about what Zydis knows from 4.1 on, or mistakes in it since then. */
#define NEWER     "Zydis 4.0 is older: "
#define SINCE     "Zydis 4.1: "
#define ZYDIS_4_1 UINT64_C(0x0004000100000000)

/* Where we differ on purpose, and why. */
static const struct difference {
	enum finding finding;
	uint8_t encoding, map, first, last, reg; /* or ANY */
	bool (*also)(const struct instruction *insn);
	const char *isa; /* how the name of Zydis's instruction set begins */
	const char *reason;
} differences[] = {
	{FINDING_WE_ACCEPT, ENCODING_EVEX, ANY, 0, 255, ANY, NULL, NULL,
	 "z, aaa, b and L'L of EVEX are left to the processor; the length does not depend on them"},
	{FINDING_WE_REFUSE, ANY, ANY, 0, 255, ANY, NULL, "KNC",
	 "Knights Corner, a coprocessor: MVEX, and VEX instructions of its own"},
	{FINDING_WE_REFUSE, OPCODES(MAP_0F), 0xa6, 0xa7, ANY, NULL, "PADLOCK",
	 "VIA's processors have no SVM, and their VMX is not ours"},
	{FINDING_WE_ACCEPT, OPCODES(MAP_0F), 0x20, 0x22, 0, has_lock, NULL,
	 "AMD: LOCK MOV CR0 is CR8 (APM volume 3, MOV CRn)"},
	{FINDING_OPERAND, OPCODES(MAP_0F), 0xb2, 0xb5, ANY, has_rex_w, NULL,
	 "AMD: LSS, LFS, LGS have no 64-bit offset; Zydis knows Intel's"},
	{FINDING_OPERAND, OPCODES(MAP_ONE_BYTE), 0xff, 0xff, 3, has_rex_w, NULL,
	 "the same: far CALL"},
	{FINDING_OPERAND, OPCODES(MAP_ONE_BYTE), 0xff, 0xff, 5, has_rex_w, NULL,
	 "the same: far JMP"},
	{FINDING_OPERAND, OPCODES(MAP_ONE_BYTE), 0xff, 0xff, 2, has_operand_prefix, NULL,
	 "AMD: a near indirect CALL with prefix 66 reads 16 bits; Zydis heeds this only for "
	 "immediates"},
	{FINDING_OPERAND, OPCODES(MAP_ONE_BYTE), 0xff, 0xff, 4, has_operand_prefix, NULL,
	 "the same: near indirect JMP"},
	{FINDING_OPERAND, OPCODES(MAP_ONE_BYTE), 0xff, 0xff, 2, has_ds, NULL,
	 "prefix 3E is NOTRACK for an indirect branch, and DS still; Zydis drops the segment"},
	{FINDING_OPERAND, OPCODES(MAP_ONE_BYTE), 0xff, 0xff, 4, has_ds, NULL, "the same: JMP"},
	{FINDING_OPERAND, OPCODES(MAP_ONE_BYTE), 0x63, 0x63, ANY, has_operand_prefix, NULL,
	 "MOVSXD r16 reads 16 bits (SDM volume 2); Zydis says 32"},
	{FINDING_OPERAND, ANY, ANY, 0, 255, ANY, has_no_base, NULL,
	 "Zydis 4 takes R13D for the base that mod 0 does not have"},
	{FINDING_MEMORY, OPCODES(MAP_0F), 0x18, 0x1f, ANY, NULL, NULL,
	 "hints and NOP have an address and no access; Zydis lists a read"},
	{FINDING_MEMORY, OPCODES(MAP_0F), 0x0d, 0x0d, ANY, NULL, NULL, "the same: PREFETCH"},
	{FINDING_MEMORY, OPCODES(MAP_0F), 0x01, 0x01, 7, NULL, NULL, "the same: INVLPG"},
	{FINDING_MEMORY, OPCODES(MAP_0F), 0xb9, 0xb9, ANY, NULL, NULL, "the same: UD1"},
	{FINDING_MEMORY, OPCODES(MAP_0F), 0xff, 0xff, ANY, NULL, NULL, "the same: UD0"},
	{FINDING_WE_REFUSE, VEX(2), 0x5c, 0x5c, ANY, NULL, "AMX_FP16",
	 SINCE "TDPFP16PS takes the same tile twice"},
	{FINDING_WE_ACCEPT, OPCODES(MAP_0F38), 0xfc, 0xfc, ANY, NULL, NULL, NEWER "RAO-INT"},
	{FINDING_WE_ACCEPT, OPCODES(MAP_0F), 0x01, 0x01, 0, NULL, NULL, NEWER "WRMSRNS, PBNDKB"},
	{FINDING_WE_ACCEPT, OPCODES(MAP_0F), 0xae, 0xae, 7, NULL, NULL, NEWER "PCOMMIT"},
	{FINDING_WE_ACCEPT, VEX(2), 0x50, 0x51, ANY, NULL, NULL, NEWER "AVX-VNNI-INT8"},
	{FINDING_WE_ACCEPT, VEX(2), 0x5c, 0x5c, ANY, NULL, NULL, NEWER "AMX-FP16"},
	{FINDING_WE_ACCEPT, VEX(2), 0x72, 0x72, ANY, NULL, NULL, NEWER "AVX-NE-CONVERT"},
	{FINDING_WE_ACCEPT, VEX(2), 0xb0, 0xb1, ANY, NULL, NULL, NEWER "AVX-NE-CONVERT"},
	{FINDING_WE_ACCEPT, VEX(2), 0xb4, 0xb5, ANY, NULL, NULL, NEWER "AVX-IFMA"},
	{FINDING_WE_ACCEPT, VEX(2), 0xcb, 0xcd, ANY, NULL, NULL, NEWER "SHA512"},
	{FINDING_WE_ACCEPT, VEX(2), 0xd2, 0xd3, ANY, NULL, NULL, NEWER "AVX-VNNI-INT16"},
	{FINDING_WE_ACCEPT, VEX(2), 0xda, 0xda, ANY, NULL, NULL, NEWER "SM3, SM4"},
	{FINDING_WE_ACCEPT, VEX(3), 0xde, 0xde, ANY, NULL, NULL, NEWER "SM3"},
};

static unsigned int excused[ARRAY_SIZE(differences)];

static bool fits(uint8_t wanted, unsigned int value)
{
	return wanted == ANY || wanted == value;
}

static bool applies(const struct difference *d)
{
	if (strncmp(d->reason, NEWER, strlen(NEWER)) == 0)
		return ZydisGetVersion() < ZYDIS_4_1;
	if (strncmp(d->reason, SINCE, strlen(SINCE)) == 0)
		return ZydisGetVersion() >= ZYDIS_4_1;
	return true;
}

static bool on_purpose(enum finding finding, const struct instruction *insn,
		       const ZydisDecodedInstruction *theirs)
{
	const char *isa = finding == FINDING_WE_ACCEPT ? ""
						       : ZydisISASetGetString(theirs->meta.isa_set);

	for (unsigned int i = 0; i < ARRAY_SIZE(differences); i++) {
		const struct difference *d = &differences[i];

		if (applies(d) && d->finding == finding && fits(d->encoding, insn->encoding) &&
		    fits(d->map, insn->map) && insn->opcode >= d->first &&
		    insn->opcode <= d->last && fits(d->reg, insn->modrm >> 3 & 7) &&
		    (!d->also || d->also(insn)) &&
		    (!d->isa || strncmp(isa, d->isa, strlen(d->isa)) == 0)) {
			excused[i]++;
			return true;
		}
	}
	return false;
}

static void show(unsigned int mode, const uint8_t *bytes, enum finding finding,
		 const struct instruction *insn, const ZydisDecodedInstruction *theirs,
		 const ZydisDecodedOperand *operands)
{
	printf("%s, mode %s:", finding_names[finding], modes[mode].name);
	for (unsigned int i = 0; i < INSTRUCTION_MAX; i++)
		printf(" %02x", bytes[i]);
	printf("\n  ours: length %u, encoding %u map %u opcode %02x pp %u memory %u\n",
	       insn->length, insn->encoding, insn->map, insn->opcode, insn->pp, insn->memory);
	for (unsigned int i = 0; i < insn->operand_count; i++)
		printf("    access %u size %u segment %u base %u index %u scale %u displacement "
		       "%llx\n",
		       insn->operand[i].access, insn->operand[i].size, insn->operand[i].segment,
		       insn->operand[i].base, insn->operand[i].index, insn->operand[i].scale,
		       (unsigned long long)insn->operand[i].displacement);
	if (finding == FINDING_WE_ACCEPT)
		return;
	printf("  Zydis: length %u, %s\n", theirs->length,
	       ZydisMnemonicGetString(theirs->mnemonic));
	for (unsigned int i = 0; i < theirs->operand_count; i++)
		if (operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY)
			printf("    type %d actions %d bits %u segment %s base %s index %s scale "
			       "%u displacement %llx\n",
			       (int)operands[i].mem.type, (int)operands[i].actions,
			       operands[i].size, ZydisRegisterGetString(operands[i].mem.segment),
			       ZydisRegisterGetString(operands[i].mem.base),
			       ZydisRegisterGetString(operands[i].mem.index), operands[i].mem.scale,
			       (unsigned long long)operands[i].mem.disp.value);
}

static void check(unsigned int mode, const uint8_t *bytes)
{
	struct instruction insn;
	ZydisDecodedInstruction theirs;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	enum finding finding = compare(mode, bytes, &insn, &theirs, operands);

	if (finding == FINDING_SAME)
		return;
	if (on_purpose(finding, &insn, &theirs))
		return;
	if (mismatches++ < SHOWN)
		show(mode, bytes, finding, &insn, &theirs, operands);
}

static unsigned int soak(void)
{
	const char *text = getenv("BULKHEAD_SOAK");
	unsigned int times = text ? (unsigned int)strtoul(text, NULL, 10) : 1;

	return times > 0 ? times : 1;
}

static void fill(uint8_t *bytes, unsigned int from)
{
	for (unsigned int i = from; i < INSTRUCTION_MAX; i++)
		bytes[i] = (uint8_t)(random_number() >> 24);
}

static void finish(const char *name)
{
	printf("%s: %llu byte strings, %llu instructions, %llu with described memory, %u "
	       "mismatches\n",
	       name, (unsigned long long)compared, (unsigned long long)accepted,
	       (unsigned long long)described, mismatches);
	assert_int_equal(mismatches, 0);
}

static int setup(void **state)
{
	(void)state;
	compared = accepted = described = 0;
	mismatches = 0;
	random_state = 20250101;
	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++) {
		assert_true(ZYAN_SUCCESS(
			ZydisDecoderInit(&decoders[i], modes[i].machine, modes[i].stack)));
		assert_true(ZYAN_SUCCESS(ZydisDecoderEnableMode(
			&decoders[i], ZYDIS_DECODER_MODE_AMD_BRANCHES, modes[i].amd_branches)));
		assert_true(ZYAN_SUCCESS(
			ZydisDecoderEnableMode(&decoders[i], ZYDIS_DECODER_MODE_MPX, false)));
	}
	return 0;
}

/* What chance finds seldom. */
static void test_directed(void **state)
{
	static const uint8_t strings[][INSTRUCTION_MAX] = {
		{0xc4, 0xe2, 0x7b, 0x5c, 0xc4},             /* TDPFP16PS, tiles not distinct */
		{0xc4, 0xe2, 0x7b, 0x5c, 0xd1},             /* ... distinct */
		{0xc4, 0x02, 0x7a, 0x4b, 0x44, 0xf1},       /* a ninth tile */
		{0xc4, 0x22, 0x79, 0x49, 0x81},             /* STTILECFG, ModRM.reg extended */
		{0x62, 0xd2, 0xfd, 0x42, 0xa1, 0x84, 0x88}, /* VPSCATTERQQ, index 17 */
		{0x62, 0xd2, 0xfd, 0x4a, 0xa1, 0x84, 0x88}, /* ... index 1 */
		{0x3e, 0x67, 0xff, 0x12},                   /* NOTRACK or DS */
		{0x67, 0x4f, 0x84, 0x14, 0x6d, 0xd8, 0xac, 0xe7, 0xbe}, /* no base, REX.B */
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(strings); i++)
		for (unsigned int mode = 0; mode < ARRAY_SIZE(modes); mode++)
			check(mode, strings[i]);
	finish("directed");
}

/* Every opcode of the legacy maps behind every one of these, with every ModRM. */
static const struct {
	uint8_t length;
	uint8_t bytes[3];
} prefixes[] = {
	{0, {0}},          {1, {0x66}},       {1, {0xf2}},
	{1, {0xf3}},       {1, {0x67}},       {1, {0xf0}},
	{1, {0x48}},       {1, {0x45}},       {1, {0x65}},
	{2, {0x66, 0x48}}, {2, {0xf3, 0x4c}}, {2, {0xf2, 0x4b}},
	{2, {0x66, 0xf3}}, {2, {0xf2, 0x66}}, {2, {0x48, 0x66}},
	{2, {0x3e, 0x67}}, {2, {0x66, 0x67}}, {3, {0xf0, 0x66, 0x49}},
};

static void test_legacy(void **state)
{
	static const uint8_t escapes[4][2] = {{0}, {0x0f}, {0x0f, 0x38}, {0x0f, 0x3a}};
	static const uint8_t escape_lengths[4] = {0, 1, 2, 2};
	unsigned int stride = soak() > 1 ? 1 : 3, times = soak() / 3 + 1;
	uint8_t bytes[INSTRUCTION_MAX];

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(prefixes); i++)
		for (unsigned int map = 0; map < 4; map++)
			for (unsigned int n = i % stride; n < 65536 * times; n += stride) {
				unsigned int at = prefixes[i].length;

				memcpy(bytes, prefixes[i].bytes, at);
				memcpy(bytes + at, escapes[map], 2);
				at += escape_lengths[map];
				bytes[at++] = (uint8_t)(n >> 8);
				bytes[at++] = (uint8_t)n;
				fill(bytes, at);
				for (unsigned int mode = 0; mode < ARRAY_SIZE(modes); mode++)
					check(mode, bytes);
			}
	finish("legacy maps");
}

/* Every opcode of VEX, XOP and EVEX with the fields at random, mostly in their usual state. */
static void test_vector(void **state)
{
	static const uint8_t escapes[4] = {0xc4, 0xc5, 0x8f, 0x62};
	static const uint8_t maps[4][7] = {
		{1, 2, 3, 1, 2, 3, 2}, {0}, {8, 9, 10, 8, 9, 10, 9}, {1, 2, 3, 5, 6, 1, 2}};
	uint8_t bytes[INSTRUCTION_MAX];

	(void)state;
	for (unsigned int round = 0; round < 24 * soak(); round++)
		for (unsigned int n = 0; n < 4 * 8 * 4 * 256; n++) {
			uint8_t escape = escapes[n >> 13];
			uint64_t chance = random_number();
			uint8_t pp = n >> 8 & 3;
			uint8_t map = (n >> 10 & 7) < 7 ? maps[n >> 13][n >> 10 & 7]
							: (uint8_t)(chance >> 40 & 31);
			uint8_t vvvv = chance & 1 ? 0x78 : (uint8_t)(chance >> 8 & 0x78);
			uint8_t low = (uint8_t)((chance >> 16 & 0x84) | vvvv | pp);
			unsigned int at = 0;

			fill(bytes, 0);
			bytes[at++] = escape;
			if (escape == 0xc5) {
				bytes[at++] = low | 0x80;
			} else if (escape == 0x62) {
				bytes[at++] = (uint8_t)(0xf0 ^
							(chance & 2 ? chance >> 24 & 0xf0 : 0)) |
					      map;
				bytes[at++] = low | 4;
				bytes[at++] = (uint8_t)(chance & 4 ? chance >> 32 : 8);
			} else {
				bytes[at++] = (uint8_t)((chance & 2 ? chance >> 24 : 0xe0) & 0xe0) |
					      map;
				bytes[at++] = low;
			}
			bytes[at] = (uint8_t)n;
			for (unsigned int mode = 0; mode < ARRAY_SIZE(modes); mode++)
				check(mode, bytes);
		}
	finish("VEX, XOP and EVEX");
}

/* Bytes without any order, and prefixes without any order before bytes. */
static void test_random(void **state)
{
	static const uint8_t some[] = {0x66, 0xf2, 0xf3, 0xf0, 0x67, 0x2e, 0x36, 0x64,
				       0x48, 0x41, 0x4f, 0x0f, 0x0f, 0xc4, 0x62, 0x8f};
	uint8_t bytes[INSTRUCTION_MAX];

	(void)state;
	for (unsigned int n = 0; n < 600000 * soak(); n++) {
		unsigned int count = n % 2 ? (unsigned int)(random_number() % 6) : 0;

		fill(bytes, 0);
		for (unsigned int i = 0; i < count; i++)
			bytes[i] = some[random_number() % ARRAY_SIZE(some)];
		for (unsigned int mode = 0; mode < ARRAY_SIZE(modes); mode++)
			check(mode, bytes);
	}
	finish("random bytes");
}

/* A difference that never shows has no business in the table. */
static void test_differences(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(differences); i++) {
		if (!applies(&differences[i]))
			continue;
		printf("%8u  %s: %s\n", excused[i], finding_names[differences[i].finding],
		       differences[i].reason);
		assert_true(excused[i] > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_directed, setup),
		cmocka_unit_test_setup(test_legacy, setup),
		cmocka_unit_test_setup(test_vector, setup),
		cmocka_unit_test_setup(test_random, setup),
		cmocka_unit_test(test_differences),
	};

	return cmocka_run_group_tests_name("decoder against Zydis", tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* The instruction decoder on instructions whose parts are known. */
#include "test.h"

#include "core/types.h"
#include "decoder/decoder.h"
#include "decoder/opcodes.h"

/* The byte string `text`, in hexadecimal; its length. */
static size_t parse(uint8_t bytes[INSTRUCTION_MAX + 1], const char *text)
{
	size_t size = 0;
	char *end;

	for (;; text = end) {
		unsigned long byte = strtoul(text, &end, 16);

		if (end == text)
			return size;
		assert_true(size <= INSTRUCTION_MAX);
		bytes[size++] = (uint8_t)byte;
	}
}

static enum decode_status decode(struct instruction *insn, const char *text, enum decode_mode mode)
{
	uint8_t bytes[INSTRUCTION_MAX + 1];
	size_t size = parse(bytes, text);

	return instruction_decode(insn, bytes, size, mode);
}

/* Instructions with one memory operand: its parts in the order of struct memory_operand. */
static void test_operands(void **state)
{
	static const uint8_t none = REGISTER_NONE;
	static const struct {
		enum decode_mode mode;
		const char *text;
		uint8_t access, size, segment, base, index, scale;
		int64_t displacement;
	} list[] = {
		{DECODE_64, "8b 07", MEMORY_READ, 4, SEGMENT_DS, 7, none, 0, 0},
		{DECODE_64, "48 89 44 24 08", MEMORY_WRITE, 8, SEGMENT_SS, 4, none, 0, 8},
		{DECODE_64, "41 88 4d ff", MEMORY_WRITE, 1, SEGMENT_DS, 13, none, 0, -1},
		{DECODE_64, "65 48 8b 04 25 28 00 00 00", MEMORY_READ, 8, SEGMENT_GS, none, none, 0,
		 0x28},
		{DECODE_64, "8b 05 fc ff ff ff", MEMORY_READ, 4, SEGMENT_DS, REGISTER_RIP, none, 0,
		 -4},
		{DECODE_32, "8b 05 fc ff ff ff", MEMORY_READ, 4, SEGMENT_DS, none, none, 0, -4},
		{DECODE_16, "8b 42 10", MEMORY_READ, 2, SEGMENT_SS, 5, 6, 1, 0x10},
		{DECODE_16, "66 67 8b 44 9d 00", MEMORY_READ, 4, SEGMENT_SS, 5, 3, 4, 0},
		{DECODE_64, "4a 8d 04 25 00 00 00 00", 0, 0, 0, 0, 0, 0, 0},
		{DECODE_64, "43 0f b6 04 77", MEMORY_READ, 1, SEGMENT_DS, 15, 14, 2, 0},
		{DECODE_64, "48 0f b7 00", MEMORY_READ, 2, SEGMENT_DS, 0, none, 0, 0},
		{DECODE_64, "48 63 00", MEMORY_READ, 4, SEGMENT_DS, 0, none, 0, 0},
		{DECODE_64, "f0 0f b1 0f", MEMORY_READ | MEMORY_WRITE, 4, SEGMENT_DS, 7, none, 0,
		 0},
		{DECODE_64, "f0 48 0f c7 0f", MEMORY_READ | MEMORY_WRITE, 16, SEGMENT_DS, 7, none,
		 0, 0},
		{DECODE_32, "0f c7 0f", MEMORY_READ | MEMORY_WRITE, 8, SEGMENT_DS, 7, none, 0, 0},
		{DECODE_64, "66 83 0b 01", MEMORY_READ | MEMORY_WRITE, 2, SEGMENT_DS, 3, none, 0,
		 0},
		{DECODE_64, "83 3b 01", MEMORY_READ, 4, SEGMENT_DS, 3, none, 0, 0},
		{DECODE_64, "ff 33", MEMORY_READ, 8, SEGMENT_DS, 3, none, 0, 0},
		{DECODE_64, "8f 03", MEMORY_WRITE, 8, SEGMENT_DS, 3, none, 0, 0},
		{DECODE_64, "0f 95 03", MEMORY_WRITE, 1, SEGMENT_DS, 3, none, 0, 0},
		{DECODE_64, "0f 44 03", MEMORY_READ, 4, SEGMENT_DS, 3, none, 0, 0},
		{DECODE_64, "0f 38 f1 03", MEMORY_WRITE, 4, SEGMENT_DS, 3, none, 0, 0},
		{DECODE_64, "48 0f c3 03", MEMORY_WRITE, 8, SEGMENT_DS, 3, none, 0, 0},
		{DECODE_64, "0f 11 03", MEMORY_WRITE, 16, SEGMENT_DS, 3, none, 0, 0},
		{DECODE_64, "66 0f d6 03", MEMORY_WRITE, 8, SEGMENT_DS, 3, none, 0, 0},
		{DECODE_64, "f3 0f 10 03", MEMORY_READ, 4, SEGMENT_DS, 3, none, 0, 0},
		{DECODE_64, "c5 fc 11 03", MEMORY_WRITE, 32, SEGMENT_DS, 3, none, 0, 0},
		{DECODE_64, "c4 41 7d 7f 01", MEMORY_WRITE, 32, SEGMENT_DS, 9, none, 0, 0},
		{DECODE_64, "62 f1 7c 48 11 43 02", MEMORY_WRITE, 64, SEGMENT_DS, 3, none, 0, 128},
		{DECODE_64, "a1 88 77 66 55 44 33 22 f1", MEMORY_READ, 4, SEGMENT_DS, none, none, 0,
		 (int64_t)0xf122334455667788},
		{DECODE_64, "67 a2 00 00 00 80", MEMORY_WRITE, 1, SEGMENT_DS, none, none, 0,
		 0x80000000},
		{DECODE_64, "64 f3 ac", MEMORY_READ, 1, SEGMENT_FS, 6, none, 0, 0},
		{DECODE_64, "f3 48 ab", MEMORY_WRITE, 8, SEGMENT_ES, 7, none, 0, 0},
		{DECODE_32, "26 6e", MEMORY_READ, 1, SEGMENT_ES, 6, none, 0, 0},
		{DECODE_64, "48 6d", MEMORY_WRITE, 4, SEGMENT_ES, 7, none, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		struct instruction insn;
		const struct memory_operand *operand = &insn.operand[0];

		print_message("%s\n", list[i].text);
		assert_int_equal(decode(&insn, list[i].text, list[i].mode), DECODE_OK);
		assert_int_equal(insn.length, (strlen(list[i].text) + 1) / 3);
		if (list[i].access == 0) {
			assert_int_equal(insn.memory, MEMORY_NONE);
			continue;
		}
		assert_int_equal(insn.memory, MEMORY_DESCRIBED);
		assert_int_equal(insn.operand_count, 1);
		assert_int_equal(operand->access, list[i].access);
		assert_int_equal(operand->size, list[i].size);
		assert_int_equal(operand->segment, list[i].segment);
		assert_int_equal(operand->base, list[i].base);
		assert_int_equal(operand->index, list[i].index);
		assert_int_equal(operand->scale, list[i].scale);
		assert_true(operand->displacement == list[i].displacement);
		assert_false(operand->bit_string);
	}
}

static void test_two_operands(void **state)
{
	struct instruction insn;

	(void)state;
	assert_int_equal(decode(&insn, "65 67 f3 a5", DECODE_64), DECODE_OK);
	assert_int_equal(insn.operand_count, 2);
	assert_int_equal(insn.address_size, 4);
	assert_int_equal(insn.prefixes, PREFIX_REP | PREFIX_ADDRESS_SIZE);
	assert_int_equal(insn.operand[0].access, MEMORY_READ);
	assert_int_equal(insn.operand[0].segment, SEGMENT_GS);
	assert_int_equal(insn.operand[0].base, REGISTER_RSI);
	assert_int_equal(insn.operand[1].access, MEMORY_WRITE);
	assert_int_equal(insn.operand[1].segment, SEGMENT_ES);
	assert_int_equal(insn.operand[1].base, REGISTER_RDI);
	assert_int_equal(insn.operand[1].size, 4);

	assert_int_equal(decode(&insn, "a6", DECODE_32), DECODE_OK);
	assert_int_equal(insn.operand[0].access, MEMORY_READ);
	assert_int_equal(insn.operand[1].access, MEMORY_READ);
}

static void test_bit_string(void **state)
{
	struct instruction insn;

	(void)state;
	assert_int_equal(decode(&insn, "f0 48 0f ab 10", DECODE_64), DECODE_OK);
	assert_true(insn.operand[0].bit_string);
	assert_int_equal(insn.reg, 2);
	assert_int_equal(insn.operand[0].size, 8);
	assert_int_equal(decode(&insn, "0f ba 28 07", DECODE_64), DECODE_OK);
	assert_false(insn.operand[0].bit_string);
	assert_int_equal(insn.immediate, 7);
}

static void test_parts(void **state)
{
	struct instruction insn;

	(void)state;
	assert_int_equal(decode(&insn, "48 b8 01 02 03 04 05 06 07 88", DECODE_64), DECODE_OK);
	assert_int_equal(insn.immediate_size, 8);
	assert_true((uint64_t)insn.immediate == 0x8807060504030201);
	assert_int_equal(insn.memory, MEMORY_NONE);

	assert_int_equal(decode(&insn, "c8 34 12 05", DECODE_64), DECODE_OK);
	assert_int_equal(insn.immediate, 0x1234);
	assert_int_equal(insn.second_immediate, 5);
	assert_int_equal(insn.memory, MEMORY_UNDESCRIBED);

	assert_int_equal(decode(&insn, "66 ea 34 12 78 56", DECODE_32), DECODE_OK);
	assert_int_equal(insn.immediate_size, 2);
	assert_int_equal(insn.second_immediate, 0x5678);

	assert_int_equal(decode(&insn, "48 81 c4 80 ff ff ff", DECODE_64), DECODE_OK);
	assert_true(insn.immediate == -128);
	assert_int_equal(insn.operand_size, 8);
	assert_int_equal(insn.rex, REX_W);

	assert_int_equal(decode(&insn, "0f 38 f0 c8", DECODE_64), DECODE_INVALID);
	assert_int_equal(decode(&insn, "f2 0f 38 f0 c8", DECODE_64), DECODE_OK);
	assert_int_equal(insn.map, MAP_0F38);
	assert_int_equal(insn.pp, 3);

	assert_int_equal(decode(&insn, "0f 0f c1 bf", DECODE_64), DECODE_OK);
	assert_int_equal(insn.map, MAP_0F0F);
	assert_int_equal(insn.opcode, 0xbf);

	assert_int_equal(decode(&insn, "c4 62 f1 92 14 91", DECODE_64), DECODE_OK);
	assert_int_equal(insn.encoding, ENCODING_VEX);
	assert_int_equal(insn.vvvv, 1);
	assert_int_equal(insn.reg, 10);
	assert_int_equal(insn.memory, MEMORY_UNDESCRIBED);
}

/* What exits to a hypervisor, with prefixes that change nothing but the length. */
static void test_exits(void **state)
{
	static const struct {
		const char *text;
		uint8_t length;
	} list[] = {
		{"0f a2", 2},       {"66 0f a2", 3},    {"48 0f a2", 3},    {"f3 0f a2", 3},
		{"0f 32", 2},       {"67 48 0f 32", 4}, {"2e 0f 30", 3},    {"0f 01 d9", 3},
		{"f3 0f 01 d9", 4}, {"66 0f 01 d9", 4}, {"48 0f 01 d9", 4}, {"0f 01 c1", 3},
		{"0f 08", 2},       {"4f 0f 08", 3},    {"0f 01 f9", 3},    {"0f 31", 2},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		for (enum decode_mode mode = DECODE_64; mode <= DECODE_64_INTEL; mode++) {
			struct instruction insn;

			assert_int_equal(decode(&insn, list[i].text, mode), DECODE_OK);
			assert_int_equal(insn.length, list[i].length);
			assert_int_equal(insn.memory, MEMORY_NONE);
		}
}

static void test_invalid(void **state)
{
	static const struct {
		enum decode_mode mode;
		const char *text;
		enum decode_status status;
	} list[] = {
		{DECODE_64, "0f 04", DECODE_INVALID},
		{DECODE_64, "06", DECODE_INVALID},
		{DECODE_32, "06", DECODE_OK},
		{DECODE_64, "f0 8b 00", DECODE_INVALID}, /* LOCK, nothing written */
		{DECODE_64, "f0 01 c0", DECODE_INVALID}, /* LOCK, a register */
		{DECODE_64, "f0 01 00", DECODE_OK},
		{DECODE_32, "f0 0f 20 c0", DECODE_OK},      /* AMD's CR8 */
		{DECODE_64, "0f 20 c8", DECODE_INVALID},    /* CR1 */
		{DECODE_64, "44 0f 20 c0", DECODE_OK},      /* CR8 */
		{DECODE_64, "44 0f 21 c0", DECODE_INVALID}, /* DR8 */
		{DECODE_64, "8e c8", DECODE_INVALID},       /* MOV CS */
		{DECODE_64, "66 c5 f8 77", DECODE_INVALID}, /* 66 before VEX */
		{DECODE_64, "48 c5 f8 77", DECODE_INVALID}, /* REX before VEX */
		{DECODE_64, "c5 f8 77", DECODE_OK},
		{DECODE_64, "c4 e2 71 92 14 09", DECODE_INVALID}, /* a gather, mask its index */
		{DECODE_64, "0f 38 f0", DECODE_MORE},
		{DECODE_64, "", DECODE_MORE},
		{DECODE_64, "66 66 66 66 66 66 66 66 66 66 66 66 66 66 90", DECODE_OK},
		{DECODE_64, "66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90", DECODE_TOO_LONG},
		{DECODE_64, "66 66 66 66 66 66 66 66 66 66 66 66 66 66 66", DECODE_TOO_LONG},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		struct instruction insn;

		print_message("%s\n", list[i].text);
		assert_int_equal(decode(&insn, list[i].text, list[i].mode), list[i].status);
	}
}

/* AMD's processors take the operand size prefix of a near branch at its word, Intel's ignore it. */
static void test_branches(void **state)
{
	struct instruction insn;

	(void)state;
	assert_int_equal(decode(&insn, "66 e9 01 02 03 04", DECODE_64), DECODE_OK);
	assert_int_equal(insn.length, 4);
	assert_int_equal(decode(&insn, "66 e9 01 02 03 04", DECODE_64_INTEL), DECODE_OK);
	assert_int_equal(insn.length, 6);
	assert_int_equal(decode(&insn, "66 e9 01 02 03 04", DECODE_16), DECODE_OK);
	assert_int_equal(insn.length, 6);
}

/* The rows of the vector maps are found by halving. */
static void test_sorted(void **state)
{
	static const struct vector_map *const maps[] = {&vector_vex, &vector_xop, &vector_evex};

	(void)state;
	for (size_t m = 0; m < ARRAY_SIZE(maps); m++)
		for (uint32_t i = 1; i < maps[m]->count; i++)
			assert_true((maps[m]->rows[i - 1] & ROW_KEY_MASK) <
				    (maps[m]->rows[i] & ROW_KEY_MASK));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operands),   cmocka_unit_test(test_two_operands),
		cmocka_unit_test(test_bit_string), cmocka_unit_test(test_parts),
		cmocka_unit_test(test_exits),      cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_branches),   cmocka_unit_test(test_sorted),
	};

	return cmocka_run_group_tests_name("decoder", tests, NULL, NULL);
}

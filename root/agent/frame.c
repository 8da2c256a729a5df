// SPDX-License-Identifier: Apache-2.0
#include "frame.h"

/* CRC-32 of IEEE 802.3 (reflected, polynomial 0xedb88320), as zlib's crc32() computes it. */
static uint32_t crc_table[256];

static void crc_prepare(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t value = i;

		for (int bit = 0; bit < 8; bit++)
			value = (value >> 1) ^ (value & 1 ? 0xedb88320u : 0);
		crc_table[i] = value;
	}
}

static uint32_t crc_add(uint32_t crc, const uint8_t *bytes, size_t length)
{
	if (!crc_table[1])
		crc_prepare();
	for (size_t i = 0; i < length; i++)
		crc = (crc >> 8) ^ crc_table[(crc ^ bytes[i]) & 0xff];
	return crc;
}

uint32_t get_le32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

uint64_t get_le64(const uint8_t *bytes)
{
	return get_le32(bytes) | (uint64_t)get_le32(bytes + 4) << 32;
}

void put_le32(uint8_t *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

void put_le64(uint8_t *bytes, uint64_t value)
{
	put_le32(bytes, (uint32_t)value);
	put_le32(bytes + 4, (uint32_t)(value >> 32));
}

static bool frame_complete(const struct frame_decoder *decoder, size_t length, struct frame *frame)
{
	const uint8_t *bytes = decoder->bytes;

	if (length < FRAME_HEADER + FRAME_TRAILER)
		return false;
	length -= FRAME_TRAILER;
	if ((crc_add(~0u, bytes, length) ^ ~0u) != get_le32(bytes + length))
		return false;
	frame->session = get_le64(bytes);
	frame->type = bytes[8];
	frame->body = bytes + FRAME_HEADER;
	frame->length = length - FRAME_HEADER;
	return true;
}

bool frame_decode(struct frame_decoder *decoder, uint8_t byte, struct frame *frame)
{
	if (byte == FRAME_END) {
		bool whole = !decoder->damaged && !decoder->escaped &&
			     frame_complete(decoder, decoder->length, frame);

		decoder->length = 0;
		decoder->escaped = false;
		decoder->damaged = false;
		return whole;
	}
	if (decoder->damaged)
		return false;
	if (decoder->escaped) {
		decoder->escaped = false;
		if (byte != FRAME_ESCAPED_END && byte != FRAME_ESCAPED_ESCAPE) {
			decoder->damaged = true;
			return false;
		}
		byte = byte == FRAME_ESCAPED_END ? FRAME_END : FRAME_ESCAPE;
	} else if (byte == FRAME_ESCAPE) {
		decoder->escaped = true;
		return false;
	}
	if (decoder->length == FRAME_MAX) {
		decoder->damaged = true;
		return false;
	}
	decoder->bytes[decoder->length++] = byte;
	return false;
}

static uint8_t *put_escaped(uint8_t *out, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == FRAME_END) {
			*out++ = FRAME_ESCAPE;
			*out++ = FRAME_ESCAPED_END;
		} else if (bytes[i] == FRAME_ESCAPE) {
			*out++ = FRAME_ESCAPE;
			*out++ = FRAME_ESCAPED_ESCAPE;
		} else {
			*out++ = bytes[i];
		}
	}
	return out;
}

size_t frame_encode(uint8_t *out, uint64_t session, uint8_t type, const void *body, size_t length)
{
	uint8_t header[FRAME_HEADER];
	uint8_t trailer[FRAME_TRAILER];
	uint8_t *end = out;

	put_le64(header, session);
	header[8] = type;
	put_le32(trailer, crc_add(crc_add(~0u, header, FRAME_HEADER), body, length) ^ ~0u);
	*end++ = FRAME_END;
	end = put_escaped(end, header, FRAME_HEADER);
	end = put_escaped(end, body, length);
	end = put_escaped(end, trailer, FRAME_TRAILER);
	*end++ = FRAME_END;
	return (size_t)(end - out);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames on a byte stream that may begin anywhere: the agent's half of the wire between the host
 * and the root partition. docs/lab.md describes the protocol.
 *
 * On the wire a frame stands between two FRAME_END bytes; FRAME_END and FRAME_ESCAPE inside it are
 * replaced by two bytes each (the scheme of RFC 1055), so a reader finds the next boundary whatever
 * it missed. Inside: session (u64), type (u8), body, CRC-32 of all that (u32); little-endian. What
 * a vanished peer left half-written fails the CRC, what it left whole carries another session.
 */
#ifndef BULKHEAD_AGENT_FRAME_H
#define BULKHEAD_AGENT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_END            0xc0
#define FRAME_ESCAPE         0xdb
#define FRAME_ESCAPED_END    0xdc
#define FRAME_ESCAPED_ESCAPE 0xdd

#define FRAME_BODY_MAX 32768u
#define FRAME_HEADER   9u
#define FRAME_TRAILER  4u
#define FRAME_MAX      (FRAME_HEADER + FRAME_BODY_MAX + FRAME_TRAILER)

/* The most bytes that a frame with a body of n bytes can take on the wire. */
#define FRAME_WIRE_MAX(n) (2 * (FRAME_HEADER + (n) + FRAME_TRAILER) + 2)

enum frame_type {
	/* host to agent */
	FRAME_HELLO = 1, /* u32 version: forget every earlier session, greet this one */
	FRAME_EXEC = 2,  /* u32 time-out in ms or 0, u16 argc, u16 envc, strings: cwd, argv, env */
	FRAME_STDIN = 3, /* bytes for the command; only as many as were granted */
	FRAME_STDIN_END = 4, /* no more of them */
	FRAME_SIGNAL = 5,    /* u8 signal number, to the command's process group */
	/* agent to host */
	FRAME_GREETING = 17, /* u32 version, u64 ms since boot, boot id (text) */
	FRAME_STDOUT = 18,   /* bytes */
	FRAME_STDERR = 19,   /* bytes */
	FRAME_GRANT = 20,    /* u32: this many more bytes of standard input may be sent */
	FRAME_EXIT = 21,     /* u8 enum exit_kind, u32 value, text */
};

#define PROTOCOL_VERSION 1u

struct frame {
	uint64_t session;
	uint8_t type;
	const uint8_t *body; /* inside the decoder; good until the next byte is decoded */
	size_t length;
};

struct frame_decoder {
	uint8_t bytes[FRAME_MAX];
	size_t length;
	bool escaped;
	bool damaged; /* skip to the next boundary */
};

/*
 * Feed one byte. Returns true when it completes a valid frame, which is described in *frame.
 * Damaged frames vanish silently: the stream may have started in the middle of one.
 */
bool frame_decode(struct frame_decoder *decoder, uint8_t byte, struct frame *frame);

/*
 * Encode a frame into out, which has room for FRAME_WIRE_MAX(length) bytes; length is at most
 * FRAME_BODY_MAX. Returns the number of bytes written.
 */
size_t frame_encode(uint8_t *out, uint64_t session, uint8_t type, const void *body, size_t length);

/* Little-endian numbers in bodies. */
uint32_t get_le32(const uint8_t *bytes);
uint64_t get_le64(const uint8_t *bytes);
void put_le32(uint8_t *bytes, uint32_t value);
void put_le64(uint8_t *bytes, uint64_t value);

#endif

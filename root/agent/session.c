// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define PUMP_ROUNDS 32 /* then the other sessions get their turn */
/* How long nobody may be connected before that is believed. */
#define ABSENCE_MS  2000u

int session_open(struct session *session, int port, int epoll, uint64_t cookie)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u64 = cookie};

	memset(session, 0, sizeof(*session));
	session->port = port;
	session->epoll = epoll;
	session->cookie = cookie;
	session->command.input = -1;
	session->command.output[0] = -1;
	session->command.output[1] = -1;
	return epoll_ctl(epoll, EPOLL_CTL_ADD, port, &event) ? errno : 0;
}

size_t session_room(const struct session *session)
{
	return SESSION_TX_SIZE - (session->tx_end - session->tx_begin);
}

void session_send(struct session *session, uint8_t type, const void *body, size_t length)
{
	if (SESSION_TX_SIZE - session->tx_end < FRAME_WIRE_MAX(length)) {
		memmove(session->tx, session->tx + session->tx_begin,
			session->tx_end - session->tx_begin);
		session->tx_end -= session->tx_begin;
		session->tx_begin = 0;
	}
	session->tx_end += frame_encode(session->tx + session->tx_end, session->id, type, body,
					length);
}

void session_abandon(struct session *session)
{
	command_drop(&session->command);
	session->id = 0;
	session->confirmed = false;
	session->absent_until = 0;
	session->tx_begin = 0;
	session->tx_end = 0;
}

bool session_child_ended(struct session *session, pid_t pid, int status)
{
	struct command *command = &session->command;

	if (!command->pid || command->ended || command->pid != pid)
		return false;
	command_ended(command, status);
	return true;
}

/* Identifies this boot of the kernel to the host. */
static size_t read_boot_id(uint8_t *out, size_t room)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, out, room);

	if (fd >= 0)
		close(fd);
	while (got > 0 && out[got - 1] == '\n')
		got--;
	return got > 0 ? (size_t)got : 0;
}

static void greet(struct session *session)
{
	uint8_t body[64];
	struct timespec up;

	clock_gettime(CLOCK_BOOTTIME, &up);
	put_le32(body, PROTOCOL_VERSION);
	put_le64(body + 4, (uint64_t)up.tv_sec * 1000 + (uint64_t)up.tv_nsec / 1000000);
	session_send(session, FRAME_GREETING, body,
		     12 + read_boot_id(body + 12, sizeof(body) - 12));
}

static void handle(struct session *session, const struct frame *frame, uint64_t now)
{
	struct command *command = &session->command;

	if (frame->type == FRAME_HELLO) {
		if (frame->session != session->id) {
			session_abandon(session);
			session->id = frame->session;
		}
		if (session_room(session) >= FRAME_WIRE_MAX(64u))
			greet(session);
		return;
	}
	if (!session->id || frame->session != session->id)
		return;
	switch (frame->type) {
	case FRAME_EXEC:
		if (!command->pid)
			command_start(session, frame, now);
		break;
	case FRAME_STDIN:
		if (command->pid)
			command_take_input(command, frame->body, frame->length);
		break;
	case FRAME_STDIN_END:
		command->input_ended = true;
		break;
	case FRAME_SIGNAL:
		if (command->pid && !command->ended && frame->length == 1)
			kill(-command->pid, frame->body[0]);
		break;
	default:
		break;
	}
}

static bool read_port(struct session *session, uint64_t now)
{
	uint8_t bytes[16384];
	struct frame frame;
	ssize_t got = read(session->port, bytes, sizeof(bytes));

	if (got < 0) {
		if (errno == EAGAIN) {
			session->confirmed = true;
			session->absent_until = 0;
		}
		return errno == EINTR;
	}
	if (got == 0) {
		/*
		 * Nobody is connected: either no longer, or not yet. A virtio port announces the
		 * connection on another queue than the data, and the data may be seen first; it may
		 * even have been answered while the port still counted the client before as there,
		 * whose end is announced now.
		 */
		if (session->confirmed && session->absent_until == 0)
			session->absent_until = now + ABSENCE_MS;
		else if (session->confirmed && now >= session->absent_until)
			session_abandon(session);
		return false;
	}
	session->absent_until = 0;
	for (ssize_t i = 0; i < got; i++)
		if (frame_decode(&session->decoder, bytes[i], &frame))
			handle(session, &frame, now);
	return true;
}

static bool write_port(struct session *session)
{
	ssize_t put;

	if (session->tx_begin == session->tx_end)
		return false;
	put = write(session->port, session->tx + session->tx_begin,
		    session->tx_end - session->tx_begin);
	if (put < 0)
		return errno == EINTR;
	session->confirmed = true;
	session->tx_begin += (size_t)put;
	if (session->tx_begin == session->tx_end) {
		session->tx_begin = 0;
		session->tx_end = 0;
	}
	return put > 0;
}

bool session_pump(struct session *session, uint64_t now)
{
	struct command *command = &session->command;

	if (command->deadline && now >= command->deadline && !command->ended) {
		command->deadline = 0;
		command->timed_out = true;
		kill(-command->pid, SIGKILL);
	}
	for (int round = 0; round < PUMP_ROUNDS; round++) {
		bool moved = read_port(session, now);

		if (command->pid) {
			moved |= command_pump(session);
			moved |= command_finish(session);
		}
		moved |= write_port(session);
		if (!moved)
			return false;
	}
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One port of the agent: a host client comes, runs a command, reads what it prints, goes.
 *
 * Everything is non-blocking. The owner calls session_pump() when a descriptor of the session
 * became ready (edge-triggered), a child ended or the deadline passed, and again while it says so.
 */
#ifndef BULKHEAD_AGENT_SESSION_H
#define BULKHEAD_AGENT_SESSION_H

#include <sys/types.h>

#include "frame.h"

#define SESSION_TX_SIZE      (256u * 1024)
#define SESSION_INPUT_WINDOW (256u * 1024)

enum exit_kind {
	EXIT_NORMAL = 0,     /* value: exit code */
	EXIT_SIGNAL = 1,     /* value: signal number */
	EXIT_TIMEOUT = 2,    /* killed because its time was over */
	EXIT_NOT_STARTED = 3 /* value: errno; text: what failed */
};

struct command {
	pid_t pid;     /* also its process group; 0: no command */
	int input;     /* its standard input, -1 when closed */
	int output[2]; /* its standard output and error, -1 when closed */

	uint8_t pending[SESSION_INPUT_WINDOW]; /* input granted, received, not yet written */
	size_t pending_begin, pending_end;
	bool input_ended;  /* the host has sent everything */
	uint32_t to_grant; /* window to give back to the host */

	bool ended; /* reaped; status holds what waitpid() said */
	int status;
	size_t last[2]; /* after the end: bytes of each output still to deliver */

	uint64_t deadline; /* ms of CLOCK_MONOTONIC, 0: none */
	bool timed_out;
};

struct session {
	int port;  /* the port's descriptor, non-blocking; -1: unused slot */
	int epoll; /* where descriptors of commands are registered, with the data of the port */
	uint64_t cookie;
	uint64_t id;    /* the host client's session, 0 without one */
	bool confirmed; /* the port was seen connected since that session began */
	uint64_t
		absent_until; /* ms: when it has been without a connection for long, 0: it is not */
	struct frame_decoder decoder;
	uint8_t tx[SESSION_TX_SIZE];
	size_t tx_begin, tx_end;
	struct command command;
};

/*
 * Take up a port. port: non-blocking descriptor, owned by the session from now on; epoll: an epoll
 * instance; cookie: the event data under which the session's descriptors are registered there.
 * Returns 0 or an errno.
 */
int session_open(struct session *session, int port, int epoll, uint64_t cookie);

/* The host client is gone: kill its command and forget it. */
void session_abandon(struct session *session);

/* A child ended. Returns whether it was this session's command. */
bool session_child_ended(struct session *session, pid_t pid, int status);

/*
 * Move everything that can move. now: ms of CLOCK_MONOTONIC.
 * Returns whether there is more to do at once (call again, after the others had their turn).
 */
bool session_pump(struct session *session, uint64_t now);

/* Frames for the host; the caller has checked that session_room() suffices. */
size_t session_room(const struct session *session);
void session_send(struct session *session, uint8_t type, const void *body, size_t length);

/* command.c: start what a FRAME_EXEC asks for; failure is reported to the host by a FRAME_EXIT. */
void command_start(struct session *session, const struct frame *frame, uint64_t now);
/* Take input for the command; more than was granted is a fault of the host and dropped. */
void command_take_input(struct command *command, const uint8_t *bytes, size_t length);
/* Move data between the command's pipes and the session; returns whether anything moved. */
bool command_pump(struct session *session);
/* The process ended with the status of waitpid(): fix how much of its output is still to come. */
void command_ended(struct command *command, int status);
/* Send FRAME_EXIT and forget the command once it has ended and its output is delivered. */
bool command_finish(struct session *session);
/* Kill the process group and close the pipes; the end of the process is nobody's business then. */
void command_drop(struct command *command);

#endif

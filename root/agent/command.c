// SPDX-License-Identifier: Apache-2.0
/* The command of a session: started in its own process group, joined to the wire by three pipes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session.h"

#define STRINGS_MAX      1024 /* arguments and environment settings of one command */
#define GRANT_STEP       (SESSION_INPUT_WINDOW / 4)
#define SMALL_FRAME_ROOM FRAME_WIRE_MAX(256u) /* kept free for frames other than output */

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void command_drop(struct command *command)
{
	if (command->pid && !command->ended)
		kill(-command->pid, SIGKILL);
	close_end(&command->input);
	close_end(&command->output[0]);
	close_end(&command->output[1]);
	memset(command, 0, offsetof(struct command, pending));
	memset(&command->pending_begin, 0,
	       sizeof(*command) - offsetof(struct command, pending_begin));
	command->input = -1;
	command->output[0] = -1;
	command->output[1] = -1;
}

static void report(struct session *session, enum exit_kind kind, uint32_t value, const char *text)
{
	uint8_t body[5 + 128];
	size_t length = strnlen(text, sizeof(body) - 5);

	body[0] = (uint8_t)kind;
	put_le32(body + 1, value);
	memcpy(body + 5, text, length);
	session_send(session, FRAME_EXIT, body, 5 + length);
}

/* What a FRAME_EXEC asks for; the strings point into a private copy of the frame. */
struct request {
	char bytes[FRAME_BODY_MAX + 1];
	uint32_t timeout;
	char *directory;
	char *argv[STRINGS_MAX + 1];
	char *env[STRINGS_MAX + 1];
};

static char *next_string(char **at, char *end)
{
	char *string = *at;

	if (string >= end)
		return NULL;
	*at += strnlen(string, (size_t)(end - string)) + 1;
	return string;
}

static bool parse_request(struct request *request, const struct frame *frame)
{
	char *at = request->bytes;
	char *end = at + frame->length;
	unsigned int argc, envc;

	if (frame->length < 8)
		return false;
	memcpy(at, frame->body, frame->length);
	*end = '\0';
	request->timeout = get_le32(frame->body);
	argc = frame->body[4] | (unsigned int)frame->body[5] << 8;
	envc = frame->body[6] | (unsigned int)frame->body[7] << 8;
	if (!argc || argc > STRINGS_MAX || envc > STRINGS_MAX)
		return false;
	at += 8;
	request->directory = next_string(&at, end);
	for (unsigned int i = 0; i < argc; i++)
		request->argv[i] = next_string(&at, end);
	for (unsigned int i = 0; i < envc; i++)
		request->env[i] = next_string(&at, end);
	request->argv[argc] = NULL;
	request->env[envc] = NULL;
	return request->argv[argc - 1] && (!envc || request->env[envc - 1]);
}

struct child_failure {
	int error;
	char what[16];
};

static _Noreturn void fail_child(int report_fd, const char *what)
{
	struct child_failure failure = {.error = errno};

	strncpy(failure.what, what, sizeof(failure.what) - 1);
	if (write(report_fd, &failure, sizeof(failure)) < 0)
		_exit(126);
	_exit(127);
}

static _Noreturn void run_child(const struct request *request, const int ends[3], int report_fd)
{
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	for (int i = 0; i < 3; i++)
		if (dup2(ends[i], i) < 0)
			fail_child(report_fd, "dup2");
	if (chdir(request->directory))
		fail_child(report_fd, "chdir");
	for (char *const *setting = request->env; *setting; setting++)
		if (putenv(*setting))
			fail_child(report_fd, "putenv");
	execvp(request->argv[0], request->argv);
	fail_child(report_fd, "exec");
}

static int watch(struct session *session, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events | EPOLLET, .data.u64 = session->cookie};
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -1;
	return epoll_ctl(session->epoll, EPOLL_CTL_ADD, fd, &event);
}

/* Pipes as the child (ends) and the agent (command) see them, and one for an exec that fails. */
static int make_pipes(struct command *command, int ends[3], int failure[2])
{
	int pair[2];

	if (pipe2(failure, O_CLOEXEC) || pipe2(pair, O_CLOEXEC))
		return -1;
	ends[0] = pair[0];
	command->input = pair[1];
	for (int i = 0; i < 2; i++) {
		if (pipe2(pair, O_CLOEXEC))
			return -1;
		command->output[i] = pair[0];
		ends[1 + i] = pair[1];
	}
	return 0;
}

void command_start(struct session *session, const struct frame *frame, uint64_t now)
{
	static struct request request;
	struct command *command = &session->command;
	struct child_failure fault = {.error = 0};
	int ends[3] = {-1, -1, -1};
	int failure[2] = {-1, -1};
	pid_t pid = -1;

	command_drop(command);
	if (!parse_request(&request, frame)) {
		report(session, EXIT_NOT_STARTED, EINVAL, "request");
		return;
	}
	if (!make_pipes(command, ends, failure) && !watch(session, command->input, EPOLLOUT) &&
	    !watch(session, command->output[0], EPOLLIN) &&
	    !watch(session, command->output[1], EPOLLIN))
		pid = fork();
	if (pid == 0)
		run_child(&request, ends, failure[1]);
	if (pid < 0) {
		fault.error = errno;
		memcpy(fault.what, "fork", sizeof("fork"));
	}
	for (int i = 0; i < 3; i++)
		close_end(&ends[i]);
	close_end(&failure[1]);
	if (pid > 0) {
		ssize_t got;

		/* Ends at once: by the exec, or by what the child has to say about its failure. */
		do {
			got = read(failure[0], &fault, sizeof(fault));
		} while (got < 0 && errno == EINTR);
		if (got == (ssize_t)sizeof(fault))
			waitpid(pid, NULL, 0);
	}
	close_end(&failure[0]);
	if (fault.error) {
		command_drop(command);
		report(session, EXIT_NOT_STARTED, (uint32_t)fault.error, fault.what);
		return;
	}
	command->pid = pid;
	command->to_grant = SESSION_INPUT_WINDOW;
	command->deadline = request.timeout ? now + request.timeout : 0;
}

void command_take_input(struct command *command, const uint8_t *bytes, size_t length)
{
	if (command->input < 0) { /* nobody reads: pretend, so that the host can go on */
		command->to_grant += (uint32_t)length;
		return;
	}
	if (SESSION_INPUT_WINDOW - command->pending_end < length) {
		memmove(command->pending, command->pending + command->pending_begin,
			command->pending_end - command->pending_begin);
		command->pending_end -= command->pending_begin;
		command->pending_begin = 0;
	}
	if (SESSION_INPUT_WINDOW - command->pending_end < length)
		return;
	memcpy(command->pending + command->pending_end, bytes, length);
	command->pending_end += length;
}

static bool pump_input(struct session *session)
{
	struct command *command = &session->command;
	size_t left = command->pending_end - command->pending_begin;
	bool moved = false;

	if (command->input >= 0 && left) {
		ssize_t put = write(command->input, command->pending + command->pending_begin,
				    left);

		if (put > 0) {
			command->pending_begin += (size_t)put;
			command->to_grant += (uint32_t)put;
			moved = true;
		} else if (put < 0 && errno != EAGAIN && errno != EINTR) {
			command->to_grant += (uint32_t)left;
			command->pending_begin = command->pending_end;
			close_end(&command->input);
			moved = true;
		}
	}
	left = command->pending_end - command->pending_begin;
	if (command->input >= 0 && !left && command->input_ended)
		close_end(&command->input);
	if ((command->to_grant >= GRANT_STEP || (command->to_grant && !left)) &&
	    !command->input_ended && session_room(session) >= SMALL_FRAME_ROOM) {
		uint8_t body[4];

		put_le32(body, command->to_grant);
		command->to_grant = 0;
		session_send(session, FRAME_GRANT, body, sizeof(body));
		moved = true;
	}
	return moved;
}

static bool pump_output(struct session *session, int which)
{
	struct command *command = &session->command;
	size_t want = FRAME_BODY_MAX;
	uint8_t bytes[FRAME_BODY_MAX];
	ssize_t got;

	if (command->output[which] < 0 ||
	    session_room(session) < FRAME_WIRE_MAX(FRAME_BODY_MAX) + SMALL_FRAME_ROOM)
		return false;
	if (command->ended && command->last[which] < want)
		want = command->last[which];
	if (!want)
		return false;
	got = read(command->output[which], bytes, want);
	if (got < 0)
		return errno == EINTR;
	if (got == 0) {
		close_end(&command->output[which]);
		return true;
	}
	if (command->ended)
		command->last[which] -= (size_t)got;
	session_send(session, which ? FRAME_STDERR : FRAME_STDOUT, bytes, (size_t)got);
	return true;
}

bool command_pump(struct session *session)
{
	bool moved = pump_input(session);

	moved |= pump_output(session, 0);
	moved |= pump_output(session, 1);
	return moved;
}

void command_ended(struct command *command, int status)
{
	command->ended = true;
	command->status = status;
	for (int i = 0; i < 2; i++) {
		int left = 0;

		/* What others that hold the pipe write later belongs to nobody. */
		if (command->output[i] >= 0 && !ioctl(command->output[i], FIONREAD, &left))
			command->last[i] = (size_t)left;
	}
}

bool command_finish(struct session *session)
{
	struct command *command = &session->command;
	enum exit_kind kind = EXIT_NORMAL;
	uint32_t value;

	if (!command->ended)
		return false;
	for (int i = 0; i < 2; i++)
		if (command->output[i] >= 0 && command->last[i])
			return false;
	if (session_room(session) < SMALL_FRAME_ROOM)
		return false;
	if (WIFSIGNALED(command->status)) {
		kind = EXIT_SIGNAL;
		value = (uint32_t)WTERMSIG(command->status);
	} else {
		value = (uint32_t)WEXITSTATUS(command->status);
	}
	if (command->timed_out)
		kind = EXIT_TIMEOUT;
	report(session, kind, value, "");
	command_drop(command);
	return true;
}

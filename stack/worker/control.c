// SPDX-License-Identifier: Apache-2.0
#include "worker/control.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "worker/config.h"
#include "worker/stats.h"

#define BACKLOG 8

static void address_of(const struct control *control, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(address->sun_path, sizeof(address->sun_path), "%.90s/" WORKER_SOCKET,
		 control->directory);
}

/* Whether somebody answers at the socket. */
static bool answered(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool connected = fd >= 0 &&
			 connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

	if (fd >= 0)
		close(fd);
	return connected;
}

static bool listen_at(struct control *control, const struct sockaddr_un *address)
{
	control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->listener < 0)
		return false;
	(void)unlink(address->sun_path);
	return bind(control->listener, (const struct sockaddr *)address, sizeof(*address)) == 0 &&
	       chmod(address->sun_path, 0600) == 0 && listen(control->listener, BACKLOG) == 0;
}

bool control_open(struct control *control, struct machine *machine, const struct console *console,
		  const char *name, struct problem *problem)
{
	struct sockaddr_un address;

	*control = (struct control){.machine = machine, .console = console, .listener = -1};
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++)
		control->clients[i].fd = -1;
	snprintf(control->directory, sizeof(control->directory), WORKER_RUN "/%s", name);
	if ((mkdir(WORKER_RUN, 0755) < 0 && errno != EEXIST) ||
	    (mkdir(control->directory, 0700) < 0 && errno != EEXIST)) {
		problem_set(problem, "%s cannot be made: %s", control->directory, strerror(errno));
		control->directory[0] = '\0';
		return false;
	}
	address_of(control, &address);
	if (answered(&address)) {
		control->directory[0] = '\0'; /* it is not ours */
		return problem_set(problem, "a machine called %s is running: choose another --name",
				   name);
	}
	if (!listen_at(control, &address))
		return problem_set(problem, "%s cannot be listened at: %s", address.sun_path,
				   strerror(errno));
	return true;
}

unsigned int control_poll(const struct control *control, struct pollfd fds[CONTROL_FDS])
{
	unsigned int count = 0;

	fds[count++] = (struct pollfd){.fd = control->listener, .events = POLLIN};
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++)
		fds[count++] = (struct pollfd){.fd = control->clients[i].fd, .events = POLLIN};
	return count;
}

static void drop(struct control_client *client)
{
	close(client->fd);
	client->fd = -1;
	client->used = 0;
}

/* One more connection; the oldest ones stay, so a flood of them finds the door closed. */
static void accept_one(struct control *control)
{
	int fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++) {
		if (control->clients[i].fd >= 0)
			continue;
		control->clients[i].fd = fd;
		return;
	}
	close(fd);
}

static json_t *refuse(const char *why)
{
	return json_pack("{s:s}", "error", why);
}

static json_t *stop(struct control *control, const json_t *request)
{
	struct machine *machine = control->machine;

	if (json_is_true(json_object_get(request, "force"))) {
		machine_end(machine, WORKER_EXIT_FORCED, "it was stopped by force");
	} else {
		machine_lock(machine);
		devices_press_power_button(&machine->devices);
		machine_unlock(machine);
	}
	return json_pack("{s:b}", "done", 1);
}

static json_t *answer(struct control *control, const char *line, size_t length)
{
	json_t *request = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
	const char *what = json_string_value(json_object_get(request, "do"));
	json_t *reply;

	if (!what)
		reply = refuse("that is no request: an object with \"do\" is one");
	else if (strcmp(what, "stat") == 0)
		reply = stats_read(control->machine, control->console);
	else if (strcmp(what, "stop") == 0)
		reply = stop(control, request);
	else
		reply = refuse("there is no such request");
	json_decref(request);
	return reply;
}

/* Answer all complete lines. Returns false if the connection is to end. */
static bool serve_lines(struct control *control, struct control_client *client)
{
	char *newline;

	while ((newline = memchr(client->line, '\n', client->used))) {
		size_t length = (size_t)(newline - client->line);
		json_t *reply = answer(control, client->line, length);
		char *text = json_dumps(reply, JSON_COMPACT);
		bool sent = text &&
			    send(client->fd, text, strlen(text), MSG_NOSIGNAL | MSG_MORE) ==
				    (ssize_t)strlen(text) &&
			    send(client->fd, "\n", 1, MSG_NOSIGNAL) == 1;

		free(text);
		json_decref(reply);
		if (!sent)
			return false;
		client->used -= length + 1;
		memmove(client->line, newline + 1, client->used);
	}
	return client->used < sizeof(client->line);
}

static void serve_client(struct control *control, struct control_client *client)
{
	ssize_t got = recv(client->fd, client->line + client->used,
			   sizeof(client->line) - client->used, 0);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0)
		client->used += (size_t)got;
	if (got <= 0 || !serve_lines(control, client))
		drop(client);
}

void control_serve(struct control *control, const struct pollfd *fds, unsigned int count)
{
	for (unsigned int i = 1; i < count; i++)
		if (fds[i].fd >= 0 && fds[i].revents)
			serve_client(control, &control->clients[i - 1]);
	if (fds[0].revents)
		accept_one(control);
}

void control_close(struct control *control)
{
	struct sockaddr_un address;

	if (!control->directory[0])
		return;
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++)
		if (control->clients[i].fd >= 0)
			drop(&control->clients[i]);
	if (control->listener >= 0) {
		close(control->listener);
		address_of(control, &address);
		(void)unlink(address.sun_path);
	}
	(void)rmdir(control->directory);
}

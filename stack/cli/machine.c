// SPDX-License-Identifier: Apache-2.0
#include "cli/machine.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "worker/config.h"

#define REPLY_MAX   (1u << 20) /* bytes; more is no machine's answer */
#define REPLY_LIMIT 10000      /* ms a machine may take to answer */

static int is_machine(const struct dirent *entry)
{
	return config_name_valid(entry->d_name);
}

bool machine_names(struct machine_names *list)
{
	struct dirent **entries;
	int count = scandir(WORKER_RUN, &entries, is_machine, alphasort);
	bool complete = true;

	*list = (struct machine_names){0};
	if (count < 0)
		return errno == ENOENT;
	list->names = calloc((size_t)count + 1, sizeof(*list->names));
	for (int i = 0; i < count; i++) {
		char *name = list->names ? strdup(entries[i]->d_name) : NULL;

		if (name)
			list->names[list->count++] = name;
		else
			complete = false;
		free(entries[i]);
	}
	free(entries);
	return complete;
}

void machine_names_free(struct machine_names *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
}

int machine_connect(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (!config_name_valid(name))
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path), WORKER_RUN "/%.64s/" WORKER_SOCKET,
		 name);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool send_line(int fd, const char *text)
{
	size_t length = strlen(text);

	return send(fd, text, length, MSG_NOSIGNAL | MSG_MORE) == (ssize_t)length &&
	       send(fd, "\n", 1, MSG_NOSIGNAL) == 1;
}

/* One line without its end; NULL if the other side has not sent one. */
static char *receive_line(int fd)
{
	size_t used = 0, size = 4096;
	char *line = malloc(size);

	while (line) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		ssize_t got = -1;
		char *newline, *more;

		if (poll(&ready, 1, REPLY_LIMIT) > 0)
			got = recv(fd, line + used, size - used, 0);
		if (got <= 0)
			break;
		newline = memchr(line + used, '\n', (size_t)got);
		if (newline) {
			*newline = '\0';
			return line;
		}
		used += (size_t)got;
		if (used < size)
			continue;
		size *= 2;
		more = size <= REPLY_MAX ? realloc(line, size) : NULL;
		if (!more)
			break;
		line = more;
	}
	free(line);
	return NULL;
}

json_t *machine_ask(int fd, json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT), *line = NULL;
	json_t *reply = NULL;

	json_decref(request);
	if (text && send_line(fd, text))
		line = receive_line(fd);
	if (line)
		reply = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	free(line);
	return reply;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool machine_wait_end(int fd, int ms)
{
	int64_t end = now_ms() + ms, left;
	char rest[64];

	while ((left = end - now_ms()) > 0) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};

		if (poll(&ready, 1, (int)left) > 0 && recv(fd, rest, sizeof(rest), 0) <= 0)
			return true;
	}
	return false;
}

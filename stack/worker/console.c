// SPDX-License-Identifier: Apache-2.0
#include "worker/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WRITE_AT_ONCE 256u /* what a terminal or pipe that is writable takes without waiting */

static bool open_stdio(struct console *console, struct problem *problem)
{
	struct termios raw;

	console->in = STDIN_FILENO;
	console->out = STDOUT_FILENO;
	if (!isatty(STDIN_FILENO))
		return true;
	if (tcgetattr(STDIN_FILENO, &console->saved) < 0)
		return problem_set(problem, "the terminal does not answer: %s", strerror(errno));
	raw = console->saved;
	cfmakeraw(&raw);
	raw.c_oflag |= OPOST | ONLCR; /* messages of our own still begin at the left */
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) < 0)
		return problem_set(problem, "the terminal cannot be made raw: %s", strerror(errno));
	console->terminal = true;
	return true;
}

static bool open_pty(struct console *console, struct problem *problem)
{
	struct termios raw;
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0 ||
	    ptsname_r(fd, console->path, sizeof(console->path)) != 0 || tcgetattr(fd, &raw) < 0) {
		problem_set(problem, "no pseudo terminal: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	cfmakeraw(&raw);
	tcsetattr(fd, TCSANOW, &raw);
	/*
	 * While nobody has the other side open, reading would fail for good: hold it open
	 * ourselves.
	 */
	if (open(console->path, O_RDWR | O_NOCTTY | O_CLOEXEC) < 0)
		return problem_set(problem, "%s does not open: %s", console->path, strerror(errno));
	console->in = fd;
	console->out = fd;
	console->lossy = true;
	return true;
}

static bool open_file(struct console *console, const char *path, struct problem *problem)
{
	struct stat stat;

	console->out = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
	if (console->out < 0 || fstat(console->out, &stat) < 0)
		return problem_set(problem, "%s cannot be written to: %s", path, strerror(errno));
	/* a terminal is read from as well, a plain file is only a record */
	if (S_ISCHR(stat.st_mode) && isatty(console->out))
		console->in = console->out;
	return true;
}

bool console_open(struct console *console, const char *serial, struct problem *problem)
{
	*console = (struct console){.in = -1, .out = -1};
	if (strcmp(serial, "stdio") == 0)
		return open_stdio(console, problem);
	if (strcmp(serial, "pty") == 0)
		return open_pty(console, problem);
	return open_file(console, serial, problem);
}

void console_close(struct console *console)
{
	if (console->terminal)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &console->saved);
	console->terminal = false;
}

size_t console_write(struct console *console, const void *bytes, size_t count)
{
	ssize_t done;

	done = write(console->out, bytes, count < WRITE_AT_ONCE ? count : WRITE_AT_ONCE);
	if (done >= 0)
		return (size_t)done;
	if (errno == EINTR)
		return 0;
	if (errno == EAGAIN)
		return console->lossy ? count : 0;
	return count; /* nobody is there any more */
}

size_t console_read(struct console *console, void *bytes, size_t count)
{
	ssize_t got = read(console->in, bytes, count);

	if (got > 0)
		return (size_t)got;
	if (got == 0 || (errno != EAGAIN && errno != EINTR))
		console->in = -1;
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define SERVICES   8
#define RESTART_MS 1000

struct service {
	const char *program;
	char terminal[32]; /* its controlling terminal in /dev, empty without one */
	pid_t pid;
	long long started, due; /* ms; due 0: not waiting to start again */
};

static struct service services[SERVICES];
static size_t count;

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void take_terminal(const char *name)
{
	char path[48];
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open(path, O_RDWR);
	if (fd < 0)
		_exit(1);
	ioctl(fd, TIOCSCTTY, 1);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

static void start(struct service *service)
{
	sigset_t none;

	service->due = 0;
	service->started = now_ms();
	service->pid = fork();
	if (service->pid)
		return;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (service->terminal[0]) {
		take_terminal(service->terminal);
		setenv("TERM", "vt220", 1);
		/* a login shell: argv[0] begins with a dash */
		execl(service->program, "-bash", NULL);
	} else {
		execl(service->program, service->program, NULL);
	}
	say("starting %s: %s", service->program, strerror(errno));
	_exit(127);
}

static void add(const char *program, const char *terminal)
{
	if (count == SERVICES)
		return;
	services[count].program = program;
	snprintf(services[count].terminal, sizeof(services[count].terminal), "%s", terminal);
	start(&services[count++]);
}

void start_services(void)
{
	char line[256] = "";
	char *state = NULL;
	int fd = open("/sys/class/tty/console/active", O_RDONLY | O_CLOEXEC);

	add("/usr/libexec/bulkhead/agent", "");
	if (fd < 0 || read(fd, line, sizeof(line) - 1) < 0)
		line[0] = '\0';
	if (fd >= 0)
		close(fd);
	for (char *name = strtok_r(line, " \n", &state); name; name = strtok_r(NULL, " \n", &state))
		add("/bin/bash", strcmp(name, "tty0") ? name : "tty1");
}

void reap_children(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (size_t i = 0; i < count; i++)
			if (services[i].pid == pid) {
				services[i].pid = 0;
				services[i].due = services[i].started + RESTART_MS;
			}
	start_due_services();
}

void start_due_services(void)
{
	long long now = now_ms();

	for (size_t i = 0; i < count; i++)
		if (services[i].due && services[i].due <= now)
			start(&services[i]);
}

int next_start(void)
{
	long long first = -1, now = now_ms();

	for (size_t i = 0; i < count; i++)
		if (services[i].due && (first < 0 || services[i].due < first))
			first = services[i].due;
	if (first < 0)
		return -1;
	return first > now ? (int)(first - now) : 0;
}

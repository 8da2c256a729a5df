// SPDX-License-Identifier: Apache-2.0
/*
 * The agent of the root partition: runs commands for the lab, over virtio-serial ports.
 *
 *   agent            serve every port named org.bulkhead.agent.*, now and as they appear
 *   agent --fd N     serve the socket N alone and end with it (tests on the host)
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "session.h"

#define PORT_NAME  "org.bulkhead.agent."
#define PORT_CLASS "/sys/class/virtio-ports"
#define SESSIONS   16
#define EVENTS     32

/* Event data: the number of a session, or one of these. */
#define COOKIE_SIGNALS 1000u
#define COOKIE_DEVICES 1001u

static struct session sessions[SESSIONS];
static char port_devices[SESSIONS][32];

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static _Noreturn void die(const char *doing)
{
	fprintf(stderr, "bulkhead agent: %s: %s\n", doing, strerror(errno));
	exit(1);
}

static void watch(int epoll, int fd, uint64_t cookie)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = cookie};

	if (fd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		die("watching a descriptor");
}

static bool is_agent_port(const char *device)
{
	char path[sizeof(PORT_CLASS) + 64], name[sizeof(PORT_NAME)] = "";
	FILE *file;

	snprintf(path, sizeof(path), PORT_CLASS "/%.40s/name", device);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(name, sizeof(name), file))
		name[0] = '\0';
	fclose(file);
	return !strcmp(name, PORT_NAME);
}

static void open_port(int epoll, const char *device)
{
	char path[64];
	int fd;

	for (unsigned int i = 0; i < SESSIONS; i++) {
		if (sessions[i].port >= 0)
			continue;
		snprintf(path, sizeof(path), "/dev/%.31s", device);
		fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0 || session_open(&sessions[i], fd, epoll, i)) {
			fprintf(stderr, "bulkhead agent: opening %s: %s\n", path, strerror(errno));
			if (fd >= 0)
				close(fd);
			sessions[i].port = -1;
			return;
		}
		snprintf(port_devices[i], sizeof(port_devices[i]), "%.31s", device);
		return;
	}
}

/* Take up the ports that have appeared since the last time. */
static void scan_ports(int epoll)
{
	DIR *directory = opendir(PORT_CLASS);
	struct dirent *entry;

	if (!directory)
		return;
	while ((entry = readdir(directory))) {
		bool known = false;

		for (unsigned int i = 0; i < SESSIONS; i++)
			known |= sessions[i].port >= 0 && !strcmp(port_devices[i], entry->d_name);
		if (entry->d_name[0] != '.' && !known && is_agent_port(entry->d_name))
			open_port(epoll, entry->d_name);
	}
	closedir(directory);
}

/* The kernel's announcements of devices: only "something changed" is of interest. */
static int open_announcements(void)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die("listening for devices");
	return fd;
}

static void drain_announcements(int fd)
{
	char bytes[4096];
	ssize_t got;

	/* An overrun (ENOBUFS) means that something changed, too. */
	do {
		got = read(fd, bytes, sizeof(bytes));
	} while (got > 0 || (got < 0 && (errno == EINTR || errno == ENOBUFS)));
}

static int open_signals(void)
{
	sigset_t signals;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &signals, NULL))
		die("blocking signals");
	return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Returns whether one of them asks the agent to end. */
static bool read_signals(int fd)
{
	struct signalfd_siginfo info;
	bool end = false;

	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		end |= info.ssi_signo == SIGTERM;
	return end;
}

static void reap(void)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (unsigned int i = 0; i < SESSIONS; i++)
			if (sessions[i].port >= 0 && session_child_ended(&sessions[i], pid, status))
				break;
}

static uint64_t earlier(uint64_t time, uint64_t other)
{
	return other != 0 && other < time ? other : time;
}

static int wait_time(uint64_t now, bool busy)
{
	uint64_t first = UINT64_MAX;

	if (busy)
		return 0;
	for (unsigned int i = 0; i < SESSIONS; i++) {
		if (sessions[i].port < 0)
			continue;
		first = earlier(first, sessions[i].command.deadline);
		first = earlier(first, sessions[i].absent_until);
	}
	if (first == UINT64_MAX)
		return -1;
	if (first <= now)
		return 0;
	return first - now > 60000 ? 60000 : (int)(first - now);
}

/* Returns whether the agent is to end. */
static bool handle_events(int epoll, const struct epoll_event *events, int count, int signals,
			  int devices)
{
	bool end = false;

	for (int i = 0; i < count; i++) {
		uint64_t cookie = events[i].data.u64;

		if (cookie == COOKIE_SIGNALS) {
			end |= read_signals(signals);
			reap();
		} else if (cookie == COOKIE_DEVICES) {
			drain_announcements(devices);
			scan_ports(epoll);
		}
	}
	return end;
}

/* Whether any command still runs or has something to deliver. */
static bool in_use(void)
{
	for (unsigned int i = 0; i < SESSIONS; i++)
		if (sessions[i].port >= 0 &&
		    (sessions[i].command.pid || sessions[i].tx_begin != sessions[i].tx_end))
			return true;
	return false;
}

static bool pump_all(uint64_t now)
{
	bool busy = false;

	for (unsigned int i = 0; i < SESSIONS; i++)
		if (sessions[i].port >= 0)
			busy |= session_pump(&sessions[i], now);
	return busy;
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int signals = open_signals();
	int devices = -1;
	bool busy = false, ending = false;
	bool alone = argc == 3 && !strcmp(argv[1], "--fd");

	if (argc != 1 && !alone) {
		fprintf(stderr, "usage: agent [--fd N]\n");
		return 2;
	}
	for (unsigned int i = 0; i < SESSIONS; i++)
		sessions[i].port = -1;
	watch(epoll, signals, COOKIE_SIGNALS);
	if (alone) {
		int fd = atoi(argv[2]);

		if (fcntl(fd, F_SETFL, O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC) ||
		    session_open(&sessions[0], fd, epoll, 0))
			die("taking up the socket");
	} else {
		devices = open_announcements();
		watch(epoll, devices, COOKIE_DEVICES);
		scan_ports(epoll);
	}
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, wait_time(now_ms(), busy));

		if (count < 0 && errno != EINTR)
			die("waiting for events");
		ending |= handle_events(epoll, events, count, signals, devices);
		busy = pump_all(now_ms());
		/* The machine ends: first deliver what the commands that end with it have to say.
		 */
		if (ending && !in_use())
			break;
		if (alone && recv(sessions[0].port, &(char){0}, 1, MSG_PEEK) == 0)
			break;
	}
	session_abandon(&sessions[0]);
	return 0;
}

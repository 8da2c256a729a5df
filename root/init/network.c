// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "init.h"

static void set_address(struct sockaddr *where, in_addr_t address)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = address};

	memcpy(where, &in, sizeof(in));
}

static bool bring_up(int fd, const char *name)
{
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFFLAGS, &request))
		return false;
	request.ifr_flags |= IFF_UP;
	return !ioctl(fd, SIOCSIFFLAGS, &request);
}

static bool has_mac(int fd, const char *name, const char *mac)
{
	struct ifreq request = {0};
	char text[32];
	unsigned char bytes[6];

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFHWADDR, &request) || request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return false;
	memcpy(bytes, request.ifr_hwaddr.sa_data, sizeof(bytes));
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2],
		 bytes[3], bytes[4], bytes[5]);
	return !strcasecmp(text, mac);
}

static bool find_interface(int fd, const char *mac, char name[IF_NAMESIZE])
{
	struct if_nameindex *all = if_nameindex();
	bool found = false;

	for (struct if_nameindex *one = all; one && one->if_index && !found; one++) {
		found = has_mac(fd, one->if_name, mac);
		if (found)
			snprintf(name, IF_NAMESIZE, "%s", one->if_name);
	}
	if_freenameindex(all);
	return found;
}

static bool assign(int fd, const char *name, const char *address, unsigned int prefix)
{
	struct ifreq request = {0};
	in_addr_t mask = prefix ? htonl(~0u << (32 - prefix)) : 0;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	set_address(&request.ifr_addr, inet_addr(address));
	if (ioctl(fd, SIOCSIFADDR, &request))
		return false;
	set_address(&request.ifr_netmask, mask);
	return !ioctl(fd, SIOCSIFNETMASK, &request);
}

static bool add_gateway(int fd, const char *gateway)
{
	struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};

	set_address(&route.rt_dst, INADDR_ANY);
	set_address(&route.rt_genmask, INADDR_ANY);
	set_address(&route.rt_gateway, inet_addr(gateway));
	return !ioctl(fd, SIOCADDRT, &route) || errno == EEXIST;
}

/* One bulkhead.nic= parameter: MAC,ADDRESS/PREFIX[,GATEWAY] */
static bool configure(char *value, void *context)
{
	int fd = *(int *)context;
	char name[IF_NAMESIZE] = "";
	char *mac = strsep(&value, ",");
	char *network = strsep(&value, ",");
	char *address = network ? strsep(&network, "/") : NULL;
	long prefix = network ? strtol(network, NULL, 10) : -1;

	if (!address || prefix < 0 || prefix > 32)
		say("bulkhead.nic=%s...: expected MAC,ADDRESS/PREFIX[,GATEWAY]", mac);
	else if (!find_interface(fd, mac, name))
		say("bulkhead.nic=%s...: no interface has this address", mac);
	else if (!assign(fd, name, address, (unsigned int)prefix) || !bring_up(fd, name) ||
		 (value && !add_gateway(fd, value)))
		say("configuring %s as %s: %s", name, address, strerror(errno));
	return false;
}

void configure_network(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || !bring_up(fd, "lo"))
		say("bringing up lo: %s", strerror(errno));
	each_parameter("bulkhead.nic", configure, &fd);
	close(fd);
}

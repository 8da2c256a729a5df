/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first process of the root partition, small enough to be no part of what is measured: finds
 * the root image, lays a writable file system over it, keeps the agent and the console shells
 * running, and ends the machine when asked.
 *
 * Parameters on the kernel's command line:
 *   bulkhead.root=/dev/X                        the root image (default: the disk whose serial or
 *                                               the ext4 file system whose label is bulkhead-root
 *                                               or, failing that, the boot medium)
 *   bulkhead.nic=MAC,ADDRESS/PREFIX[,GATEWAY]   configure the interface with this MAC (repeatable)
 */
#ifndef BULKHEAD_INIT_H
#define BULKHEAD_INIT_H

#include <stdbool.h>
#include <stddef.h>

/* Print a line on the console as `init: ...`. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Call each(value, context) for every parameter `name=value` of the kernel's command line, until
 * it returns true. Returns whether it did.
 */
bool each_parameter(const char *name, bool (*each)(char *value, void *context), void *context);

/*
 * rootfs.c: bring up the early file systems, then the root file system, and make it the root of
 * this process. Returns whether that worked; the reason of a failure is on the console.
 */
bool mount_early(void);
bool enter_root(void);

/*
 * medium.c: whether the disk /dev/<disk> is a boot medium; and make a block device of the root
 * image on the one at `device`, which becomes that device. Returns whether that worked.
 */
bool is_medium(const char *disk);
bool open_medium(char device[64]);

/* network.c: loopback up, and the interfaces that the command line configures. */
void configure_network(void);

/* services.c: the processes that run as long as the machine does. */
void start_services(void);
/* Reap ended children; those that are services start again (not more than once a second each). */
void reap_children(void);
/* Milliseconds until a service is due to start again, -1 for none; then call start_due_services. */
int next_start(void);
void start_due_services(void);

/* shutdown.c: end every process, detach the disks, then reboot(2) with command. */
_Noreturn void end_machine(int command);

#endif

// SPDX-License-Identifier: Apache-2.0
/* The thread that carries a processor. */
#ifndef WORKER_VP_THREAD_H
#define WORKER_VP_THREAD_H

#include <signal.h>

#define VP_THREAD_SIGNAL SIGUSR1 /* makes a thread leave RUN_VP; its handler does nothing */

/* The function of the thread; `argument` is its struct vp_thread. */
void *vp_thread_run(void *argument);

#endif

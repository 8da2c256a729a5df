// SPDX-License-Identifier: Apache-2.0
/* The handlers of all calls that are served: hvcall_<name>, each in the file of its family. */
#ifndef HYPERCALL_HANDLERS_H
#define HYPERCALL_HANDLERS_H

#include "hypercall/hypercall.h"

#define SERVED(name, code, ...) hypercall_handler hvcall_##name;
#define DECLARED(name, code)
#include "hypercall/rows.h"
#undef SERVED
#undef DECLARED

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What C and assembly agree on about children's code. */
#ifndef GUEST_CHILD_CODE_H
#define GUEST_CHILD_CODE_H

#define CHILD_DONE_PORT 0xf0

/* Where code without paging leaves and finds things. */
#define CHILD_REAL_RESULT 0x3000

#endif

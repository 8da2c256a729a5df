// SPDX-License-Identifier: Apache-2.0
/* The hypercall table as a page of documentation: docs/hypercall-table.md. */
#ifndef TESTS_HOSTED_TABLE_MARKDOWN_H
#define TESTS_HOSTED_TABLE_MARKDOWN_H

#include <stdio.h>

/* Write the page to `out`. */
void table_markdown(FILE *out);

#endif

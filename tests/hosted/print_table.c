// SPDX-License-Identifier: Apache-2.0
/* Print docs/hypercall-table.md. */
#include <stdio.h>
#include <string.h>

#include "table_markdown.h"

int main(int argc, char **argv)
{
	if (argc > 1) {
		puts("usage: print_table\n\nPrint the hypercall table as Markdown: "
		     "docs/hypercall-table.md.");
		return strcmp(argv[1], "--help") == 0 ? 0 : 2;
	}
	table_markdown(stdout);
	return 0;
}

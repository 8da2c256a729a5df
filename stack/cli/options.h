// SPDX-License-Identifier: Apache-2.0
/* Options that several commands understand. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/command.h"
#include "cli/output.h"

#define OPTIONS_GO_ON (-1)

/*
 * Parse -o/--output and -h/--help; at most `words` words may follow, the first one at
 * argv[optind]. Returns OPTIONS_GO_ON, or the exit code to end with.
 */
int options_parse(const struct command *self, int argc, char **argv, int words,
		  enum output_format *format);

/* Set *format from `value`. Returns OPTIONS_GO_ON, or EXIT_USAGE after complaining. */
int options_format(const struct command *self, const char *value, enum output_format *format);

/*
 * For an option that getopt_long() refused with `c`, its optstring beginning with "+:": complain
 * and return EXIT_USAGE.
 */
int options_error(const struct command *self, int c, char **argv);

/* Complain if more than `words` words are left at argv[optind]. Returns as options_parse() does. */
int options_words(const struct command *self, int argc, char **argv, int words);

#endif

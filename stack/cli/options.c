// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <getopt.h>
#include <string.h>

int options_format(const struct command *self, const char *value, enum output_format *format)
{
	if (output_parse(format, value))
		return OPTIONS_GO_ON;
	complain(self, "there is no output format `%s`, only text and json", value);
	return usage_error(self);
}

int options_error(const struct command *self, int c, char **argv)
{
	const char *word = argv[optind - 1];

	if (c == ':')
		complain(self, "option %s needs a value", word);
	else if (optopt > 0 && strncmp(word, "--", 2) != 0)
		complain(self, "there is no option -%c", optopt);
	else
		complain(self, "option %s is not understood", word);
	return usage_error(self);
}

int options_words(const struct command *self, int argc, char **argv, int words)
{
	if (argc - optind <= words)
		return OPTIONS_GO_ON;
	complain(self, "`%s` is one word too many", argv[optind + words]);
	return usage_error(self);
}

int options_parse(const struct command *self, int argc, char **argv, int words,
		  enum output_format *format)
{
	static const struct option long_options[] = {
		{"output", required_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int c, code;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:o:h", long_options, NULL)) != -1) {
		switch (c) {
		case 'o':
			code = options_format(self, optarg, format);
			if (code != OPTIONS_GO_ON)
				return code;
			break;
		case 'h':
			return print_help(self);
		default:
			return options_error(self, c, argv);
		}
	}
	return options_words(self, argc, argv, words);
}

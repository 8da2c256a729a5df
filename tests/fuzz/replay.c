// SPDX-License-Identifier: Apache-2.0
/*
 * Run a fuzz target on files, without libFuzzer: a corpus as a test, or a crash under a debugger.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned int files;

static int run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data, *exact;
	size_t size;

	if (!file) {
		perror(path);
		return 1;
	}
	data = malloc(INPUT_MAX);
	if (!data) {
		fputs("replay: no memory for an input\n", stderr);
		fclose(file);
		return 1;
	}
	size = fread(data, 1, INPUT_MAX, file);
	fclose(file);
	/* A block of the exact size, so that reading behind the end is seen. */
	exact = realloc(data, size > 0 ? size : 1);
	if (!exact) {
		free(data);
		return 1;
	}
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	files++;
	return 0;
}

static int run(const char *path)
{
	struct dirent **names;
	struct stat info;
	int status = 0;
	int count;

	if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
		return run_file(path);
	count = scandir(path, &names, NULL, alphasort);
	if (count < 0) {
		perror(path);
		return 1;
	}
	for (int i = 0; i < count; i++) {
		char file[4096];

		if (names[i]->d_name[0] != '.') {
			snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
			status |= run_file(file);
		}
		free(names[i]);
	}
	free(names);
	return status;
}

int main(int argc, char **argv)
{
	int status = 0;

	if (argc < 2 || strcmp(argv[1], "--help") == 0) {
		puts("usage: replay FILE|DIRECTORY...\n\nRun the fuzz target once on each file.");
		return argc < 2 ? 2 : 0;
	}
	for (int i = 1; i < argc; i++)
		status |= run(argv[i]);
	printf("%u inputs\n", files);
	return status || files == 0 ? 1 : 0;
}

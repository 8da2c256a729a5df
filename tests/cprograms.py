# SPDX-License-Identifier: Apache-2.0
"""C programs as pytest items: the tests that Meson knows, and libFuzzer targets."""
import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

PROGRAM_LIMIT = 300  # seconds for one program; they take a few
FUZZ_SECONDS = 20
FUZZ_AFTERLIFE = 120  # seconds beyond its time after which a fuzzer hangs
TAP_LINE = re.compile(r"(not )?ok \d+ - (\S+)(.*)")


class Failure(Exception):
    """A test failed; the text says how."""


def _how_it_ended(code):
    if code >= 0:
        return f"ended with {code}"
    return f"was killed by {signal.Signals(-code).name}"


def _environment(**more):
    return {**os.environ, "UBSAN_OPTIONS": "print_stacktrace=1", **more}


class Item(pytest.Item):
    """An item that reports a failure as plain text instead of a Python trace."""

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, Failure):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, None, self.name


class MesonFile(pytest.File):
    """A meson.build that declares tests; they run when collected, for cmocka cannot list its own.

    build: the build directory.
    """

    def __init__(self, *, build, **more):
        super().__init__(**more)
        self._build = build

    def collect(self):
        room = self._build / self.path.parent.relative_to(self.config.rootpath.parent)
        declared = [test for test in self._declared() if Path(test["cmd"][0]).parent == room]
        if not declared:
            yield Reported.from_parent(self, name="built", problem=f"{self._build} has no tests of "
                                       "this directory: `make` needs libcmocka-dev for them")
        for test in sorted(declared, key=lambda test: test["name"]):
            yield from self._run(test["name"], test["cmd"], test["env"])

    def _declared(self):
        path = self._build / "meson-info" / "intro-tests.json"
        return json.loads(path.read_text()) if path.is_file() else []

    def _run(self, name, command, environment):
        if not os.access(command[0], os.X_OK):
            yield self._reported(name, f"{command[0]} is not built; run `make`")
            return
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  errors="replace", timeout=PROGRAM_LIMIT, cwd=self._build,
                                  env=_environment(CMOCKA_MESSAGE_OUTPUT="TAP", **environment))
        except subprocess.TimeoutExpired as expired:
            output = (expired.stdout or b"").decode(errors="replace")
            yield self._reported(name, f"{command[0]} did not end within {PROGRAM_LIMIT} s\n"
                                       f"{output[-4000:]}")
            return
        yield from self._items(name, done.returncode, done.stdout)

    def _reported(self, name, problem=None, skipped=None):
        return Reported.from_parent(self, name=name, problem=problem, skipped=skipped)

    def _items(self, program, code, output):
        planned = None
        seen = failed = 0
        before = []  # what was printed since the last result
        for line in output.splitlines():
            result = TAP_LINE.fullmatch(line)
            if result:
                bad, name, rest = result.groups()
                seen += 1
                failed += bool(bad)
                skipped = rest.strip() if "# SKIP" in rest else None
                yield self._reported(f"{program}::{name}", _detail(before, output, name)
                                     if bad else None, skipped)
                before = []
            elif re.fullmatch(r"1\.\.\d+", line):
                planned = int(line[3:])
            else:
                before.append(line)
        if planned is None and not seen:  # not a program that speaks TAP
            yield self._reported(program, f"it {_how_it_ended(code)}\n{output[-8000:]}"
                                 if code else None)
        elif seen != planned or (code != 0) != (failed > 0):
            yield self._reported(f"{program}::ends", f"{program} planned {planned} tests, reported "
                                 f"{seen} and {_how_it_ended(code)}\n{output[-8000:]}")


def _detail(before, output, name):
    behind = output.split(f" - {name}\n", 1)[-1].split("\nok ", 1)[0].split("\nnot ok ", 1)[0]
    said = [line for line in before + behind.splitlines() if line.startswith("#") or "rror" in line]
    return "\n".join(said) or output[-4000:]


class Reported(Item):
    """A result that is known already. problem: what went wrong, None: passed."""

    def __init__(self, *, problem=None, skipped=None, **more):
        super().__init__(**more)
        self._problem = problem
        self._skipped = skipped

    def runtest(self):
        if self._skipped:
            pytest.skip(self._skipped)
        if self._problem:
            raise Failure(self._problem)


class FuzzFile(pytest.File):
    """A libFuzzer target."""

    def __init__(self, *, program, **more):
        super().__init__(**more)
        self.program = program

    def collect(self):
        yield Fuzzing.from_parent(self, name="fuzz")


class Fuzzing(Item):
    """Runs the target on its seeds and what it makes of them, for FUZZ_SECONDS."""

    def runtest(self):
        program = self.parent.program
        if not program.is_file():
            pytest.skip(f"{program} is not built: clang or its runtime (libclang-rt-*-dev) is "
                        "missing")
        seconds = int(os.environ.get("FUZZ_SECONDS", FUZZ_SECONDS))
        name = program.name
        seeds = self.path.parent / "corpus" / name[len("fuzz_"):]
        work = program.parent / "corpus" / name
        work.mkdir(parents=True, exist_ok=True)
        findings = program.parent / "findings"
        findings.mkdir(exist_ok=True)
        command = [program, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
                   "-print_final_stats=1", f"-artifact_prefix={findings}/{name}-", work]
        command += [seeds] if seeds.is_dir() else []
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, errors="replace",
                                  timeout=seconds + FUZZ_AFTERLIFE, env=_environment())
        except subprocess.TimeoutExpired as expired:
            raise Failure(f"{program} did not end {FUZZ_AFTERLIFE} s after its time\n"
                          f"{(expired.stdout or b'').decode(errors='replace')[-4000:]}") from None
        if done.returncode:
            raise Failure(f"{program} {_how_it_ended(done.returncode)}; the input that did it is "
                          f"in {findings}\n{done.stdout[-8000:]}")
        runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stdout)
        self.add_report_section("call", "fuzz", f"{name}: {runs[1] if runs else '?'} inputs in "
                                f"{seconds} s\n")

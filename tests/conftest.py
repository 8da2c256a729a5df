# SPDX-License-Identifier: Apache-2.0
"""What all tests share: the lab's Python API on the path, C tests as items, results as they come.

The tests that a meson.build declares are items of that file, each test of a cmocka program one. A C
file called fuzz_*.c is a libFuzzer target: it runs for FUZZ_SECONDS as one item.
"""
import json
import os
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
BUILD = Path(os.environ.get("BULKHEAD_BUILD") or REPOSITORY / "build").absolute()

sys.path.insert(0, str(REPOSITORY / "lab"))
sys.path.insert(0, str(REPOSITORY / "tests"))

import cprograms  # noqa: E402  (the path has to be set first)


def pytest_collect_file(file_path, parent):
    """C tests and fuzz targets are tests, too."""
    if file_path.name == "meson.build":
        return cprograms.MesonFile.from_parent(parent, path=file_path, build=BUILD)
    if file_path.name.startswith("fuzz_") and file_path.suffix == ".c":
        where = file_path.relative_to(REPOSITORY).with_suffix("")
        return cprograms.FuzzFile.from_parent(parent, path=file_path,
                                              program=BUILD / "fuzz" / where)
    return None


def pytest_addoption(parser):
    parser.addoption("--results", help="append every result to this file, an object a line")


class Results:
    """Writes down every outcome at once, so that a run that is cut short still counts."""

    def __init__(self, path):
        self._file = open(path, "a", encoding="utf-8")

    def _write(self, name, outcome):
        print(json.dumps({"test": name, "outcome": outcome}), file=self._file, flush=True)

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            self._write(report.nodeid, report.outcome)

    def pytest_collectreport(self, report):
        if report.outcome != "passed":
            self._write(report.nodeid, report.outcome)


def pytest_configure(config):
    config.addinivalue_line("markers", "soak: long; only `make soak` runs it")
    path = config.getoption("--results")
    if path:
        config.pluginmanager.register(Results(path), "bulkhead-results")


def pytest_collection_modifyitems(config, items):
    """Leave out what only a soak run wants, unless the command line selects by marker itself."""
    if config.option.markexpr:
        return
    soak = [item for item in items if item.get_closest_marker("soak")]
    if soak:
        config.hook.pytest_deselected(items=soak)
        items[:] = [item for item in items if item not in soak]


@pytest.fixture(scope="session")
def build():
    """The build directory."""
    return BUILD

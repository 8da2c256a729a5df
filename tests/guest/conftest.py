# SPDX-License-Identifier: Apache-2.0
"""Every line that a guest partition reports is a test of its own.

A test file names its image (IMAGE). Its functions that take `line` are made once for each ordinary
test in the image, of one boot for all; those that take `alone`, `long`, `poweroff` or `reset` once for each
test that ends so, with its name.
"""
import partition
import pytest
from bulkhead_lab.spec import DEFAULT_CPU


def pytest_generate_tests(metafunc):
    wanted = {"line": "ordinary", "alone": "alone", "long": "long",
              "poweroff": "poweroff", "reset": "reset"}
    for argument, ending in wanted.items():
        if argument not in metafunc.fixturenames:
            continue
        try:
            found = partition.names(partition.BUILD, metafunc.module.IMAGE)
        except FileNotFoundError as error:
            pytest.fail(f"{error.filename} is not there: build it (make machine)", pytrace=False)
        chosen = [name for name, how in found.items() if how == ending]
        metafunc.parametrize(argument, chosen, ids=chosen, indirect=argument == "line")


@pytest.fixture(scope="module")
def report(request, build, tmp_path_factory):
    """The report of the boot that all ordinary tests share: with all that tests look for."""
    return partition.boot(build, request.module.IMAGE, tmp_path_factory.mktemp("boot"),
                          cpu=f"{DEFAULT_CPU},+x2apic,+pku", memory="5G")


@pytest.fixture
def line(request, report):
    """(name, Line or None) of an ordinary test."""
    return request.param, report.lines().get(request.param)


@pytest.fixture
def boot(build, request, tmp_path):
    """Boot the file's image; see partition.boot()."""
    return lambda **options: partition.boot(build, request.module.IMAGE, tmp_path, **options)

# SPDX-License-Identifier: Apache-2.0
"""guest/root: a test kernel in the root partition's place, and what it finds there."""
import re

import partition
import pytest
from bulkhead_lab.spec import DEFAULT_CPU

IMAGE = "root-tests"

WITHOUT_X2APIC = "EPYC-v4,+svm,+npt"


def fail(report, what):
    pytest.fail(f"{what}\n{report.tail()}", pytrace=False)


def test_root(line, report):
    name, found = line
    if found is None:
        fail(report, f"no word of `{name}`: {report.how_it_ended()}")
    if found.skipped:
        pytest.skip(found.message)
    if not found.passed:
        pytest.fail(found.message, pytrace=False)


def test_report_is_complete(report, build):
    """The plan, the lines, their order and the exit code say the same."""
    expected = [name for name, how in partition.names(build, IMAGE).items() if how == "ordinary"]
    lines = report.lines()
    if report.plan() is None:
        fail(report, f"no plan: {report.how_it_ended()}")
    assert report.plan() == len(expected)
    if list(lines) != expected:
        fail(report, f"not all tests reported, in order: {report.how_it_ended()}")
    assert [line.number for line in lines.values()] == list(range(1, len(expected) + 1))
    passed = all(line.passed for line in lines.values())
    if report.code != (partition.PASSED if passed else partition.FAILED):
        fail(report, report.how_it_ended())


def test_hypervisor_is_content(report):
    """Nothing a partition does is an error of the hypervisor's."""
    errors = [text for text in report.log.splitlines()
              if re.search(r"bulkhead: (error|panic)", text)]
    assert errors == []


def expect_all_pass(report):
    if report.plan() is None or len(report.lines()) != report.plan():
        fail(report, report.how_it_ended())
    failed = [f"{name}: {line.message}" for name, line in report.lines().items() if not line.passed]
    assert failed == []
    assert report.code == partition.PASSED


@pytest.mark.parametrize("machine", [
    {"memory": "2G"},
    {"cpu": f"{DEFAULT_CPU},+x2apic", "cpus": 2},
    {"cpu": f"{WITHOUT_X2APIC},-pdpe1gb,-xsave", "memory": "160M", "cpus": 2},
], ids=["as the lab's", "two processors", "fewer features, little memory"])
def test_on_another_machine(boot, machine):
    """All ordinary tests on machines that are different."""
    expect_all_pass(boot(**machine))


def test_selection(boot):
    """The command line selects tests by the beginnings of their names."""
    report = boot(tests="cpuid|time: it")
    expect_all_pass(report)
    assert report.plan() > 2
    assert {name.split(":")[0] for name in report.lines()} == {"cpuid", "time"}
    assert len([name for name in report.lines() if name.startswith("time:")]) == 1


def test_alone(boot, alone):
    report = boot(tests=alone, cpu=f"{DEFAULT_CPU},+x2apic", cpus=2)
    expect_all_pass(report)
    assert list(report.lines()) == [alone]
    assert not report.lines()[alone].skipped


def test_long(boot, long):
    """What takes a minute or two where nothing else runs, and has other numbers each time."""
    report = boot(tests=long, cpu=f"{DEFAULT_CPU},+x2apic", cpus=2, threads="multi", limit=900)
    expect_all_pass(report)
    assert list(report.lines()) == [long]
    assert not report.lines()[long].skipped


@pytest.mark.soak
@pytest.mark.parametrize("hostile", [
    "hostile: a child's calls change nothing outside it, and few succeed",
    "hostile: nor do those of a child that has all rights which can be given"])
def test_hostile_child_for_long(boot, hostile):
    """A million calls."""
    expect_all_pass(boot(tests=hostile, options=f"calls={10 ** 6:x}", limit=3600))


def test_second_processor_in_xapic_mode(boot):
    start = "processors: the second one starts as VP 1, by INIT and start-up"
    report = boot(tests=start, cpu=WITHOUT_X2APIC, cpus=2)
    expect_all_pass(report)
    assert not report.lines()[start].skipped


def expect_end(report, reason):
    """The machine went down, for this reason, before the test could say anything."""
    if report.lines() or report.reason != reason or report.code != 0:
        fail(report, report.how_it_ended())


def test_poweroff(boot, poweroff):
    expect_end(boot(tests=poweroff), "guest-shutdown")


def test_reset(boot, reset):
    expect_end(boot(tests=reset), "guest-reset")

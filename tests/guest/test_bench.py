# SPDX-License-Identifier: Apache-2.0
"""guest/bench: what the root pays for its hypervisor, to the instruction, does not grow."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

import costs  # noqa: E402  (the path has to be set first)

IMAGE = costs.IMAGE
RECORDED, CEILINGS = costs.limits()


@pytest.fixture(scope="module")
def report(build, tmp_path_factory):
    """The report of the probes for one processor."""
    return costs.boot(build, tmp_path_factory.mktemp("boot"))


@pytest.fixture(scope="module")
def exact(report):
    """Its figures."""
    return costs.figures(report)


def test_probe(line, report):
    name, found = line
    if found is None:
        pytest.fail(f"no word of `{name}`: {report.how_it_ended()}\n{report.tail()}", pytrace=False)
    if found.skipped:
        pytest.skip(found.message)
    assert found.passed, found.message


def test_figures_repeat(exact, build, tmp_path):
    """Another boot finds the same, to the instruction."""
    assert costs.figures(costs.boot(build, tmp_path)) == exact


def test_below_the_ceilings(exact):
    assert costs.above_ceilings(exact, CEILINGS) == []


def test_below_the_ceilings_on_two_processors(build, tmp_path):
    measured = costs.figures(costs.boot_two(build, tmp_path))
    assert "root-cross-ipi" in measured
    assert costs.above_ceilings(measured, CEILINGS) == []


def test_not_more_than_recorded(exact, build):
    """At most 2 % above bench/limits.json; `bench/run --record` writes that file again."""
    compiler = costs.compiler(build)
    if compiler not in RECORDED:
        pytest.skip(f"no figures of {compiler} are recorded, only of {', '.join(RECORDED)}")
    assert costs.grown(exact, RECORDED[compiler]) == []


def test_the_machine_itself_costs_next_to_nothing(build, tmp_path):
    """The probes measure the hypervisor: without one a CPUID is one instruction, and nothing fails."""
    bare = costs.figures(costs.boot(build, tmp_path, bare=True))
    assert bare["root-cpuid"] == {"instructions": 1}

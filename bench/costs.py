# SPDX-License-Identifier: Apache-2.0
"""What operations of a partition cost: guest/bench in the root's place, counted to the instruction.

The figures of one compiler are the same in every run. limits.json holds those that were recorded
(tests/guest fails when one grows by more than SLACK) and ceilings that hold for every compiler.
"""
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import partition
import rows
from bulkhead_lab import LabError, paths, tree

IMAGE = "bench"
LIMITS = Path(__file__).resolve().parent / "limits.json"
SLACK = 1.02
COMPILERS = re.compile(rb"GNU C17 (?P<gcc>\d+)\.|clang version (?P<clang>\d+)\.")


def measure(_, say):
    """The rows: of Bulkhead, and of the machine itself as far as it knows the operation."""
    build = paths.build_directory()
    with tempfile.TemporaryDirectory() as directory:
        exact = figures(boot(build, directory))
        bare = figures(boot(build, directory, bare=True))
        two = figures(boot_two(build, directory))
    name = compiler(build)
    changes = differences(exact, limits()[0].get(name, {}))
    say(f"costs: compiled by {name}, " + ("as recorded" if not changes else
                                         f"{len(changes)} differences from what is recorded"))
    for change in changes:
        say(f"costs: {change}")
    return table_rows("bulkhead", {**exact, **two}) + table_rows("bare", bare)


def boot(build, directory, **options):
    """The report of all probes for one processor, where the TSC counts instructions."""
    return partition.boot(build, IMAGE, directory, icount=True, **options)


def boot_two(build, directory):
    """The report of the probes that take two processors, side by side: nothing repeats exactly."""
    names = [name for name, how in partition.names(build, IMAGE).items() if how == "alone"]
    return partition.boot(build, IMAGE, directory, tests="|".join(names), cpus=2,
                          threads="multi")


def figures(report):
    """{probe: {unit: figure}} of a report in which every test passed."""
    failed = [f"{name}: {line.message}" for name, line in report.lines().items() if not line.passed]
    if failed or report.code != partition.PASSED:
        raise LabError(f"The bench partition failed: {'; '.join(failed) or report.how_it_ended()}",
                       tail=report.tail(), tail_title="what it said")
    return report.figures()


def table_rows(side, measured):
    """{probe: {unit: figure}} as rows."""
    return [{"probe": probe, "unit": unit, side: rows.tidy(figure)}
            for probe, unit, figure in _each(measured)]


# --- what they must not exceed


def compiler(build):
    """What compiled the hypervisor of a build directory, by its debug information: "gcc 12"."""
    found = COMPILERS.search((build / "hypervisor/bulkhead.elf").read_bytes())
    if not found:
        return "an unknown compiler"
    return f"gcc {found['gcc'].decode()}" if found["gcc"] else f"clang {found['clang'].decode()}"


def limits():
    """The recorded figures {compiler: {probe: {unit: figure}}}, the ceilings {probe: {unit: figure}}."""
    content = json.loads(LIMITS.read_text())
    return content["recorded"], content["ceilings"]


def above_ceilings(measured, ceilings):
    """The figures that are above their ceilings, in words.

    Switches are averages over many rounds: where processors run at their own pace, a few more are
    noise.
    """
    found = []
    for probe, unit, figure in _each(measured):
        ceiling = ceilings.get(probe, {}).get(unit)
        if ceiling is not None and figure > ceiling * (SLACK if unit == "switches" else 1):
            found.append(f"{probe}: {figure:g} {unit}, more than {ceiling:g}")
    return found


def grown(measured, recorded):
    """The figures that are worse than recorded, or on one side only, in words."""
    return [_words(*one) for one in _compared(measured, recorded)
            if one[2] is None or one[3] is None or one[2] > one[3] * SLACK]


def differences(measured, recorded):
    """All figures that are not what is recorded, in words."""
    return [_words(*one) for one in _compared(measured, recorded) if one[2] != one[3]]


def _each(table):
    """(probe, unit, figure) of {probe: {unit: figure}}."""
    return [(probe, unit, units[unit]) for probe, units in table.items() for unit in units]


def _compared(measured, recorded):
    """(probe, unit, measured, recorded) of all that one of them has; None where it has not."""
    keys = dict.fromkeys((probe, unit) for probe, unit, _ in [*_each(measured), *_each(recorded)])
    return [(probe, unit, measured.get(probe, {}).get(unit), recorded.get(probe, {}).get(unit))
            for probe, unit in keys]


def _words(probe, unit, figure, before):
    if figure is None:
        return f"{probe}: no {unit} measured, {before:g} recorded"
    if before is None:
        return f"{probe}: {figure:g} {unit}, none recorded"
    change = f" ({(figure / before - 1) * 100:+.1f} %)" if before else ""
    return f"{probe}: {figure:g} {unit}, {before:g} recorded{change}"


# --- and how that is written down


def record(say):
    """Write what is measured now into limits.json: of the build, and of the tree's compiler."""
    build = paths.build_directory()
    content = json.loads(LIMITS.read_text())
    recorded = {}
    for one in (build, _build_by_tree(build / "bench-tree")):
        name = compiler(one)
        with tempfile.TemporaryDirectory() as directory:
            recorded[name] = figures(boot(one, directory))
        for change in differences(recorded[name], content["recorded"].get(name, {})):
            say(f"{name}: {change}")
    content["recorded"] = dict(sorted(recorded.items()))
    LIMITS.write_text(_text(content))
    say(f"the figures of {' and '.join(recorded)} are recorded in {LIMITS}")


def _text(content):
    """The file: JSON, a probe a line."""
    def probes(table, indent):
        lines = [f"{' ' * indent}{json.dumps(probe)}: "
                 + json.dumps({unit: rows.tidy(figure) for unit, figure in sorted(units.items())})
                 for probe, units in table.items()]
        return "{\n" + ",\n".join(lines) + f"\n{' ' * (indent - 1)}}}"

    compilers = [f"  {json.dumps(name)}: {probes(table, 3)}"
                 for name, table in content["recorded"].items()]
    return (f'{{\n "license": {json.dumps(content["license"])},\n'
            f' "ceilings": {probes(content["ceilings"], 2)},\n'
            ' "recorded": {\n' + ",\n".join(compilers) + "\n }\n}\n")


def _build_by_tree(directory):
    """Build what is measured with the compiler of the lab's tree; returns the directory."""
    wrapper = " ".join([*tree.get().prefix(), "gcc"])
    steps = [["ninja", "-C", str(directory), "hypervisor/bulkhead.elf",
              *(f"guest/{IMAGE}.{kind}" for kind in ("img", "names"))]]
    if not (directory / "build.ninja").exists():
        steps.insert(0, ["meson", "setup", str(directory), str(paths.REPOSITORY)])
    for step in steps:
        done = subprocess.run(step, env={**os.environ, "CC": wrapper}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise LabError(f"Building with the tree's compiler failed: `{' '.join(step)}`",
                           tail=done.stdout[-3000:], tail_title="what it said")
    return directory

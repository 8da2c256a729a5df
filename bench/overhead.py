# SPDX-License-Identifier: Apache-2.0
"""What being root costs Linux: the same work with and without Bulkhead, in instructions."""
import tempfile
from pathlib import Path

import rows
from bulkhead_lab import Machine, artefacts

SOURCE = Path(__file__).resolve().parent / "root" / "work.c"
PROGRAM = "/tmp/work"
KINDS = ("cpu", "memory", "fork")
LIMIT = 300  # seconds for one piece of work


def measure(runs, say):
    """Do each kind of work `runs` times in one boot with Bulkhead and in one without."""
    samples = {kind: rows.Samples(f"root-work-{kind}", "instructions") for kind in KINDS}
    with tempfile.TemporaryDirectory() as directory:
        program = Path(directory) / "work"
        artefacts.get().tree.check(["gcc", "-O2", "-static", "-o", program, SOURCE],
                                   "Compiling the work for the root partition")
        for side in ("bulkhead", "bare"):
            with Machine(bare=side == "bare", icount=True) as machine:
                machine.push(program, PROGRAM)
                for i in range(runs + 1):  # the first one warms up
                    for kind in KINDS:
                        figure = int(machine.exec([PROGRAM, kind], timeout=LIMIT).text)
                        if i:
                            samples[kind].add(side, figure)
                    if i:
                        say(f"work {i}/{runs} {side}: " + ", ".join(
                            f"{kind} {samples[kind].last(side):,}" for kind in KINDS))
    return [samples[kind].row() for kind in KINDS]

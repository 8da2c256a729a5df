# SPDX-License-Identifier: Apache-2.0
"""Boot: from power-on until root user space answers."""
import rows
from bulkhead_lab import Machine


def measure(runs, say):
    """Boot `runs` times each with and without Bulkhead, alternating; one more pair warms up."""
    samples = rows.Samples("boot", "us")
    for i in range(runs + 1):
        for side in ("bulkhead", "bare") if i % 2 else ("bare", "bulkhead"):
            with Machine(bare=side == "bare") as machine:
                if i:
                    samples.add(side, machine.boot_seconds * 1e6)
                    say(f"boot {i}/{runs} {side}: {machine.boot_seconds:.2f} s")
    return [samples.row()]

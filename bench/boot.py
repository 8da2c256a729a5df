# SPDX-License-Identifier: Apache-2.0
"""Boot: from power-on until root user space answers."""
import statistics

from bulkhead_lab import Machine


def measure(runs, say):
    """Boot `runs` times each with and without Bulkhead, alternating; one more pair warms up."""
    seconds = {False: [], True: []}
    for i in range(runs + 1):
        for bare in (False, True) if i % 2 else (True, False):
            with Machine(bare=bare) as machine:
                if i:
                    seconds[bare].append(machine.boot_seconds)
                    say(f"boot {i}/{runs} {'bare' if bare else 'bulkhead'}: "
                        f"{machine.boot_seconds:.2f} s")
    return [{"probe": "boot to root user space", "unit": "s",
             "bulkhead": round(statistics.median(seconds[False]), 3),
             "bare": round(statistics.median(seconds[True]), 3)}]

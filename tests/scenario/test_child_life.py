# SPDX-License-Identifier: Apache-2.0
"""Many children, and children that end badly: nobody else notices, and nothing stays behind."""
import os
import random
import re
import shlex

import pytest
from bulkhead_lab import Machine

GUEST = "/usr/share/bulkhead/guests/6.12"
GREETING = "in a child partition"
LIMIT = 900
KILLS = 8
SOAK_KILLS = 200
LIFETIME = 5.0  # seconds in which a guest starts, runs a command and ends
SEED = int(os.environ.get("SOAK_SEED", "1"))
LEAK = 65536  # KiB; what the page allocator keeps for processors comes and goes, a guest has more

# Linux's driver warns (once) when a thread is killed while it fills a guest's page: so be it.
COMPLAINT = re.compile(r"WARNING: (?!at mshv_region_handle_gfn_fault)|BUG:|stall|hung|Oops")

# One after the other comes up and stays; then, one after the other, has its power button pressed.
CROWD_SCRIPT = """
set -e
cd $(mktemp -d)
for i in $(seq {count}); do
	{{ {run} --name crowd$i </dev/null >$i.out 2>$i.err; echo $? >$i.code; }} &
	until grep -q '{greeting}' $i.out; do
		[ ! -e $i.code ]
		sleep 0.2
	done
done
bulkhead list | grep -c crowd
for i in $(seq {count}); do bulkhead stop crowd$i; done
wait
cat *.code | sort | uniq -c
cat *.err
"""

# A worker and its front, killed after some time wherever they are.
KILL_SCRIPT = """
setsid {run} --name killed </dev/null >/dev/null 2>&1 & leader=$!
sleep {seconds}
kill -9 -$leader 2>/dev/null
wait $leader
until ! pgrep -g $leader >/dev/null; do sleep 0.1; done
"""


@pytest.fixture(scope="module")
def host():
    with Machine(cpus=2, memory="4G") as machine:
        yield machine


def run(append="quiet", memory="128M"):
    return shlex.join(["bulkhead", "run", "--kernel", f"{GUEST}/kernel", "--initrd", f"{GUEST}/initrd",
                       "--append", f"console=ttyS0 {append}", "--memory", memory])


def partitions(host):
    return host.exec("ls /sys/kernel/debug/mshv/partition").text.split()


def available(host):
    """Memory that root user space could have, in KiB."""
    return int(host.exec("echo 3 >/proc/sys/vm/drop_caches; echo 1 >/proc/sys/vm/compact_memory; "
                         "awk '/^MemAvailable/ { print $2 }' /proc/meminfo").text)


def deposited(host):
    """Pages that the root has given to the hypervisor for itself."""
    return host.exec("grep -h PtDepositedPages /sys/kernel/debug/mshv/partition/1/stats").text


def assert_unharmed(host):
    assert partitions(host) == ["1"]
    assert host.exec("bulkhead list").text == ""
    assert host.exec("bulkhead log -l warn").text == ""
    assert not COMPLAINT.search(host.exec("dmesg --notime").text)


def kill_over_and_over(host, times):
    moments = random.Random(SEED)
    host.exec(KILL_SCRIPT.format(run=run(), seconds=LIFETIME), timeout=LIMIT)  # what is loaded once
    before, deposit = available(host), deposited(host)
    for _ in range(times):
        seconds = moments.uniform(0, LIFETIME)
        host.exec(KILL_SCRIPT.format(run=run(), seconds=f"{seconds:.3f}"), timeout=LIMIT)
        assert partitions(host) == ["1"], f"after {seconds:.3f} s"
    assert before - available(host) < LEAK
    assert deposited(host) == deposit
    assert_unharmed(host)


@pytest.mark.parametrize("count", [4, pytest.param(16, marks=pytest.mark.soak)])
def test_many_children_run_at_once(host, count):
    said = host.exec(CROWD_SCRIPT.format(count=count, run=run(), greeting=GREETING), timeout=LIMIT).text
    assert [line.split() for line in said.splitlines()] == [[str(count)], [str(count), "0"]]
    assert_unharmed(host)


def test_workers_killed_at_any_moment_leave_nothing(host):
    kill_over_and_over(host, KILLS)


@pytest.mark.soak
def test_workers_killed_two_hundred_times_leave_nothing(host):
    kill_over_and_over(host, SOAK_KILLS)


def test_a_triple_fault_is_told(host):
    """Linux restarts itself that way where it is told to."""
    line = run(append='quiet reboot=triple bulkhead.run="reboot -f"')
    done = host.exec(f"{line} --name tripled </dev/null", check=False, timeout=LIMIT)
    assert done.code == 11
    assert "triple fault" in done.stderr.decode().splitlines()[0]
    assert_unharmed(host)

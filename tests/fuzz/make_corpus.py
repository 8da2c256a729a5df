#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the seed corpora of fuzz_dispatch (one small file for each call that is served, and a few sequences) and of
fuzz_synic (a few sequences).

The rows of the table are counted from hypervisor/hypercall/rows.h; run this again when that file has changed.
"""

import pathlib
import re
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROWS = HERE.parent.parent / "hypervisor" / "hypercall" / "rows.h"
CORPUS = HERE / "corpus"

SELF = 0x01
PAGES = 0x02
CHILD = 0x04
WORDS = 0x08
FAST = 0x80
FIRST_PAGE = 16


def row_names():
    return re.findall(r"^(?:SERVED|DECLARED)\((\w+),", ROWS.read_text(), re.MULTILINE)


NAMES = row_names()


def call(name, payload=b"", style=0, options=0, reps=0, start=0, where=b"\0\0"):
    """One operation: a call by its row (see fuzz_dispatch.c)."""
    payload += b"\0" * (len(payload) % 2)
    return (
        struct.pack("<BBHH", NAMES.index(name) + 2, options, reps, start)
        + where
        + struct.pack("<BB", style, len(payload) // 2)
        + payload
    )


def raw(control, where=b"\0\0"):
    return struct.pack("<BQ", 1, control) + where + b"\0\0"


def pages(count, first=FIRST_PAGE):
    return b"".join(struct.pack("<H", first + i) for i in range(count))


def deposit(count, first=FIRST_PAGE):
    return call("deposit_memory", pages(count, first), SELF | PAGES, reps=count)


def withdraw(count):
    return call("withdraw_memory", b"\0" * 8, SELF, reps=count)


def stats(name, kind, identity):
    return call(name, struct.pack("<II", kind, 0) + identity.ljust(16, b"\0"))


def interrupt(device, vector, vp):
    return call(
        "map_device_interrupt",
        struct.pack(
            "<QII16sIIIIIIQQQ",
            device << 62, 0, 0, b"", 0, 1, 1, 0, vector, 2, 0, 1 << (vp // 64), 1 << (vp % 64),
        ),
        SELF,
        options=2,
    )


def property_call(name, code, arg=0):
    return call(name, struct.pack("<IIQ", code, 0, arg), SELF)


SYNIC = 0x80
READ = b"\0\0"
MESSAGE, EVENT = 1, 2


def port(number, kind, sint, vp=0, first=0, count=0):
    return call("create_port", struct.pack("<IIQIIIIHHIQ", number, 0, 0, kind, 0, sint, vp, first, count, 0, 0), SELF)


def connect(number, to, kind):
    return call("connect_port", struct.pack("<IIQII", number, 0, 2**64 - 1, to, 0)
                + struct.pack("<IIQQQ", kind, 0, 0, 0, 0) + b"\0" * 8, SELF)


def post(connection, kind, payload):
    return call("post_message", struct.pack("<IIII", connection, 0, kind, len(payload)) + payload)


def signal(connection, flag):
    return call("signal_event", struct.pack("<IHH", connection, flag, 0), options=FAST)


def undo(name, number):
    return call(name, struct.pack("<II", number, 0), SELF, options=FAST)


def child(which=0):
    """The style of a call on a child."""
    return CHILD | which << 6


def create(flags=0x482110):
    return call("create_partition", struct.pack("<QQIIQQQQ", flags, 0, 0x609, 0, 0, 0, 0, 0))


def of(name, which=0):
    return call(name, b"", child(which))


def child_deposit(count, first, which=0):
    return call("deposit_memory", pages(count, first), child(which) | PAGES, reps=count)


def child_withdraw(which=0):
    return call("withdraw_memory", b"\0" * 8, child(which), reps=512)


def map_pages(base, flags, count, first=FIRST_PAGE, which=0, step=1):
    payload = struct.pack("<QII", base, flags, 0xA5A5A5A5)
    payload += b"".join(struct.pack("<H", first + i * step) for i in range(count))
    operation = call("map_gpa_pages", payload, child(which) | PAGES | WORDS, reps=count)
    # the length counts the page numbers alone
    at = operation.index(payload)
    return operation[:at - 1] + bytes((count,)) + operation[at:]


def unmap_pages(base, flags, count, which=0):
    return call("unmap_gpa_pages", struct.pack("<QII", base, flags, 0), child(which), reps=count)


def states(base, flags, count, which=0):
    return call("get_gpa_pages_access_states", struct.pack("<QQ", flags, base), child(which), reps=count)


def state_page(name, kind, vp=0, which=0):
    return call(name, struct.pack("<IHBBQ", vp, kind, 0, 0, 0), child(which))


def happen(event, which=0, index=0):
    return bytes((255, event, which | index << 2))


def made(first, count, which=0):
    """A child with its own page and `count` of its pool, initialized."""
    return deposit(1, first) + create() + child_deposit(count, first + 1, which) + of("initialize_partition", which)


def ended(which=0):
    return of("finalize_partition", which) + child_withdraw(which) + of("delete_partition", which)


VP, DISPATCH, WRITE = 0, 1, 2
RAM, NO_ACCESS, LARGE = 0x800F, 0x10000, 0x80000000

OBJECTS = (
    (1, b""),
    (2, struct.pack("<I", 0)),
    (0x10001, struct.pack("<Q", 1)),
    (0x10002, struct.pack("<QI", 1, 0)),
)

SEEDS = {
    "identity": call("get_partition_id"),
    "identity-32-bit": (0x01, call("get_partition_id")),
    "identity-xmm": (0x02, call("get_partition_id", options=FAST)),
    "user-mode": (0x04, call("get_partition_id")),
    "no-os": (0x08, call("get_partition_id")),
    "no-rights": (0x20, call("get_partition_id") + deposit(1)),
    "child": (0x10, deposit(2) + call("get_system_property", struct.pack("<I", 15)) + withdraw(2)),
    "unknown": raw(0xFFFF) + raw(0x8001) + raw(0x46 | 1 << 31),
    "properties": b"".join(
        property_call("get_partition_property", code)
        for code in (0x10000, 0x10001, 0x30005, 0x60006, 0x60009, 0x70000, 0x90007, 1)
    ),
    "properties-ex": b"".join(
        property_call("get_partition_property_ex", code)
        for code in (0x90007, 0x90009, 0x80000002, 0x80000003, 0x10000, 1)
    ),
    "set-property": property_call("set_partition_property", 0x10000, 1),
    "set-property-xmm": (
        0x02,
        call("set_partition_property", struct.pack("<IIQ", 0x10000, 0, 1), SELF, options=FAST),
    ),
    "log": b"\0\x05hello" + property_call("get_partition_property_ex", 0x80000002)
    + b"\0\x03abc" + property_call("get_partition_property_ex", 0x80000002, 24),
    "counters": property_call("get_partition_property_ex", 0x80000003, 40),
    "integrity": deposit(2) + stats("map_stats_page", *OBJECTS[0])
    + property_call("get_partition_property_ex", 0x80000004),
    "deposit": deposit(3) + withdraw(2) + withdraw(2),
    "deposit-fast": call("deposit_memory", pages(1), SELF | PAGES, options=FAST, reps=1),
    "deposit-many": deposit(200) + deposit(200, 300) + withdraw(400) + call("get_memory_balance", b"\0" * 8, SELF),
    "deposit-twice": deposit(3) + deposit(3),
    "deposit-duplicate": call("deposit_memory", pages(2) + pages(1), SELF | PAGES, reps=3),
    "deposit-tables-end": (0x40, deposit(20) + deposit(5)),
    "withdraw-start": deposit(90) + call("withdraw_memory", b"\0" * 8, SELF, reps=80, start=3),
    "withdraw-32-bit": (0x01, deposit(150) + withdraw(150)),
    "stats": b"".join(stats("map_stats_page", *o) + deposit(1, 20 + i) + stats("map_stats_page", *o)
                      for i, o in enumerate(OBJECTS))
    + b"".join(stats("unmap_stats_page", *o) for o in OBJECTS) + withdraw(10),
    "stats-parent": deposit(1) + stats("map_stats_page", 1, b"\0" * 15 + b"\1"),
    "interrupts": interrupt(1, 0x41, 0) + interrupt(2, 0x31, 65) + interrupt(3, 0x31, 0) + interrupt(1, 5, 0),
    "unmap-interrupt": call("unmap_device_interrupt", struct.pack("<QIIQII", 2 << 62, 2, 0, 0x31, 0, 0), SELF),
    "system": call("get_system_property", struct.pack("<I", 15)) + call("get_system_property", struct.pack("<I", 47)),
    "sleep": call("set_system_property", struct.pack("<IIIBB", 3, 0, 5, 1, 1).ljust(72, b"\0"))
    + call("enter_sleep_state", struct.pack("<I", 5)),
    "run-time": call("get_logical_processor_run_time", struct.pack("<I", 1))
    + call("get_logical_processor_run_time", struct.pack("<I", 2)),
    "event": call("notify_partition_event", struct.pack("<II", 4, 0)),
    "spin": call("notify_long_spin_wait", struct.pack("<I", 100), options=FAST),
    "ports-no-memory": (SYNIC, port(1, MESSAGE, 2) + deposit(2) + port(1, MESSAGE, 2) + deposit(1, 18)
                        + port(1, MESSAGE, 2) + connect(1, 1, MESSAGE) + undo("delete_port", 1) + withdraw(3)),
    "ports-messages": (SYNIC, deposit(5) + port(1, MESSAGE, 2) + connect(9, 1, MESSAGE)
                       + b"".join(post(9, 1 + i, b"x" * i) for i in range(19)) + READ * 3
                       + post(9, 5, b"y" * 240) + undo("disconnect_port", 9) + READ + undo("delete_port", 1)
                       + withdraw(5)),
    "ports-any-vp": (SYNIC, deposit(9) + port(3, EVENT, 15, 2**32 - 1, 2000, 48) + connect(2**24 - 1, 3, EVENT)
                     + signal(2**24 - 1, 47) + signal(2**24 - 1, 48) + port(4, MESSAGE, 1, 2**32 - 1)
                     + connect(4, 4, MESSAGE) + post(4, 7, b"abc") + post(4, 7, b"def")),
    "ports-left-behind": (SYNIC, deposit(12) + b"".join(
        port(i, MESSAGE, 1 + i) + connect(i, i, MESSAGE) + post(i, 2, b"a") + post(i, 2, b"b") for i in range(5))
        + undo("delete_port", 2)),
    "ports-disabled": deposit(5) + port(1, MESSAGE, 2) + connect(1, 1, MESSAGE) + post(1, 1, b"") + signal(1, 0),
    "direct": (SYNIC, call("post_message_direct", struct.pack("<II", 0, 0) + struct.pack("<I", 3)
                           + struct.pack("<IBBHQ", 1, 16, 0, 0, 0) + b"z" * 240 + b"\0" * 4, SELF)
               + call("signal_event_direct", struct.pack("<IBBH", 0, 0, 3, 77), SELF) + READ),
    "child-life": create() + made(20, 10) + of("initialize_partition") + ended() + made(20, 3) + withdraw(5),
    "child-memory": made(20, 30) + map_pages(0, NO_ACCESS, 200) + map_pages(3, RAM, 100, 300)
    + map_pages(0, RAM | LARGE, 1, 512) + map_pages(5, 5, 3, 300) + states(0, 4, 70) + unmap_pages(100, 0, 50)
    + map_pages(0, LARGE | NO_ACCESS, 1) + unmap_pages(0, 2, 1) + happen(WRITE, 0, 7) + ended(),
    "child-poor": deposit(1, 20) + create() + of("initialize_partition") + child_deposit(1, 21)
    + of("initialize_partition") + map_pages(0, RAM, 70, 300) + child_deposit(3, 22) + map_pages(500, RAM, 70, 300)
    + child_deposit(1, 25) + map_pages(500, RAM, 70, 300) + unmap_pages(0, 0, 200),
    "child-never-made": deposit(1, 20) + create() + of("initialize_partition") + child_deposit(2, 21) + ended(),
    "child-ownership": made(20, 20) + map_pages(0, RAM, 5, 300) + child_deposit(1, 302) + deposit(1, 302)
    + unmap_pages(2, 0, 1) + child_deposit(1, 302) + map_pages(2, RAM, 1, 302) + map_pages(2, 0x200003, 1, 4)
    + of("finalize_partition") + unmap_pages(0, 0, 9) + child_withdraw(),
    "child-states": made(20, 20) + happen(VP) + happen(VP, 0, 9) + state_page("map_vp_state_page", 1)
    + state_page("map_vp_state_page", 0) + state_page("unmap_vp_state_page", 1) + happen(DISPATCH)
    + of("finalize_partition") + happen(DISPATCH) + ended(),
    "child-stats": made(20, 20) + deposit(3, 60) + happen(VP) + stats("map_stats_page", 0x10001, struct.pack("<Q", 2))
    + stats("map_stats_page", 0x10002, struct.pack("<QI", 2, 0)) + stats("map_stats_page", 1, b"") + ended(),
    "child-stats-created": deposit(2, 20) + create() + stats("map_stats_page", 0x10001, struct.pack("<Q", 2))
    + of("delete_partition"),
    "child-properties": made(20, 3) + b"".join(
        call(name, struct.pack("<IIQ", code, 0, 1), child())
        for code in (0x10000, 0x10001, 0x30003, 0x30005, 0x50003, 0x50005, 0x50017, 0x60006, 0x90009)
        for name in ("set_partition_property", "get_partition_property", "get_partition_property_ex")),
    "child-ports": (SYNIC, made(20, 20) + deposit(9, 60) + port(1, EVENT, 5, 0, 0, 9)
                    + call("connect_port", struct.pack("<IIQII", 1, 0, 2**64 - 1, 1, 0)
                           + struct.pack("<IIQQQ", EVENT, 0, 0, 0, 0) + b"\0" * 8, child())
                    + happen(VP)
                    + call("create_port", struct.pack("<IIQIIIIHHIQ", 7, 0, 0, MESSAGE, 0, 2, 0, 0, 0, 0, 0), child())
                    + ended()),
    "children": made(20, 20) + made(50, 20, 1) + made(80, 20, 2) + map_pages(0, RAM, 60, 300)
    + map_pages(0, RAM, 60, 300, 1) + map_pages(512, RAM | LARGE, 1, 512, 2)
    + call("get_next_child_partition", struct.pack("<Q", 2), SELF) + ended(1) + deposit(1, 300) + ended(0)
    + deposit(1, 300) + of("finalize_partition"),
    "child-left-behind": made(20, 60) + happen(VP) + map_pages(0, RAM, 200, 300) + map_pages(512, RAM | LARGE, 1, 512)
    + state_page("map_vp_state_page", 1) + happen(DISPATCH),
    "places": b"".join(call("get_partition_property", b"\0" * 16, SELF, where=bytes((0, place)))
                       for place in (0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6)),
}


# Operations of fuzz_synic (see there).
SCONTROL, SIEFP, SIMP, SINT, CONFIG, COUNT = 0x00, 0x02, 0x03, 0x10, 0x30, 0x31


def write(register, value):
    return struct.pack("<BBQ", 0, register, value)


def operate(number, *values):
    return bytes((number, *values))


def time(units):
    return struct.pack("<BH", 5, units)


ON = write(SIEFP, 1) + write(SIMP, 1) + write(SCONTROL, 1) + b"".join(
    write(SINT + i, 0x40 + i) for i in range(1, 5))
AUTO, DIRECT = 1 << 3, 1 << 12 | 0xED << 4

SYNIC_SEEDS = {
    "messages": ON + operate(9, 2, 5, 8) * 19 + operate(6, 2) * 3 + operate(7, 0x42) + operate(8, 2, 5, 255),
    "ports": ON + operate(9, 1, 5, 8) * 3 + operate(9, 3, 1, 240) * 2 + operate(13) + operate(6, 1) + operate(6, 3),
    "events": ON + operate(10, 3) + operate(10, 47) + operate(10, 48) + write(SINT + 4, 1 << 16) + operate(10, 4),
    "direct": ON + operate(11, 2) * 2 + operate(9, 2, 1, 1) + operate(6, 2) + operate(11, 2),
    "init": ON + operate(9, 2, 5, 8) * 5 + write(CONFIG, DIRECT | AUTO) + write(COUNT, 500) + operate(12) + ON
    + operate(9, 2, 5, 8) + time(600),
    "timer": write(CONFIG, DIRECT | AUTO) + write(COUNT, 500) + time(499) + time(1) + write(COUNT, 1) + time(0),
    "timer-periodic": write(CONFIG, DIRECT | AUTO | 2) + write(COUNT, 1) + time(4000) + write(CONFIG, DIRECT | AUTO | 6)
    + write(COUNT, 2**64 - 1) + time(65535) + write(COUNT, 5000) + time(9900),
    "timer-message": ON + b"".join(write(CONFIG + 2 * i, 2 << 16 | AUTO | 2) + write(COUNT + 2 * i, 3000)
                                   for i in range(4)) + time(3000) + time(3000) + operate(6, 2) * 5,
    "auto-eoi": ON + write(SINT + 2, 0x42 | 1 << 17) + write(SINT + 3, 0x42 | 3 << 17) + operate(4, SINT + 3)
    + operate(9, 2, 1, 1) * 2 + operate(7, 0x42),
}


def main():
    if len(sys.argv) > 1:
        print(__doc__)
        return 0 if sys.argv[1] in ("-h", "--help") else 2
    for target in ("dispatch", "synic"):
        (CORPUS / target).mkdir(parents=True, exist_ok=True)
    for name, seed in SEEDS.items():
        mode, operations = seed if isinstance(seed, tuple) else (0, seed)
        (CORPUS / "dispatch" / name).write_bytes(bytes((mode,)) + operations)
    for name, seed in SYNIC_SEEDS.items():
        (CORPUS / "synic" / name).write_bytes(seed)
    print(f"{len(SEEDS) + len(SYNIC_SEEDS)} seeds in {CORPUS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

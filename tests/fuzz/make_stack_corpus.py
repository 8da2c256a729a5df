#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the seed corpora of fuzz_devices, fuzz_emulate and fuzz_load: one small file an idea."""
import struct
from pathlib import Path

CORPUS = Path(__file__).resolve().parent / "corpus"
MIB = 1 << 20
OUT, IN, WRITE, READ, TYPE, DONE, TICK, TIME = range(8)


def write(target, name, data):
    (CORPUS / target).mkdir(exist_ok=True)
    (CORPUS / target / name).write_bytes(data)


def access(operation, where, value=0, width=0):
    return struct.pack("<BII", operation | width << 6, where, value)


def devices():
    line = b"".join(access(OUT, 0x3F8, byte) for byte in b"hello\n")
    write("devices", "serial", access(OUT, 0x3FB, 3) + access(OUT, 0x3FA, 7) +
          access(OUT, 0x3FC, 0x0B) + access(OUT, 0x3F9, 3) + line + access(IN, 0x3FA) +
          access(TYPE, 0, 0x41424344) + access(IN, 0x3F8) + access(DONE, 3))
    write("devices", "ioapic", b"".join(
        access(WRITE, 0, 0x10 + 2 * pin, 2) + access(WRITE, 0x10, low, 2)
        for pin, low in ((2, 0x30), (4, 0x31), (9, 0x8032))) + access(TICK, 0, 0x32))
    write("devices", "timer", access(OUT, 0x43, 0x34) + access(OUT, 0x40, 0) +
          access(OUT, 0x40, 4) + access(TIME, 0, 500000) + access(OUT, 0x43, 0) +
          access(IN, 0x40) + access(IN, 0x40) + access(OUT, 0x61, 1) + access(OUT, 0x43, 0xB0) +
          access(OUT, 0x42, 1) + access(OUT, 0x42, 1) + access(IN, 0x61))
    write("devices", "clock", access(TIME, 0, 1000000000) + b"".join(
        access(OUT, 0x70, index) + access(IN, 0x71) for index in range(14)))
    write("devices", "power", access(OUT, 0x602, 0x100, 1) + access(IN, 0x600, 0, 1) +
          access(IN, 0x608, 0, 2) + access(OUT, 0x604, 0x3400, 1) + access(OUT, 0xF4, 3, 2))
    write("devices", "pic", access(OUT, 0x20, 0x11) + access(OUT, 0x21, 0x20) +
          access(OUT, 0x21, 4) + access(OUT, 0x21, 1) + access(OUT, 0x21, 0xFF) + access(IN, 0x21))
    write("devices", "pci", access(OUT, 0xCF8, 0x80000008, 2) + access(IN, 0xCFC, 0, 2))


def bzimage():
    data = bytearray(2048)
    data[0x1F1] = 1
    struct.pack_into("<H", data, 0x1FE, 0xAA55)
    data[0x201] = 0x66
    data[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", data, 0x206, 0x020F)
    data[0x211] = 1
    struct.pack_into("<I", data, 0x22C, 0x7FFFFFFF)
    struct.pack_into("<H", data, 0x236, 1)
    struct.pack_into("<I", data, 0x238, 2047)
    struct.pack_into("<QI", data, 0x258, 16 * MIB, MIB)
    return bytes(data)


def elf64():
    notes = struct.pack("<III4sI", 4, 4, 18, b"Xen", 2 * MIB)
    header = struct.pack("<4s5B7xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0, 0, 2, 62, 1, 2 * MIB, 64,
                         0, 0, 64, 56, 2, 0, 0, 0)
    segments = struct.pack("<IIQQQQQQ", 1, 5, 0x100, 0, 2 * MIB, 16, 64, 8) + \
        struct.pack("<IIQQQQQQ", 4, 4, 0xC0, 0, 0, len(notes), len(notes), 4)
    return (header + segments + bytes(0xC0)).ljust(0x200, b"\0")[:0xC0] + notes.ljust(0x40) + \
        b"\x90" * 16


def elf32(with_header):
    header = struct.pack("<4s5B7xHHIIIIIHHHHHH", b"\x7fELF", 1, 1, 1, 0, 0, 2, 3, 1, 2 * MIB, 52,
                         0, 0, 52, 32, 1, 0, 0, 0)
    segment = struct.pack("<8I", 1, 0x80, 0, 2 * MIB, 32, 64, 7, 4)
    multiboot = struct.pack("<III", 0x1BADB002, 0, -0x1BADB002 & 0xFFFFFFFF)
    return (header + segment).ljust(0x80, b"\0") + (multiboot if with_header else b"").ljust(32)


def flat():
    flags = 0x10003
    return struct.pack("<8I", 0x1BADB002, flags, -(0x1BADB002 + flags) & 0xFFFFFFFF, 2 * MIB,
                       2 * MIB, 2 * MIB + 32, 2 * MIB + 4096, 2 * MIB + 32)


def load():
    write("load", "bzimage", bzimage())
    write("load", "pvh", elf64())
    write("load", "multiboot-elf", elf32(True))
    write("load", "elf-without-entry", elf32(False))
    write("load", "multiboot-flat", flat())
    write("load", "nothing", b"\0" * 64)


def emulate():
    # tables in the memory that follows: 2 MiB pages, one to one, and the IO-APIC's gigabyte
    memory = bytearray(0x4000)
    struct.pack_into("<Q", memory, 0x1000, 0x2003)
    struct.pack_into("<Q", memory, 0x2000, 0x3003)
    struct.pack_into("<Q", memory, 0x2018, 0xC0000083)
    struct.pack_into("<Q", memory, 0x3000, 0x83)

    def instruction(name, code, registers=(), gpa=0xFEC00000, port=None, info=0, out=0,
                    attributes=0xA09B, long_mode=True):
        values = [0] * 16
        for index, value in registers:
            values[index] = value
        control = (0x80000011, 0x1000, 0x20, 0x500) if long_mode else (0x11, 0, 0, 0)
        data = struct.pack("<16Q", *values)
        data += struct.pack("<7Q", 0x800, 2, *control, gpa)
        data += struct.pack("<HH16sBBBB", attributes, port or 0, code, len(code), info, out,
                            port is not None)
        write("emulate", name, data + bytes(4) + bytes(memory))

    instruction("mov-store", b"\x89\x18", [(3, 0x10)])
    instruction("mov-load", b"\x8b\x48\x10", gpa=0xFEC00010)
    instruction("movzx", b"\x0f\xb6\x00")
    instruction("or", b"\x83\x08\x10")
    instruction("xchg", b"\x87\x18", [(3, 0x55)])
    instruction("movs", b"\xf3\xa5", [(1, 4), (6, 0x100), (7, 0xFEC00000)])
    instruction("stos", b"\xab", [(7, 0xFEC00000)])
    instruction("fetched", b"")
    instruction("sse", b"\x0f\x11\x00")
    instruction("protected", b"\x89\x18", attributes=0xC09B, long_mode=False)
    instruction("out", b"\xee", port=0x3F8, info=1, out=1)
    instruction("in", b"\xed", port=0x608, info=4)
    instruction("outs", b"\xf3\x6e", [(1, 5), (6, 0x100)], port=0x3F8, info=0x19, out=1)
    instruction("ins", b"\xf3\x6d", [(1, 2000), (7, 0x100)], port=0x608, info=0x1C)


def main():
    devices()
    load()
    emulate()


main()

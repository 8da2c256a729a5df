#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the symbol table of a linked image as assembly: symbols.py NM IMAGE|- OUTPUT.

The image is linked twice: first with an empty table (IMAGE is "-"), then with the table of that first link. The
table stands behind the text and the strings, so that its size moves no function.
"""
import subprocess
import sys


def functions(nm, image):
    base = None
    found = []
    for line in subprocess.run([nm, "-n", image], check=True, capture_output=True, text=True).stdout.splitlines():
        fields = line.split()
        if len(fields) != 3:
            continue
        address, kind, name = int(fields[0], 16), fields[1], fields[2]
        if name == "image_start":
            base = address
        elif name == "image_text_end":
            break
        elif kind in "tT" and base is not None and address >= base and not name.startswith("."):
            found.append((address - base, name))
    return found


def main():
    nm, image, output = sys.argv[1:4]
    table = [] if image == "-" else functions(nm, image)
    names, offsets, at = [], [], 0
    for offset, name in table:
        offsets.append((offset, at))
        names.append(name)
        at += len(name) + 1
    with open(output, "w", encoding="ascii") as out:
        out.write("\t.section .symbols, \"a\"\n\t.balign 4\n")
        out.write("\t.globl symbol_count, symbol_table, symbol_names\n")
        out.write(f"symbol_count:\n\t.long {len(table)}\nsymbol_table:\n")
        for offset, name in offsets:
            out.write(f"\t.long {offset}, {name}\n")
        out.write("symbol_names:\n")
        for name in names:
            out.write(f"\t.asciz \"{name}\"\n")
        out.write("\t.byte 0\n\t.section .note.GNU-stack, \"\", @progbits\n")


main()

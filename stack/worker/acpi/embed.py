#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write a compiled table as an array in C. usage: embed.py TABLE.aml OUTPUT.c"""
import sys
from pathlib import Path


def main():
    data = Path(sys.argv[1]).read_bytes()
    rows = [", ".join(f"0x{byte:02x}" for byte in data[at:at + 16])
            for at in range(0, len(data), 16)]
    Path(sys.argv[2]).write_text("/* generated from dsdt.asl */\n"
                                 '#include "worker/acpi/tables.h"\n\n'
                                 "const uint8_t acpi_dsdt[] = {\n\t" + ",\n\t".join(rows) +
                                 "\n};\nconst size_t acpi_dsdt_size = sizeof(acpi_dsdt);\n")


main()

# SPDX-License-Identifier: Apache-2.0
"""Samples of a probe, of Bulkhead and of its peers, and the row that they become."""
import statistics

SIDES = ("bulkhead", "bare", "kvm")


class Samples:
    """What runs of a probe measured. side: one of SIDES."""

    def __init__(self, probe, unit):
        self.probe = probe
        self.unit = unit
        self._sides = {}

    def add(self, side, figure):
        self._sides.setdefault(side, []).append(figure)

    def last(self, side):
        return self._sides[side][-1]

    def row(self):
        """The row: medians, and from where to where the samples lie."""
        row = {"probe": self.probe, "unit": self.unit}
        row.update((side, tidy(statistics.median(self._sides[side])))
                   for side in SIDES if side in self._sides)
        row["range"] = {side: [tidy(min(figures)), tidy(max(figures))]
                        for side, figures in self._sides.items()}
        return row


def ratio(row, peer):
    """How Bulkhead's figure stands to a peer's, or None."""
    if row.get("bulkhead") is None or not row.get(peer):
        return None
    return row["bulkhead"] / row[peer]


def merge(rows):
    """The rows, one for each probe and unit: with the keys of all that have the same."""
    merged = {}
    for row in rows:
        there = merged.setdefault((row["probe"], row["unit"]), {})
        ranges = {**there.get("range", {}), **row.get("range", {})}
        there.update(row)
        if ranges:
            there["range"] = ranges
    return list(merged.values())


def table(rows):
    """The rows as lines of text."""
    sides = [side for side in SIDES if any(side in row for row in rows)]
    head = f"{'probe':28} {'unit':13}" + "".join(f"{side:>13}" for side in sides)
    lines = [head + "".join(f"{'/ ' + side:>9}" for side in sides[1:])]
    for row in rows:
        line = f"{row['probe']:28} {row['unit']:13}"
        line += "".join(f"{_shown(row.get(side)):>13}" for side in sides)
        ratios = [ratio(row, side) for side in sides[1:]]
        line += "".join(f"{'' if one is None else format(one, '.3f'):>9}" for one in ratios)
        lines.append(line.rstrip())
    return lines


def tidy(figure):
    """At most two decimals, and none of large figures or where none are needed."""
    figure = round(figure, 2 if figure < 1000 else None)
    return int(figure) if figure == int(figure) else figure


def _shown(figure):
    return "" if figure is None else f"{figure:,}"

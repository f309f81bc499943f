"""Stock under load, on this machine.

    make bench-stock                     everything, five seeds: half an hour on two cores
    make bench-stock ARGS="--small"      2,000 buyers for 100 units, one seed
    make bench-stock ARGS="--only L1 --seeds 2"

Exits 1 when anything was oversold, lost, left unsold, refused while it was there, or answered by an
error without a fault. Times are told, never judged: they are the machine's as much as ours.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

from bench.stock import baskets, cost, sale, sweeping, throttled
from bench.stock.crowd import Crowd
from bench.stock.place import Place, opened
from bench.stock.report import Report

FORMS = (0, 16)


@dataclass(frozen=True)
class Size:
    """How big everything is."""

    buyers: int
    units: int
    baskets: int
    expired: int
    seconds: float


FULL = Size(buyers=10_000, units=500, baskets=200, expired=10_000, seconds=20)
SMALL = Size(buyers=2_000, units=100, baskets=60, expired=1_000, seconds=6)


@dataclass(frozen=True)
class Run:
    """What every part needs."""

    place: Place
    size: Size
    seeds: range
    crowd: Crowd
    report: Report


def flash_sale(run: Run) -> None:
    _sales(run, sale.calm, "L1: a sale")


def flash_sale_with_faults(run: Run) -> None:
    _sales(run, sale.faulty, f"L2: a sale with faults on writes ({sale.FAULTS})")


def _sales(run: Run, sell: Callable[..., tuple[sale.Row, list[str]]], title: str) -> None:
    for shards in FORMS:
        for seed in run.seeds:
            row, wrong = sell(
                run.place,
                buyers=run.size.buyers,
                units=run.size.units,
                shards=shards,
                seed=seed,
                crowd=run.crowd,
            )
            run.report.add(title, row, wrong)


def shared_baskets(run: Run) -> None:
    title = f"L8: baskets of 5 of 10 shared variants, opposite orders ({baskets.CONFLICTS})"
    for shards in (0, 4):
        for seed in run.seeds:
            row, wrong = baskets.contend(
                run.place,
                buyers=run.size.baskets,
                units=run.size.baskets * 3 // 10,
                shards=shards,
                seed=seed,
                crowd=run.crowd,
            )
            run.report.add(title, row, wrong)


def expired_holds(run: Run) -> None:
    for seed in run.seeds[:1]:
        row, wrong = sweeping.sweep(run.place, holds=run.size.expired, seed=seed)
        run.report.add("L11: holds past their end", row, wrong)


def costs(run: Run) -> None:
    plain = [{"lines": lines, "split": 0} for lines in cost.LINES]
    hot = [{"lines": lines, "split": 4} for lines in cost.LINES]
    crowded = [{"lines": 1, "split": 1, "notes": notes} for notes in cost.NOTES]
    for what in [*plain, *hot, *crowded]:
        row, wrong = cost.one_hold(run.place, **what)
        run.report.add("One hold in write units, by table (reserving a cart)", row, wrong)


def side_by_side(run: Run) -> None:
    place, seed, seconds = run.place, run.seeds[0], run.size.seconds
    crowd = Crowd(run.crowd.processes, run.crowd.threads * 2)
    free = throttled.free(place, units=int(20 * seconds), seed=seed, crowd=run.crowd)
    # Half of what the machine can do, so that the buckets are the limit and not the machine.
    rate = max(2.0, free / 2 / 16 // 0.5 * 0.5)
    title = f"Throttled to {rate:g} write units a second per stock item, {crowd.in_flight} asking"
    singles = {}
    for bare in (True, False):
        row = throttled.one_item(
            place, rate=rate, seconds=seconds, bare=bare, seed=seed, crowd=run.crowd
        )
        run.report.add(title, row)
        singles[bare] = row["held_per_s"]
    for split in (0, 4, 16):
        units = int(seconds * rate * (split or 0.5))
        row, wrong = throttled.sale(
            place, rate=rate, split=split, units=units, seed=seed, crowd=crowd
        )
        row["of_single_x_shards"] = f"{row['held_per_s'] / singles[False] / (split or 1):.0%}"
        run.report.add(title, row, wrong)
    reached = row["held_per_s"] / singles[False] / 16
    run.report.note(
        f"Unthrottled this machine makes {free:.0f} reservations/s. hot(16) reaches {reached:.0%} "
        f"of 16 single-write items (target {throttled.TARGET:.0%})."
    )


PARTS: dict[str, Callable[[Run], None]] = {
    "cost": costs,
    "throttled": side_by_side,
    "L8": shared_baskets,
    "L11": expired_holds,
    "L1": flash_sale,
    "L2": flash_sale_with_faults,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.stock", description="Stock under load.")
    parser.add_argument("--small", action="store_true", help="2,000 buyers for 100 units")
    parser.add_argument("--seeds", type=int, help="how often each sale is run (5; small: 1)")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    asked = parser.parse_args()
    seeds = range(1, 1 + (asked.seeds or (1 if asked.small else 5)))
    crowd = Crowd()
    # Told to stop, it still stops its emulator and tells what it has.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    report = Report(in_flight=crowd.in_flight, processes=crowd.processes, seeds=len(seeds))
    file = "stock-small.json" if asked.small else "stock.json"
    try:
        with opened() as place:
            run = Run(place, SMALL if asked.small else FULL, seeds, crowd, report)
            for name in asked.only:
                print(f"{name} …", file=sys.stderr, flush=True)
                PARTS[name](run)
                report.keep(file)
    finally:
        # Also what was measured before an interruption.
        report.show()
        print(report.keep(file))
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

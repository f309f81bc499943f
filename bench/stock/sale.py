"""L1 and L2: many buyers for few units of one variant, without and with faults."""

from __future__ import annotations

from typing import Any

from bench.stock import goods
from bench.stock.buying import CRASHED, HELD, SOLD_OUT, Buyers
from bench.stock.crowd import Crowd, Outcome, send
from bench.stock.faults import Rates
from bench.stock.place import Place
from bench.stock.sweeping import NOTES_OVER, until_quiet
from chalicelib.config import settings
from chalicelib.inventory import service as inventory
from chalicelib.inventory import tables
from chalicelib.inventory.sharding import shards as hot
from chalicelib.kernel import clock
from tests.faults.world import check_world, scan

VARIANT = "drop"
FAULTS = Rates(lost=0.02, conflict=0.02, throttle=0.01, crash=0.005)
Row = dict[str, Any]


def calm(
    place: Place, *, buyers: int, units: int, shards: int, seed: int, crowd: Crowd
) -> tuple[Row, list[str]]:
    """One sale without faults: as many held as there are, everybody else told so, no error."""
    outcome, row = _sale(place, "L1", Buyers(), buyers, units, shards, seed, crowd)
    wrong = _oversold(row)
    if row["held"] != units or row["sold_out"] != buyers - units:
        wrong.append(f"{row['held']} held and {row['sold_out']} sold out")
    if row["errors"]:
        wrong.append(f"{row['errors']} errors: {outcome.traces or 'told to come back'}")
    return row, wrong


def faulty(
    place: Place, *, buyers: int, units: int, shards: int, seed: int, crowd: Crowd
) -> tuple[Row, list[str]]:
    """One sale with faults; then the sweeper must bring back whatever was taken and not held."""
    task = Buyers(tries=5, pause=0.1, rates=FAULTS)
    outcome, row = _sale(place, "L2", task, buyers, units, shards, seed, crowd, check=False)
    wrong = _oversold(row)
    row["crashed"] = outcome.count(CRASHED)
    row["faults"] = {name: n for name, n in outcome.tally.items() if not name.startswith("asked")}
    now = clock.now()
    # First what shards note for nobody, a minute later; the reservations themselves stay.
    row["strays"] = hot.return_orphans(now + NOTES_OVER)
    until_quiet(now + NOTES_OVER)
    wrong += _unsound()
    standing = sum(hold["status"] == "HELD" for hold in scan("holds"))
    totals = inventory.totals(VARIANT)
    row["standing"] = standing
    if not outcome.count(HELD) <= standing == totals["reserved"] <= units:
        wrong.append(f"{outcome.count(HELD)} told held, {standing} standing, {totals}")
    until_quiet(now + settings().reservation_minutes * 60 + NOTES_OVER)
    wrong += _unsound() + _leaked(units)
    if outcome.traces:
        wrong.append(f"unexpected errors: {outcome.traces}")
    return row, wrong


def _sale(
    place: Place,
    name: str,
    task: Buyers,
    buyers: int,
    units: int,
    shards: int,
    seed: int,
    crowd: Crowd,
    *,
    check: bool = True,
) -> tuple[Outcome, Row]:
    form = f"hot({shards})" if shards else "plain"
    title = f"{name} {form} seed {seed}"
    place.clear()
    goods.sell([VARIANT], units=units, shards=shards)
    goods.fill_carts([{VARIANT: 1}] * buyers)
    outcome = send(task, buyers, crowd=crowd, seed=seed, title=title)
    if check:
        check_world()
    held = [visit for visit in outcome.visits if visit.outcome == HELD]
    first = min(visit.started for visit in outcome.visits)
    until_last = max((visit.ended for visit in held), default=first) - first
    refused = outcome.count(SOLD_OUT)
    row = {
        "form": form,
        "seed": seed,
        "buyers": buyers,
        "units": units,
        "held": len(held),
        "sold_out": refused,
        "errors": buyers - len(held) - refused - outcome.count(CRASHED),
        "oversold": max(0, inventory.totals(VARIANT)["reserved"] - units),
        "seconds": outcome.seconds,
        "holds_per_s": len(held) / until_last if held else 0.0,
        "answers_per_s": buyers / outcome.seconds,
        "p50_ms": outcome.percentile(0.5),
        "p99_ms": outcome.percentile(0.99),
    }
    return outcome, row


def _oversold(row: Row) -> list[str]:
    over = row["oversold"] or row["held"] > row["units"]
    return [f"oversold: {row['held']} of {row['units']}"] if over else []


def _unsound() -> list[str]:
    try:
        check_world()
    except AssertionError as error:
        return [str(error)]
    return []


def _leaked(units: int) -> list[str]:
    totals = inventory.totals(VARIANT)
    notes = [note for item in tables.stock_of(VARIANT) for note in item.holds or {}]
    if (totals["available"], totals["reserved"]) == (units, 0) and not notes:
        return []
    return [f"leaked: {totals}, notes {notes[:5]}"]

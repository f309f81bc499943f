"""L8: baskets that share variants, their lines in opposite orders, many at once."""

from __future__ import annotations

import random
from typing import Any

from bench.stock import goods
from bench.stock.buying import HELD, SOLD_OUT, Buyers
from bench.stock.crowd import Crowd, send
from bench.stock.faults import Rates
from bench.stock.place import Place
from bench.stock.sweeping import NOTES_OVER, until_quiet
from chalicelib.inventory import service as inventory
from chalicelib.inventory.sharding import shards as hot
from chalicelib.kernel import clock
from tests.faults.world import check_world

VARIANTS = [f"shared-{number}" for number in range(10)]
LINES, TRIES = 5, 5
# The emulator lets transactions on one item wait for each other; AWS rejects them, often.
CONFLICTS = Rates(conflict=0.10)
Row = dict[str, Any]


def contend(
    place: Place, *, buyers: int, units: int, shards: int, seed: int, crowd: Crowd
) -> tuple[Row, list[str]]:
    """Each basket is held whole or told sold out, within five tries; nothing is held in part."""
    chance = random.Random(seed)
    baskets = [_basket(chance, backwards=number % 2 == 1) for number in range(buyers)]
    form = f"hot({shards})" if shards else "plain"
    place.clear()
    goods.sell(VARIANTS, units=units, shards=shards)
    goods.fill_carts(baskets)
    task = Buyers(tries=TRIES, pause=0.1, rates=CONFLICTS)
    outcome = send(task, buyers, crowd=crowd, seed=seed, title=f"L8 {form} seed {seed}")
    # Who was told to come back may have found other shards the next time: a minute later the first
    # ones have their units again.
    check_world(strays=True)
    later = clock.now() + NOTES_OVER
    strays = hot.return_orphans(later)
    until_quiet(later)
    check_world()
    left = {name: inventory.totals(name)["available"] for name in VARIANTS}
    held, refused = outcome.count(HELD), outcome.count(SOLD_OUT)
    refused_baskets = [baskets[n] for n in _refused(outcome.visits)]
    row = {
        "form": form,
        "seed": seed,
        "buyers": buyers,
        "held": held,
        "sold_out": refused,
        "errors": buyers - held - refused,
        "most_tries": max(n for n in range(1, TRIES + 1) if outcome.tally[f"asked {n}"]),
        "strays": strays,
        "conflicts": outcome.tally["conflict"],
        # Refused, though everything it wanted is still there now that it is quiet.
        "refused_in_vain": sum(all(left[name] for name in one) for one in refused_baskets),
        "seconds": outcome.seconds,
        "p99_ms": outcome.percentile(0.99),
    }
    wrong = []
    if row["errors"]:
        wrong.append(f"{row['errors']} neither held nor told within {TRIES}: {outcome.traces}")
    if sum(left.values()) != len(VARIANTS) * units - held * LINES:
        wrong.append(f"held in part: {left} left after {held} baskets")
    return row, wrong


def _basket(chance: random.Random, *, backwards: bool) -> dict[str, int]:
    names = sorted(chance.sample(VARIANTS, LINES), reverse=backwards)
    return dict.fromkeys(names, 1)


def _refused(visits: Any) -> list[int]:
    return [visit.number for visit in visits if visit.outcome == SOLD_OUT]

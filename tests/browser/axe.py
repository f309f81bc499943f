"""axe-core judges the page that a visitor sees."""

from pathlib import Path
from typing import Any

from tests.browser.visitor import Visitor

AXE = Path(__file__).parents[2] / "storefront" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def faults(visitor: Visitor, rules: list[str] = RULES) -> list[str]:
    visitor.page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = visitor.page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules
    )
    return [
        f"{one['id']}: {node['html']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]

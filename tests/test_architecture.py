"""Who may import whom, read from the imports themselves. docs/architecture.md tells why."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LIB = ROOT / "chalicelib"

# The arrows between contexts. What is missing here is forbidden.
ARROWS: dict[str, set[str]] = {
    "accounts": set(),
    "balance": set(),
    "catalog": {"inventory"},
    "inventory": set(),
    "cart": {"catalog", "inventory"},
    "checkout": {"accounts", "balance", "cart", "catalog", "inventory", "orders", "payments"},
    "orders": {"balance", "inventory", "payments"},
    # Of payments only the provider that pays from it: `test_only_its_provider_…` holds that.
    "payments": {"balance"},
    "subscriptions": {"catalog", "payments"},
    "health": {"cart", "catalog", "inventory", "payments"},
    # It reads what routes declare, which the kernel keeps, and names no context.
    "docs": set(),
}
# What another context may see of one: its use cases, its values, its answers, its port.
PUBLIC_MODULES = {"service", "rules", "schemas", "ports", "registry", "looks", "check"} | {
    "addresses",
    "billing_ports",
    "customers",
    "expiry",
    "amend",
    "asking",
    "attempts",
    "by_hand",
    "cancelling",
    "captures",
    "credit",
    "disputes",
    "inbox",
    "proofs",
    "pages",
    "refilling",
    "refunds",
    "settlement",
}
INVENTORY = {"allowances", "check", "holds", "hotness", "looks", "shards", "stocktaking"} | {
    "listing",
    "showing",
    "warehouses",
}
ACCOUNTS = {"api_keys", "challenges", "mails", "passwords", "sessions", "tokens", "tries"}
DOCS = {"links", "models", "operations", "parts"}
# Which modules of its own context a module may import.
INSIDE: dict[str, set[str]] = {
    "rules": {"ports"},
    "ports": {"capabilities"},
    "billing_ports": {"ports"},
    "registry": {"billing_ports", "ports"},
    "customers": {"billing_ports", "ports", "registry", "tables"},
    # Subscriptions: begun, followed, changed.
    "following": {"rules", "service"},
    "opening": {"following", "rules", "service", "tables"},
    "changing": {"following", "opening", "rules", "service", "tables"},
    "tables": {"rules", "ports"},
    "service": {
        "amending",
        "claims",
        "drafting",
        "redaction",
        "rules",
        "spending",
        "tables",
        "ports",
        "registry",
        *INVENTORY,
        *ACCOUNTS,
        *DOCS,
    },
    "schemas": {
        "audit",
        "rules",
        "service",
        "ports",
        "check",
        "tables",
        "merging",
        "owners",
        "reconciling",
    },
    "shop_schemas": {"rules"},
    "stock_schemas": {"rules"},
    "routes": {"service", "schemas", "stock_schemas", "rules", "registry", "stocktaking", "audit"}
    | {
        "check_schemas",
        "shop_schemas",
        "reservations",
        "enrolment",
        "recovery",
        "merging",
        "owners",
        "owner_schemas",
        "reconciling",
        "changing",
        "opening",
    },
    "workers": {
        "asking",
        "reconciling",
        "service",
        "expiry",
        "audit",
        "ledger",
        "alerts",
        "states",
        "erasure",
    },
    "reservations": {"service", "rules", "tables"},
    "merging": {"service", "rules", "tables"},
    "owners": {"rules", "tables"},
    "owner_schemas": {"owners", "rules"},
    "expiry": {"asking", "service", "settlement", "rules"},
    "inbox": {"ports", "rules", "service", "tables"},
    "claims": {"ports", "rules", "tables"},
    "captures": {"claims", "listing", "ports", "registry", "service"},
    "pages": {"claims", "ports", "registry", "rules", "service", "tables"},
    "dead_letters": {"service"},
    "paying": {"rules", "service"},
    "spending": {"rules"},
    "drafting": {"rules", "spending"},
    "amending": {"drafting", "rules"},
    # A waiting order, changed: its pages are closed and begun as those who pay it anew do.
    "amend": {"attempts", "closing", "rules", "service", "settlement", "steps", "tables"},
    "closing": {"asking", "rules", "service", "settlement"},
    "cancelling": {"closing", "rules", "service", "settlement"},
    "refilling": {"merging", "rules", "service", "tables"},
    "credit": {"rules"},
    "pay_routes": {"paying", "pay_schemas"},
    "pay_schemas": {"paying"},
    "steps": {"rules", "tables"},
    "settlement": {"credit", "returning", "service", "steps", "rules"},
    "returning": {"disputing", "rules", "steps"},
    "disputing": {"rules", "service", "steps"},
    "bounced": {"refunding", "rules", "steps"},
    "asking": {"bounced", "refunding", "returning", "service", "settlement", "rules"},
    "pending_refunds": {"refunding", "rules", "service"},
    "reviewing": {"returning", "rules", "service", "settlement"},
    "judging": {"rules", "service", "settlement", "steps", "tables"},
    "hand_routes": {"hand_schemas", "judging", "rules", "service"},
    "hand_schemas": {"money_schemas", "rules"},
    "by_hand": {"ports"},
    "proofs": {"by_hand", "registry", "rules"},
    "listing": {"rules", "tables"},
    "money_routes": {
        "disputing",
        "money_schemas",
        "pending_refunds",
        "refunding",
        "reviewing",
        "service",
    },
    "money_schemas": {"pending_refunds", "reviewing", "rules"},
    "refunding": {"credit", "disputing", "rules", "service", "settlement", "steps"},
    "refunds": {"disputes", "ports", "registry", "rules", "tables"},
    "disputes": {"ports", "registry", "rules", "tables"},
    "redaction": set(),
    "reconciling": {"asking", "bounced", "refunding", "registry", "rules", "settlement"}
    | {"changing", "following", "opening", "tables"},
    "attempts": {"asking", "service", "settlement", "steps", "rules", "tables"},
    "audit": {"comparing", "tables"},
    "comparing": {"rules", "tables"},
    "check_schemas": {"audit", "comparing", "tables"},
    # The document: a route is an operation of parts, its schemas are models.
    "statuses": set(),
    "models": set(),
    "parts": set(),
    "operations": {"models", "parts", "statuses"},
    "links": {"operations"},
    # Inventory's use cases are more than one file holds; `service` is what others see of them.
    "looks": {"expired", "listing", "places", "rules", "tables", "shards", "warehouses"},
    "expired": {"listing"},
    "places": {"holds", "hotness", "rules", "tables", "warehouses"},
    "states": {"rules", "tables"},
    "showing": {"expired", "rules", "states", "tables", "warehouses"},
    "holds": {"rules", "tables"},
    "shards": {"rules", "tables", "holds"},
    "hotness": {"rules", "tables", "shards"},
    "allowances": {"rules", "tables"},
    "stocktaking": {"rules", "tables", "shards", "warehouses"},
    "warehouses": {"rules", "tables"},
    "check": {"ledger", "listing", "rules", "service", "tables"},
    "ledger": {"rules", "tables"},
    "alerts": {"rules", "tables"},
    # Accounts: `service` says who calls and signs in; beside it lie use cases of their own.
    "user_routes": {"addresses", "erasure", "profile", "schemas", "user_schemas"},
    "erasure": {"members", "passwords", "profile", "rules", "tables"},
    # What a context keeps about people: to be shown to them, and to be removed.
    "keeping": {
        "addresses",
        "allowances",
        "expiry",
        "merging",
        "rules",
        "schemas",
        "service",
        "tables",
    }
    | {"customers", "following", "opening", "user_schemas", "usernames"},
    "user_schemas": {"addresses", "schemas"},
    "admin_routes": {"admin_schemas", "api_keys", "dead_letters", "inbox", "listing", "members"}
    | {"rules"},
    "admin_schemas": {"api_keys", "dead_letters", "inbox", "rules", "tables"},
    "addresses": {"tables"},
    "api_keys": {"rules", "tables"},
    "profile": {"rules", "tables", "usernames"},
    "usernames": {"rules", "tables"},
    "members": {"profile", "rules", "tables"},
    "tokens": {"rules"},
    "passwords": {"rules"},
    "tries": set(),
    "challenges": {"ports", "tries"},
    "blocks": set(),
    "signals": {"blocks"},
    "audit_log": set(),
    "security_schemas": {"audit_log", "blocks"},
    "audit_routes": {"audit_log", "security_schemas"},
    "blocks_routes": {"blocks", "security_schemas"},
    "tickets": {"rules", "tables"},
    "sessions": {"rules", "tables"},
    "mails": {"rules", "tickets"},
    "enrolment": {"rules", "tables", "service", "mails", "passwords", "tickets", "tries"}
    | {"usernames"},
    "recovery": {
        "rules",
        "tables",
        "service",
        "mails",
        "passwords",
        "sessions",
        "tickets",
        "tries",
    },
}
MAX_LINES = 300


def modules() -> list[Path]:
    return sorted(path for path in LIB.rglob("*.py") if path.name != "__init__.py")


def imports(path: Path) -> set[str]:
    """Dotted names of everything below chalicelib that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chalicelib"):
            for alias in node.names:
                dotted = f"{node.module}.{alias.name}"
                is_module = (ROOT / dotted.replace(".", "/")).with_suffix(".py").exists()
                found.add(dotted if is_module else str(node.module))
        elif isinstance(node, ast.Import):
            found |= {a.name for a in node.names if a.name.startswith("chalicelib")}
    return found


def forbidden(path: Path) -> list[str]:
    """The imports of a file that no arrow allows."""
    parts = path.relative_to(LIB).with_suffix("").parts
    wrong = []
    for name in imports(path):
        target = name.split(".")[1:]
        if not _allowed(parts, target):
            wrong.append(name)
    return wrong


def _allowed(parts: tuple[str, ...], target: list[str]) -> bool:
    if parts == ("wiring",) or target[0] in ("kernel", "config"):
        return True
    if target == ["wiring"]:
        return parts[-1] == "workers" or parts[-1].endswith("routes")
    if parts[0] in ("kernel", "config"):
        return False
    if target[0] != parts[0]:
        visible = len(target) == 1 or target[1] in PUBLIC_MODULES
        return target[0] in ARROWS[parts[0]] and visible
    if "providers" in parts:
        # A provider sees the port and its own folder, and no other provider.
        seen = ("ports", "billing_ports", "by_hand")
        return target[1] in seen or tuple(target[:3]) == parts[:3]
    own = parts[-1]
    return len(target) == 1 or target[1] in INSIDE.get(own, set())


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_arrows(path):
    assert forbidden(path) == []


def test_every_context_has_its_arrows():
    folders = {path.name for path in LIB.iterdir() if (path / "__init__.py").exists()}
    assert folders - {"kernel"} == set(ARROWS)


def test_control_a_forbidden_import_is_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(ARROWS, "orders", set())
    assert forbidden(LIB / "orders" / "service.py")


def test_only_its_provider_knows_in_payments_that_there_is_a_store_balance():
    seeing = [
        str(path.relative_to(LIB / "payments"))
        for path in (LIB / "payments").rglob("*.py")
        if any(name.startswith("chalicelib.balance") for name in imports(path))
    ]
    assert seeing == ["providers/balance/provider.py"]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_does_one_thing_and_stays_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_only_config_reads_the_environment():
    readers = [
        path.name
        for path in modules()
        if "os.environ" in path.read_text(encoding="utf-8") or "getenv" in path.read_text("utf-8")
    ]
    assert readers == ["config.py"]


# Providers that are down are some rows at most: the sweeper reads them all.
def test_only_the_nightly_check_reads_whole_tables():
    def using(text: str) -> list[str]:
        return [path.name for path in modules() if text in path.read_text(encoding="utf-8")]

    assert using(".scan(") == ["scanning.py"]
    assert set(using("everything(")) == {"scanning.py", "check.py", "outages.py"}
    assert set(using("scanning.page(")) == {"audit.py"}


def test_no_float_touches_money():
    text = (LIB / "kernel" / "money.py").read_text(encoding="utf-8")
    names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    assert "float" not in names


def test_every_table_says_what_is_read_and_written():
    for path in LIB.glob("*/tables.py"):
        assert "Access patterns" in (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "")

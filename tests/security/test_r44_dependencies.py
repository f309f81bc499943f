"""Row 44: what is packaged is pinned whole, and is what is tested."""

import re
from importlib import metadata

import pytest

from tests.stage import ROOT

PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[\w,]+\])?==([0-9][0-9A-Za-z.]*)$")
# Lambda brings these itself; requirements-local.txt and the layer's rules name them.
BROUGHT = {"boto3", "s3transfer"}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    plain = [line.strip() for line in lines if line.strip() and line[0] not in "#-"]
    found = [PIN.match(line) for line in plain]
    assert all(found), f"{file} has a line that pins nothing"
    return {canonical(each[1]): each[2] for each in found if each}


def needed_by(name: str) -> set[str]:
    """What a library needs on Linux with the shop's Python, no extras."""
    from packaging.requirements import Requirement

    wanted = [Requirement(line) for line in metadata.requires(name) or []]
    return {
        canonical(each.name)
        for each in wanted
        if each.marker is None or each.marker.evaluate({"extra": ""})
    }


@pytest.mark.parametrize("name", sorted(pins("requirements.txt")))
def test_what_a_packaged_library_needs_is_pinned_as_well(name):
    assert needed_by(name) <= set(pins("requirements.txt")) | BROUGHT


@pytest.mark.parametrize("name", sorted(pins("requirements.txt")))
def test_what_is_tested_is_what_is_packaged(name):
    assert metadata.version(name) == pins("requirements.txt")[name]


@pytest.mark.parametrize("name", sorted(pins("requirements.txt")))
def test_a_packaged_library_may_be_packaged(name):
    """Licences that ask for nothing but their text; none that asks for the shop's source."""
    facts = metadata.metadata(name)
    licence = " ".join(
        [
            facts.get("License-Expression") or "",
            (facts.get("License") or "")[:200],
            *(each for each in facts.get_all("Classifier") or [] if each.startswith("License")),
        ]
    )
    assert re.search(r"MIT|BSD|Apache|PSF|Python Software|MPL|Mozilla|ISC|Unlicense", licence), (
        licence
    )
    assert not re.search(r"\b(A?GPL|GNU General|GNU Affero)", licence), licence

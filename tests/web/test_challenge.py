"""The page's side of a challenge: the shop takes its answer, and a refusal stays one."""

import hashlib
import json
import subprocess
from typing import Any

import pytest

from chalicelib.accounts.ports import Attempt
from chalicelib.accounts.providers.proof_of_work import ProofOfWork, zero_bits
from chalicelib.kernel import clock
from tests.web import node
from tools.storefront import STOREFRONT

MODULE = "lib/challenge.js"
ATTEMPT = Attempt("sign-in", "email:id_ada", "ip:id_home")


def run(script: str) -> Any:
    """What a script that imports the module as `page` writes."""
    address = json.dumps((STOREFRONT / MODULE).as_uri())
    text = f"import * as page from {address};\n{script}"
    done = subprocess.run(
        [node.path(), "--input-type=module", "-e", text], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("digest", ["00" * 32, "00ff", "01", "80", "7f", "0001", "000f00"])
def test_page_and_shop_count_zero_bits_alike(digest):
    assert node.call(MODULE, "zeroBits", list(bytes.fromhex(digest))) == zero_bits(
        bytes.fromhex(digest)
    )


@pytest.mark.parametrize("difficulty", [8, 12])
def test_the_shop_takes_what_the_page_finds(tables, difficulty):
    asked = ProofOfWork(difficulty).ask(ATTEMPT, now=clock.now())
    given = json.dumps([asked["puzzle"], asked["difficulty"]])
    answer = run(f"console.log(JSON.stringify(await page.solvePuzzle(...{given})));")
    assert ProofOfWork(difficulty).passed(ATTEMPT, answer, now=clock.now())


ANSWERING = """
const said = [];
const refused = Object.assign(new Error("refused"), { errors: ERRORS });
const place = { replaceChildren: () => said.push("cleared") };
const end = await page.answerTo(refused, { place, working: (is) => said.push(is) })
  .catch((error) => (error === refused ? "refused" : String(error)));
console.log(JSON.stringify({ said, end }));
"""


def answer_to(challenge: dict[str, Any]) -> dict[str, Any]:
    errors = [{"field": "challenge", "message": "…", "challenge": challenge}]
    found: dict[str, Any] = run(ANSWERING.replace("ERRORS", json.dumps(errors)))
    return found


def test_a_puzzle_is_answered_while_the_page_says_so():
    found = answer_to({"kind": "proof-of-work", "puzzle": "puzzle", "difficulty": 6})
    answer = found["end"]["challenge"]
    assert zero_bits(hashlib.sha256(answer.encode()).digest()) >= 6
    assert found["said"] == [True, False, "cleared"]


def test_a_widget_that_can_not_be_shown_leaves_the_refusal():
    found = answer_to({"kind": "turnstile", "script": "https://challenges.test/api.js"})
    assert found == {"said": [True, False, "cleared"], "end": "refused"}

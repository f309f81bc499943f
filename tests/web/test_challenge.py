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
from tests.web.modules import STOREFRONT

MODULE = "lib/challenge.js"
ATTEMPT = Attempt("sign-in", "email:id_ada", "ip:id_home")
CHALLENGE = {"kind": "proof-of-work", "puzzle": "puzzle", "difficulty": 6}


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
const sent = [], said = [];
const refuse = (code, errors = []) => Object.assign(new Error(code), { code, errors });
const send = async (more) => {
  sent.push(more);
  const next = ANSWERS[sent.length - 1];
  if (next === "ok") return "in";
  throw refuse(next.code, next.errors);
};
const place = { replaceChildren() {} };
const end = await page.answering(send, { place, working: (is) => said.push(is) })
  .catch((error) => error.code);
console.log(JSON.stringify({ sent, said, end }));
"""


def answering(*answers: Any) -> dict[str, Any]:
    found: dict[str, Any] = run(ANSWERING.replace("ANSWERS", json.dumps(answers)))
    return found


def refusal(code: str, challenge: dict[str, Any] | None = None) -> dict[str, Any]:
    errors = [{"field": "challenge", "challenge": challenge}] if challenge else []
    return {"code": code, "errors": errors}


def test_what_is_not_refused_is_sent_once():
    assert answering("ok") == {"sent": [{}], "said": [], "end": "in"}


def test_a_challenge_is_answered_and_the_call_sent_again():
    found = answering(refusal("CHALLENGE_REQUIRED", CHALLENGE), "ok")
    first, second = found["sent"]
    assert (first, found["said"], found["end"]) == ({}, [True, False], "in")
    assert zero_bits(hashlib.sha256(second["challenge"].encode()).digest()) >= 6


@pytest.mark.parametrize("code", ["TOO_MANY_REQUESTS", "WRONG_CREDENTIALS"])
def test_any_other_refusal_is_told_as_it_is(code):
    assert answering(refusal(code)) == {"sent": [{}], "said": [], "end": code}


def test_a_second_refusal_is_told_and_no_third_call_made():
    found = answering(
        refusal("CHALLENGE_REQUIRED", CHALLENGE), refusal("CHALLENGE_FAILED", CHALLENGE)
    )
    assert (len(found["sent"]), found["end"]) == (2, "CHALLENGE_FAILED")


def test_a_widget_that_can_not_be_shown_leaves_the_refusal():
    widget = {"kind": "turnstile", "script": "https://challenges.test/api.js"}
    found = answering(refusal("CHALLENGE_REQUIRED", widget))
    assert (len(found["sent"]), found["end"]) == (1, "CHALLENGE_REQUIRED")

"""Row 26: whose address counts. The gateway's, or that of our own CDN, and no header's."""

import boto3
import pytest

from chalicelib.kernel import parameters
from chalicelib.kernel.web import address
from tests.packaging.templates import of_type, resolve

GATEWAY, SHOPPER, KEY = "198.51.100.200", "203.0.113.7", "k" * 40


@pytest.fixture
def cdn(tables):
    """A stage whose CDN has a key."""
    boto3.client("ssm").put_parameter(
        Name="/cartwright/test/cdn/key", Value=KEY, Type="String", Overwrite=True
    )
    parameters.forget()


def seen(**headers: str) -> str:
    return address.of_call(
        GATEWAY, {name.replace("_", "-"): each for name, each in headers.items()}
    )


def test_who_comes_through_our_cdn_is_known_by_their_own_address(cdn):
    assert seen(x_cdn_key=KEY, x_cdn_viewer=SHOPPER) == SHOPPER
    assert seen(x_cdn_key=KEY, x_cdn_viewer="2001:db8::7") == "2001:db8::7"


@pytest.mark.parametrize(
    "headers",
    [
        {"x_cdn_viewer": SHOPPER},
        {"x_cdn_viewer": SHOPPER, "x_cdn_key": ""},
        {"x_cdn_viewer": SHOPPER, "x_cdn_key": "guess"},
        {"x_cdn_viewer": SHOPPER, "x_cdn_key": KEY[:-1]},
        {"x_cdn_viewer": "nonsense", "x_cdn_key": KEY},
        {"x_cdn_viewer": f"{SHOPPER}, 10.0.0.1", "x_cdn_key": KEY},
        {"x_forwarded_for": SHOPPER, "x_cdn_key": KEY},
        {"x_forwarded_for": SHOPPER, "x_real_ip": SHOPPER, "forwarded": f"for={SHOPPER}"},
        {},
    ],
    ids=str,
)
def test_without_the_key_a_header_counts_for_nothing(cdn, headers):
    assert seen(**headers) == GATEWAY


def test_a_stage_without_a_key_believes_nobody(tables):
    assert seen(x_cdn_key="", x_cdn_viewer=SHOPPER) == GATEWAY
    assert seen(x_cdn_key="None", x_cdn_viewer=SHOPPER) == GATEWAY


def test_a_key_out_of_reach_shuts_nobody_out(cdn, monkeypatch):
    monkeypatch.setattr(address, "secrets", lambda: 1 / 0)
    assert seen(x_cdn_key=KEY, x_cdn_viewer=SHOPPER) == GATEWAY


def test_the_cdn_shows_its_key_and_writes_the_address_itself(prod):
    stage = resolve(prod.template, {"Stage": "prod", "CdnKey": KEY})
    (whole,) = of_type(stage, "AWS::CloudFront::Distribution").values()
    config = whole["DistributionConfig"]
    (api,) = [origin for origin in config["Origins"] if origin["Id"] == "api"]
    assert api["OriginCustomHeaders"] == [{"HeaderName": "X-Cdn-Key", "HeaderValue": KEY}]
    (calls,) = [one for one in config["CacheBehaviors"] if one["PathPattern"] == "/api/*"]
    (function,) = calls["FunctionAssociations"]
    assert function["EventType"] == "viewer-request"
    (code,) = of_type(stage, "AWS::CloudFront::Function").values()
    assert f"['{address.VIEWER}'] = {{value: event.viewer.ip}}" in code["FunctionCode"]
    assert prod.template["Parameters"]["CdnKey"]["NoEcho"] is True


def test_without_a_key_the_cdn_is_as_it_was(resources):
    assert "ViewerAddress" not in resources
    assert "FunctionAssociations" not in str(resources["Cdn"])

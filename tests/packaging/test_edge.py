"""The address in front of the shop: one origin, strict pages, answers in the envelope."""

import json
from fnmatch import fnmatchcase

import pytest

from app import app
from chalicelib.kernel.web import cors
from chalicelib.payments import manifest
from tests.packaging.templates import of_type, resolve

LEAVE = "Access-Control-Allow-Origin"
API_PATHS = ("/api/*", "/health", "/ready")
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


@pytest.fixture
def cdn(resources):
    (distribution,) = of_type(resources, "AWS::CloudFront::Distribution").values()
    return distribution["DistributionConfig"]


def test_shop_and_api_share_one_origin(cdn):
    behaviours = {each["PathPattern"]: each for each in cdn["CacheBehaviors"]}
    for path in API_PATHS:
        assert behaviours[path]["TargetOriginId"] == "api"
        assert behaviours[path]["CachePolicyId"] == CACHING_DISABLED
    assert "POST" in behaviours["/api/*"]["AllowedMethods"]
    assert cdn["DefaultCacheBehavior"]["TargetOriginId"] == "storefront"


def test_the_apis_document_is_a_file_before_everything_else_of_the_api(cdn):
    first, *others = cdn["CacheBehaviors"]
    assert (first["PathPattern"], first["TargetOriginId"]) == ("/api/openapi.json", "storefront")
    assert all(each["TargetOriginId"] == "api" for each in others)


def test_every_webhook_reaches_the_api_through_the_cdn(cdn):
    ways = [
        each["PathPattern"] for each in cdn["CacheBehaviors"] if each["TargetOriginId"] == "api"
    ]
    hooks = [each.webhook.path for each in manifest.found().values() if each.webhook]
    assert len(hooks) >= 3
    assert not [path for path in hooks if not any(fnmatchcase(path, way) for way in ways)]


def test_on_aws_everything_is_tls(cdn):
    for each in [cdn["DefaultCacheBehavior"], *cdn["CacheBehaviors"]]:
        assert each["ViewerProtocolPolicy"] == "redirect-to-https"
    (api,) = [origin for origin in cdn["Origins"] if origin["Id"] == "api"]
    assert api["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


def test_no_error_page_of_the_cdn_hides_an_answer_of_the_api(cdn):
    # Custom error pages apply to every behaviour, so they would replace the API's 403 and 404.
    assert "CustomErrorResponses" not in cdn


def test_every_answer_through_the_cdn_carries_the_safe_headers(cdn, resources):
    for each in [cdn["DefaultCacheBehavior"], *cdn["CacheBehaviors"]]:
        assert each["ResponseHeadersPolicyId"] == {"Ref": "CdnHeaders"}
    policy = resources["CdnHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    security = policy["SecurityHeadersConfig"]
    assert security["FrameOptions"]["FrameOption"] == "DENY"
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31536000
    assert "ContentTypeOptions" in security


def test_pages_may_load_nothing_from_elsewhere(resources):
    policy = resources["CdnHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    rules = policy["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    plain = [rule for rule in rules["Fn::Join"][1] if isinstance(rule, str)]
    assert {"default-src 'self'", "script-src 'self'", "connect-src 'self'"} <= set(plain)
    assert {"base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'"} <= set(plain)
    assert "require-trusted-types-for 'script'" in plain
    assert not any("unsafe" in rule or "*" in rule for rule in plain)


def test_only_a_challenge_service_that_is_named_may_be_loaded(prod):
    def rules(values: dict[str, str]) -> list[object]:
        found = resolve(prod.template, {"Stage": "prod", **values})["CdnHeaders"]["Properties"]
        security = found["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
        whole = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
        return list(whole["Fn::Join"][1])

    assert "script-src 'self'" in rules({}) and "frame-src 'none'" in rules({})
    named = rules({"ChallengeOrigin": "https://challenges.test"})
    assert "script-src 'self'" not in named
    assert {"Fn::Sub": "script-src 'self' ${ChallengeOrigin}"} in named
    assert {"Fn::Sub": "frame-src ${ChallengeOrigin}"} in named


def test_the_bucket_is_read_by_this_cdn_alone_and_never_without_tls(resources):
    (bucket,) = of_type(resources, "AWS::S3::Bucket").values()
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    policy = resources["StorefrontBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    allowed = [statement for statement in policy if statement["Effect"] == "Allow"]
    assert all(s["Principal"] == {"Service": "cloudfront.amazonaws.com"} for s in allowed)
    assert all("AWS:SourceArn" in s["Condition"]["StringEquals"] for s in allowed)
    (denied,) = [statement for statement in policy if statement["Effect"] == "Deny"]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_what_the_gateway_answers_by_itself_is_in_the_envelope(resources):
    answers = resources["RestAPI"]["Properties"]["GatewayResponses"]
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED", "REQUEST_TOO_LARGE"} <= answers.keys()
    for kind, answer in answers.items():
        text = answer["ResponseTemplates"]["application/json"]
        text = text.replace("$context.error.messageString", '"m"')
        body = json.loads(text.replace("$context.requestTimeEpoch", "1"))
        assert body["success"] is False, kind
        assert body.keys() == {
            "success", "code", "message", "data", "errors", "requestId", "timestamp",
        }  # fmt: skip
        assert "Access-Control-Allow-Origin" in answer["ResponseParameters"]["Headers"], kind


def test_the_gateway_s_own_answers_never_carry_a_list_of_origins(resources):
    first = {"Fn::Select": [0, {"Fn::Split": [",", "none"]}]}
    for kind, answer in resources["RestAPI"]["Properties"]["GatewayResponses"].items():
        headers = answer["ResponseParameters"]["Headers"]
        assert headers[LEAVE] == {"Fn::Sub": ["'${First}'", {"First": first}]}, kind


def test_the_cdn_names_the_listed_origin_that_asked_as_the_api_does(prod):
    values = {"Stage": "prod", "AllowedOrigins": "https://a.test,https://b.test"}
    policy = resolve(prod.template, values)["CdnHeaders"]["Properties"]
    allowed = policy["ResponseHeadersPolicyConfig"]["CorsConfig"]
    assert allowed["AccessControlAllowOrigins"]["Items"] == {
        "Fn::Split": [",", values["AllowedOrigins"]]
    }
    assert allowed["OriginOverride"] is True and allowed["AccessControlAllowCredentials"] is False
    assert allowed["AccessControlAllowHeaders"]["Items"] == cors.ASKED
    assert allowed["AccessControlExposeHeaders"]["Items"] == cors.TOLD
    assert allowed["AccessControlMaxAgeSec"] == cors.MAX_AGE_SECONDS
    served = {method for methods in app.routes.values() for method in methods}
    assert set(allowed["AccessControlAllowMethods"]["Items"]) == served


def test_without_a_list_the_cdn_gives_nobody_leave(resources):
    policy = resources["CdnHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    assert "CorsConfig" not in policy


def test_a_throttled_caller_is_told_when_to_come_back(resources):
    throttled = resources["RestAPI"]["Properties"]["GatewayResponses"]["THROTTLED"]
    assert throttled["StatusCode"] == 429
    assert "Retry-After" in throttled["ResponseParameters"]["Headers"]


def test_the_local_stage_gives_the_same_answers_by_the_means_it_knows(local):
    stage = resolve(local.template, {"Stage": "local"})
    wanted = stage["RestAPI"]["Properties"]["GatewayResponses"]
    native = {
        each["ResponseType"]: each
        for each in of_type(stage, "AWS::ApiGateway::GatewayResponse").values()
    }
    assert native.keys() == wanted.keys()
    for kind, answer in wanted.items():
        assert native[kind]["ResponseTemplates"] == answer["ResponseTemplates"]
        headers = {
            name.removeprefix("gatewayresponse.header."): value
            for name, value in native[kind]["ResponseParameters"].items()
        }
        assert headers.pop(LEAVE) == {"Fn::Sub": "'${AllowedOrigins}'"}  # the runner chooses
        assert headers == {
            name: value
            for name, value in answer["ResponseParameters"]["Headers"].items()
            if name != LEAVE
        }
        assert int(native[kind].get("StatusCode", 0)) == answer.get("StatusCode", 0)


def test_production_has_none_of_the_local_stand_ins(prod, resources):
    assert not [name for name in resources if name.startswith("Local")]
    assert "Local" not in json.dumps(prod.template)


def test_every_throttled_route_exists(prod, resources):
    api = prod.template["Resources"]["RestAPI"]["Properties"]
    settings = resources["RestAPI"]["Properties"]["MethodSettings"]
    routes = {
        (path, method.upper())
        for path, methods in api["DefinitionBody"]["paths"].items()
        for method in methods
    }
    named = [each for each in settings if each["ResourcePath"] != "/*"]
    assert named
    for each in named:
        # CloudFormation wants the slashes inside a path written as ~1.
        path = "/" + each["ResourcePath"].removeprefix("/~1").replace("~1", "/")
        assert (path, each["HttpMethod"]) in routes
        assert each["ThrottlingRateLimit"] <= 100

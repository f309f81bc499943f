"""What a template needs besides for the emulator, which does some things otherwise than AWS.

Only the local stage's package gets it: what is deployed to AWS holds nothing of it.
"""

from __future__ import annotations

import copy
from typing import Any

Template = dict[str, Any]

API_NAME = "api.shop.localhost"


def adapted(template: Template) -> Template:
    """The template as the local cloud can run it."""
    made = copy.deepcopy(template)
    resources = made["Resources"]
    made["Parameters"]["LocalPort"] = {"Type": "Number", "Default": 4600}
    _own_answers(resources)
    _stable_name(resources)
    _cdn(resources["Cdn"]["Properties"]["DistributionConfig"])
    # Everything is without TLS here, and the address has a port: the runner writes it.
    statements = resources["StorefrontBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    statements[:] = [one for one in statements if one["Effect"] != "Deny"]
    del resources["ShopUrl"]
    # Traces would go nowhere.
    resources["RestAPI"]["Properties"]["TracingEnabled"] = False
    for resource in resources.values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["Tracing"] = "PassThrough"
    return made


def _own_answers(resources: Template) -> None:
    """It knows gateway responses as resources, and ignores those of an API.

    Its CDN adds no CORS: the runner lets it choose from the whole list (localcloud/launcher.py).
    """
    answers = resources["RestAPI"]["Properties"]["GatewayResponses"]
    for kind, answer in answers.items():
        headers = dict(answer["ResponseParameters"]["Headers"])
        headers["Access-Control-Allow-Origin"] = {"Fn::Sub": "'${AllowedOrigins}'"}
        properties = {
            "RestApiId": {"Ref": "RestAPI"},
            "ResponseType": kind,
            "ResponseParameters": {
                f"gatewayresponse.header.{name}": value for name, value in headers.items()
            },
            "ResponseTemplates": answer["ResponseTemplates"],
        }
        if "StatusCode" in answer:
            properties["StatusCode"] = str(answer["StatusCode"])
        resources[f"Local{kind.title().replace('_', '')}"] = {
            "Type": "AWS::ApiGateway::GatewayResponse",
            "Properties": properties,
        }


def _stable_name(resources: Template) -> None:
    """It gives the API a new id whenever a path is added; this name stays."""
    resources["LocalApiDomain"] = {
        "Type": "AWS::ApiGateway::DomainName",
        "Properties": {
            "DomainName": API_NAME,
            "EndpointConfiguration": {"Types": ["REGIONAL"]},
        },
    }
    resources["LocalApiMapping"] = {
        "Type": "AWS::ApiGateway::BasePathMapping",
        "Properties": {
            "DomainName": {"Ref": "LocalApiDomain"},
            "RestApiId": {"Ref": "RestAPI"},
            "Stage": {"Ref": "RestAPI.Stage"},
        },
    }


def _cdn(settings: Template) -> None:
    """Here the API has a path on the emulator's own port instead of a host name, and no TLS."""
    origin = next(one for one in settings["Origins"] if one["Id"] == "api")
    origin["DomainName"] = "127.0.0.1"
    parts = ["", "_aws/execute-api", {"Ref": "RestAPI"}, {"Ref": "RestAPI.Stage"}]
    origin["OriginPath"] = {"Fn::Join": ["/", parts]}
    origin["CustomOriginConfig"] |= {
        "HTTPPort": {"Ref": "LocalPort"},
        "OriginProtocolPolicy": "http-only",
    }
    for behaviour in (settings["DefaultCacheBehavior"], *settings["CacheBehaviors"]):
        behaviour["ViewerProtocolPolicy"] = "allow-all"

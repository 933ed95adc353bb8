"""A SAM template around a definition: the API, the function, and the permission to call it.

SAM makes no permission where the routes stand in a `DefinitionBody` and not in events, so it is written here.
"""

from dataclasses import dataclass
from typing import Final

from samstream.types import JsonObject
from samstream_cli.openapi.integrations import Wiring

API: Final = "Api"
STAGE: Final = "Prod"
START: Final = "run.sh"

_LONGEST_TITLE: Final = 200
"""A description has 1,024 bytes at most:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

_SAM: Final = "AWS::Serverless-2016-10-31"
_LAYER: Final = "arn:${AWS::Partition}:lambda:${AWS::Region}:753240598075:layer:LambdaAdapterLayerArm64:30"
"""https://github.com/aws/aws-lambda-web-adapter#lambda-functions-packaged-as-zip-package-for-aws-managed-runtimes"""


def included(location: str) -> JsonObject:
    """A definition in a file of its own, which `sam deploy` uploads and CloudFormation reads."""
    return {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": location}}}


@dataclass(frozen=True)
class Code:
    """Where the function's code is, whether a Makefile builds it, and whether any of its routes streams."""

    folder: str
    has_makefile: bool
    streams: bool


def sam_template(definition: JsonObject, title: str, wiring: Wiring, code: Code) -> JsonObject:
    """The template. With a resolved definition it needs no macro, and sets the adapter's mode itself."""
    api = API if wiring.function != API else f"{API}Gateway"
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{title[:_LONGEST_TITLE]}, behind API Gateway",
        "Transform": _SAM if wiring.resolved else [_SAM, "SamStream"],
        "Resources": {
            api: {
                "Type": "AWS::Serverless::Api",
                "Properties": {
                    "StageName": STAGE,
                    "OpenApiVersion": "3.0.1",
                    "EndpointConfiguration": {"Type": "REGIONAL"},
                    "DefinitionBody": definition,
                },
            },
            wiring.function: _function(wiring, code),
            f"{wiring.function}Permission": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "Action": "lambda:InvokeFunction",
                    "FunctionName": {"Ref": wiring.function},
                    "Principal": "apigateway.amazonaws.com",
                    "SourceArn": {
                        "Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"
                        f"${{{api}}}/*"
                    },
                },
            },
        },
        "Outputs": {
            "Url": {
                "Description": "Where the app answers",
                "Value": {"Fn::Sub": f"https://${{{api}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{STAGE}"},
            }
        },
    }


def _function(wiring: Wiring, code: Code) -> JsonObject:
    variables = {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"}
    if wiring.resolved and code.streams:
        variables["AWS_LWA_INVOKE_MODE"] = "response_stream"
    return {
        "Type": "AWS::Serverless::Function",
        **({"Metadata": {"BuildMethod": "makefile"}} if code.has_makefile else {}),
        "Properties": {
            "CodeUri": code.folder,
            "Handler": START,
            "Runtime": "python3.13",
            "Architectures": ["arm64"],
            "MemorySize": 1024,
            "Timeout": wiring.timeout,
            "Layers": [{"Fn::Sub": _LAYER}],
            "Environment": {"Variables": variables},
        },
    }

"""What the jobs smoke, bake and validate may do in an environment, and the models' role for them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from tidegate._permissions import Conditions, Statement, allow
from tidegate._targets import Targets

VALIDATION_FOLDER: Final = "delivery/validation"
"""Prefix in the artifact bucket that everything of the validation gate lies below."""

BY_ENDPOINT: Final = "validate_by_endpoint"
"""How the permissions of the job `validate` are called where the gate asks endpoints of its own."""

_TO_SAGEMAKER: Final[Conditions] = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def _to_validate(targets: Targets, *asking: Statement) -> list[Statement]:
    """Return what the gate needs, with what the way needs in which it asks."""
    return [
        allow("ReadLiveVersion", ["ssm:GetParameter"], [targets.pointer]),
        allow("ReadVersions", ["sagemaker:DescribeModelPackage"], targets.packages),
        allow(
            "ValidationModels",
            ["sagemaker:CreateModel", "sagemaker:DeleteModel"],
            targets.of_validation("model"),
        ),
        *asking,
        allow("PassModelsRole", ["iam:PassRole"], [targets.execution_role_arn], _TO_SAGEMAKER),
        allow(
            "ValidationData",
            ["s3:GetObject", "s3:PutObject"],
            [f"{arn}/{VALIDATION_FOLDER}/*" for arn in targets.bucket_arns],
        ),
        # Without it, an answer that is missing looks like one that may not be read (adapters/bucket.py).
        allow(
            "ListValidationData",
            ["s3:ListBucket"],
            list(targets.bucket_arns),
            {"StringLike": {"s3:prefix": f"{VALIDATION_FOLDER}/*"}},
        ),
    ]


def _by_transform(targets: Targets) -> Statement:
    actions = [f"sagemaker:{verb}TransformJob" for verb in ("Create", "Describe", "Stop")]
    return allow("ValidationJobs", actions, targets.of_validation("transform-job"))


def _by_endpoint(targets: Targets) -> list[Statement]:
    # CreateEndpoint is asked of the configuration, too:
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
    return [
        allow(
            "ValidationConfigs",
            [
                f"sagemaker:{verb}"
                for verb in ("CreateEndpoint", "CreateEndpointConfig", "DeleteEndpointConfig")
            ],
            targets.of_validation("endpoint-config"),
        ),
        allow(
            "ValidationEndpoints",
            [f"sagemaker:{verb}Endpoint" for verb in ("Create", "Delete", "Describe", "Invoke")],
            targets.of_validation("endpoint"),
        ),
    ]


GATE_NEEDS: Final[Mapping[str, Callable[[Targets], list[Statement]]]] = MappingProxyType(
    {
        "smoke": lambda t: [allow("AskEndpoint", ["sagemaker:InvokeEndpoint"], t.endpoint)],
        # Of composite alarms nothing is told under a narrower scope than all alarms:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
        "bake": lambda t: [
            allow("ReadAlarms", ["cloudwatch:DescribeAlarms"], [t.place.arn("cloudwatch", "alarm:*")])
        ],
        "validate": lambda t: _to_validate(t, _by_transform(t)),
        BY_ENDPOINT: lambda t: _to_validate(t, *_by_endpoint(t)),
    }
)
"""Statements by the job that needs them; the job `validate` has other needs where its gate is by endpoint."""


def write_answers(bucket: s3.IBucket) -> iam.PolicyStatement:
    """Return what the models' role needs to write the answers of a transform job.

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html

    """
    return iam.PolicyStatement(
        sid="WriteValidationAnswers",
        actions=["s3:PutObject"],
        resources=[bucket.arn_for_objects(f"{VALIDATION_FOLDER}/*")],
    )

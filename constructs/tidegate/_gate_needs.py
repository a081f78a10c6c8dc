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

_TO_SAGEMAKER: Final[Conditions] = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def _named(targets: Targets, resource: str) -> list[str]:
    """Return ARN patterns of what the gate makes; SageMaker writes names in ARNs in lower case."""
    name = f"{targets.endpoint_name}-validation-*"
    return [targets.place.arn("sagemaker", f"{resource}/{one}") for one in sorted({name, name.lower()})]


GATE_NEEDS: Final[Mapping[str, Callable[[Targets], list[Statement]]]] = MappingProxyType(
    {
        "smoke": lambda t: [allow("AskEndpoint", ["sagemaker:InvokeEndpoint"], t.endpoint)],
        # Of composite alarms nothing is told under a narrower scope than all alarms:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
        "bake": lambda t: [
            allow("ReadAlarms", ["cloudwatch:DescribeAlarms"], [t.place.arn("cloudwatch", "alarm:*")])
        ],
        "validate": lambda t: [
            allow("ReadLiveVersion", ["ssm:GetParameter"], [t.pointer]),
            allow("ReadVersions", ["sagemaker:DescribeModelPackage"], t.packages),
            allow(
                "ValidationModels",
                ["sagemaker:CreateModel", "sagemaker:DeleteModel"],
                _named(t, "model"),
            ),
            allow(
                "ValidationJobs",
                [
                    "sagemaker:CreateTransformJob",
                    "sagemaker:DescribeTransformJob",
                    "sagemaker:StopTransformJob",
                ],
                _named(t, "transform-job"),
            ),
            allow("PassModelsRole", ["iam:PassRole"], [t.execution_role_arn], _TO_SAGEMAKER),
            allow(
                "ValidationData",
                ["s3:GetObject", "s3:PutObject"],
                [f"{arn}/{VALIDATION_FOLDER}/*" for arn in t.bucket_arns],
            ),
            # Without it, an answer that is missing looks like one that may not be read (adapters/bucket.py).
            allow(
                "ListValidationData",
                ["s3:ListBucket"],
                list(t.bucket_arns),
                {"StringLike": {"s3:prefix": f"{VALIDATION_FOLDER}/*"}},
            ),
        ],
    }
)
"""Statements by the job that needs them."""


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

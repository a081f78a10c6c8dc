"""The function behind the jobs of a delivery pipeline."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from aws_cdk import Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from tidegate._handlers import Handler
from tidegate._permissions import Statement, allow
from tidegate._targets import Place
from tidegate._validation import Faults

if TYPE_CHECKING:
    from tidegate.sample_requests import SampleRequests
    from tidegate.validation_gate import ValidationGate

_LONGEST_NAME: Final = 64
_TIMEOUT_SECONDS: Final = 300
"""How long a call may last: S3 copies gigabytes in minutes; CodePipeline would wait for 20."""


class DeliverFunction(Construct):
    """One function for a service, in the account and region of its pipelines.

    CodePipeline calls it for one job at a time, and again as long as the job is not done. It may take the
    delivery roles of the environments, answer CodePipeline, ask who has approved, and write the marker of the
    released revision; everything else it does under a delivery role.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        function_name: Fixed name of the function and of its role, which the environments trust.
        delivery_roles: ARNs of the environments' roles.
        pipelines: Names of the pipelines that call it.
        released: Bucket and key of the marker of the released revision.
        smoke: Requests of the job `smoke`, and what they must be answered; none when None.
        validation: The gate of the job `validate`; none when None.

    Raises:
        ValueError: naming every fault at once.

    Example:
        DeliverFunction(
            stack,
            "Deliver",
            function_name="tidegate-digits-deliver",
            delivery_roles=["arn:aws:iam::111122223333:role/digits-dev-delivery"],
            pipelines=["tidegate"],
            released=(bucket, "digits/released.zip"),
        )

    Source:
        https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function_name: str,
        delivery_roles: Sequence[str],
        pipelines: Sequence[str],
        released: tuple[s3.IBucket, str],
        smoke: "SampleRequests | None" = None,
        validation: "ValidationGate | None" = None,
    ) -> None:
        super().__init__(scope, construct_id)
        faults = Faults(f"function {function_name!r}")
        faults.require(
            ok=len(function_name) <= _LONGEST_NAME,
            message=f"its name must be at most {_LONGEST_NAME} characters, got {len(function_name)}",
        )
        faults.require(ok=bool(delivery_roles), message="delivery_roles must name a role, got none")
        faults.raise_if_any()
        packed = [one.packed() for one in (smoke, validation) if one is not None]
        beside: Mapping[str, bytes] = {name: data for files in packed for name, data in files.items()}
        place = Place.of(Stack.of(self))
        self.function_arn: str = Handler(
            self,
            "Resource",
            folder="deliver",
            environment={},
            statements=[
                allow("TakeDeliveryRoles", ["sts:AssumeRole"], sorted(delivery_roles)),
                *_own(place, pipelines, released),
            ],
            function_name=function_name,
            role_name=function_name,
            timeout_seconds=_TIMEOUT_SECONDS,
            beside=beside if beside else None,
        ).function_arn
        """ARN of the function, as a reference to it."""
        self.function_name: str = function_name
        """Name of the function."""


def _own(place: Place, pipelines: Sequence[str], released: tuple[s3.IBucket, str]) -> list[Statement]:
    bucket, key = released
    answers = ["codepipeline:PutJobFailureResult", "codepipeline:PutJobSuccessResult"]
    return [
        # A job's id says which one it is: the actions know no resource.
        allow("AnswerJobs", answers, ["*"]),
        allow(
            "ReadApprovals",
            ["codepipeline:ListActionExecutions"],
            [place.arn("codepipeline", name) for name in pipelines],
        ),
        allow("MarkReleased", ["s3:GetObject", "s3:PutObject"], [bucket.arn_for_objects(key)]),
        allow("FindReleased", ["s3:ListBucket"], [bucket.bucket_arn], {"StringEquals": {"s3:prefix": key}}),
    ]

"""What the jobs of a delivery may do in an environment: jobs, their needs, and each need's statement."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tidegate._gate_needs import BY_ENDPOINT, GATE_NEEDS
from tidegate._permissions import Conditions, Statement, allow
from tidegate._targets import Place, Targets

_STATUSES: Final = ["Approved", "PendingManualApproval", "Rejected"]
COPIES: Final = "promoted"
"""Prefix in the artifact bucket that copied artifacts lie below: what the job `register` writes."""

_PREFIX_CHARACTERS: Final = 24
"""Characters of a stack's name that CloudFormation keeps at least in the name of one of its buckets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOrigin:
    """A model package group that versions are promoted from, and the artifacts behind it.

    Attributes:
        name: `<service>-<environment>`: the group, and how the names of its stacks begin.
        place: Where it lies.

    """

    name: str
    place: Place

    @property
    def bucket(self) -> str:
        """ARN pattern of its artifact bucket, which CloudFormation names after its stack."""
        return f"arn:{self.place.partition}:s3:::{stack_prefix(self.name, 'foundation').lower()}*"

    @property
    def packages(self) -> str:
        """ARN pattern of its versions."""
        return self.place.arn("sagemaker", f"model-package/{self.name.lower()}/*")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTargets:
    """What the jobs of one service touch in one environment.

    Attributes:
        own: Endpoint, group, pointer, ledger, execution role and artifact bucket of the environment.
        origins: Where its versions are promoted from.
        training: Name of the SageMaker Pipeline that trains there; empty without one.

    """

    own: Targets
    origins: Sequence[ModelOrigin] = ()
    training: str = ""

    def stacks(self, *kinds: str) -> list[str]:
        """Return ARN patterns of the service's stacks."""
        place, name = self.own.place, self.own.endpoint_name
        return [place.arn("cloudformation", f"stack/{name}-{kind}/*") for kind in kinds]

    @property
    def group(self) -> list[str]:
        """ARN of the model package group."""
        names = sorted({self.own.group_name, self.own.group_name.lower()})
        return [self.own.place.arn("sagemaker", f"model-package-group/{name}") for name in names]

    @property
    def copies(self) -> list[str]:
        """ARN patterns of the artifacts that are copied into the environment."""
        return [f"{arn}/{COPIES}/*" for arn in self.own.bucket_arns]

    def pipeline(self, *, executions: bool) -> list[str]:
        """Return ARNs of the training pipeline, or a pattern of its executions."""
        more = "/execution/*" if executions else ""
        names = sorted({self.training, self.training.lower()}) if self.training else []
        return [self.own.place.arn("sagemaker", f"pipeline/{name}{more}") for name in names]

    @property
    def foreign(self) -> Conditions | None:
        """The condition that objects belong to the accounts that versions come from; None within one."""
        accounts = sorted({one.place.account for one in self.origins})
        if accounts == [self.own.place.account]:
            return None
        return {"StringEquals": {"s3:ResourceAccount": accounts}}


def stack_prefix(name: str, kind: str) -> str:
    """Return how CloudFormation begins the names that it makes up for what is in a stack.

    Args:
        name: `<service>-<environment>`.
        kind: Rest of the stack's name.

    """
    return f"{name}-{kind}"[:_PREFIX_CHARACTERS]


_NEEDS: Final[Mapping[str, Callable[[DeliveryTargets], Statement]]] = MappingProxyType(
    {
        "outputs": lambda t: allow(
            "ReadOutputs", ["cloudformation:DescribeStacks"], t.stacks("foundation", "hosting")
        ),
        "pointer": lambda t: allow("ReadPointer", ["ssm:GetParameter"], [t.own.pointer]),
        "rollouts": lambda t: allow("ReadLedger", ["dynamodb:Query"], [t.own.ledger_arn]),
        "versions": lambda t: allow(
            "ReadVersions",
            ["sagemaker:DescribeModelPackage"],
            [*t.own.packages, *(one.packages for one in t.origins)],
        ),
        "list": lambda t: allow("ListVersions", ["sagemaker:ListModelPackages"], t.own.packages),
        "register": lambda t: allow(
            "Register", ["sagemaker:CreateModelPackage"], [*t.group, *t.own.packages]
        ),
        "decide": lambda t: allow(
            "Decide",
            ["sagemaker:UpdateModelPackage"],
            t.own.packages,
            {"StringEqualsIfExists": {"sagemaker:ModelApprovalStatus": _STATUSES}},
        ),
        "source_objects": lambda t: allow(
            "ReadSources",
            ["s3:GetObject", "s3:GetObjectVersion"],
            [f"{one.bucket}/*" for one in t.origins],
            t.foreign,
        ),
        # Without it, S3 answers 403 for an object that is not there.
        "source_buckets": lambda t: allow(
            "ListSources", ["s3:ListBucket"], [one.bucket for one in t.origins], t.foreign
        ),
        "copies": lambda t: allow(
            "CopyArtifacts", ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], t.copies
        ),
        "bucket": lambda t: allow(
            "ListCopies", ["s3:ListBucket"], t.own.bucket_arns, {"StringLike": {"s3:prefix": f"{COPIES}/*"}}
        ),
        "endpoint": lambda t: allow("ReadEndpoint", ["sagemaker:DescribeEndpoint"], t.own.endpoint),
        "start_training": lambda t: allow(
            "StartTraining", ["sagemaker:StartPipelineExecution"], t.pipeline(executions=False)
        ),
        "trainings": lambda t: allow(
            "ReadTraining",
            ["sagemaker:DescribePipelineExecution", "sagemaker:ListPipelineExecutionSteps"],
            t.pipeline(executions=True),
        ),
    }
)

_REGISTER: Final = "outputs versions list register source_objects source_buckets copies bucket"
_TRAIN: Final = "versions decide start_training trainings"
_APPROVE: Final = "outputs versions decide rollouts pointer"

JOBS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "first": "outputs versions rollouts pointer",
        "register": _REGISTER,
        "train": _TRAIN,
        "approve": _APPROVE,
        "follow": "outputs versions rollouts pointer endpoint",
        "reject": "versions list decide",
        "smoke": "",
        "bake": "",
        "validate": "outputs versions",
        BY_ENDPOINT: "outputs versions",
    }
)
"""Every job that works in an environment, with its needs beside those of `GATE_NEEDS`.

`first` brings a version about by the jobs `register`, `train` and `approve`, where there are such. `reject`
is of the function `start_delivery`.
"""


def delivery_statements(jobs: Collection[str], targets: DeliveryTargets) -> list[Statement]:
    """Return the statements of some jobs together; a need without any resource is left out."""
    chosen = [job for job in JOBS if job in jobs]
    needs = dict.fromkeys(need for job in chosen for need in JOBS[job].split())
    found = {one["Sid"]: one for one in (_NEEDS[need](targets) for need in needs)}
    for job in chosen:
        for one in GATE_NEEDS[job](targets.own) if job in GATE_NEEDS else ():
            found.setdefault(one["Sid"], one)
    return [statement for statement in found.values() if statement["Resource"]]

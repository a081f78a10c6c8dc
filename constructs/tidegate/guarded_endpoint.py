"""What people look after and do not change by hand: endpoints with a rollout, and their pipelines."""

from dataclasses import dataclass

from tidegate._targets import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedEndpoint:
    """An endpoint that only its stack and its controller may change.

    Attributes:
        endpoint_name: Name of the endpoint and of its model package group; its stacks' names begin with it.
        pointer_parameter: Name of the SSM parameter with the live version.

    Example:
        GuardedEndpoint(
            endpoint_name="digits-production",
            pointer_parameter="/tidegate/production/digits/live-model-package",
        )

    """

    endpoint_name: str
    pointer_parameter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAction:
    """A manual approval of a pipeline; each part may have `*` in it.

    Attributes:
        pipeline: Name of the pipeline.
        stage: Name of the stage.
        action: Name of the action.

    Source:
        https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals-iam-permissions.html

    """

    pipeline: str
    stage: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedPipelines:
    """The pipelines that deliver to an environment.

    Attributes:
        account: Their account.
        region: Their region.
        names: Their names; `*` may be in them.
        approvals: The manual approvals that stand before the environment.

    """

    account: str
    region: str
    names: tuple[str, ...]
    approvals: tuple[ApprovalAction, ...] = ()

    def place(self, beside: Place) -> Place:
        """Return where they are, in the same partition as `beside`."""
        return Place(partition=beside.partition, region=self.region, account=self.account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """Everything of an environment, as ARNs.

    Attributes:
        place: Where the endpoints are.
        endpoints: The endpoints.
        pipelines: The pipelines; None where none deliver.

    """

    place: Place
    endpoints: tuple[GuardedEndpoint, ...]
    pipelines: GuardedPipelines | None = None

    def named(self, service: str, pattern: str) -> list[str]:
        """Return one ARN an endpoint: `{}` stands for its name; SageMaker writes names in lower case."""
        names = sorted({spelt for one in self.endpoints for spelt in _spellings(service, one.endpoint_name)})
        return [self.place.arn(service, pattern.format(name)) for name in names]

    def any(self, service: str, pattern: str) -> list[str]:
        """Return an ARN of this place, whatever endpoint it belongs to; nothing without an endpoint."""
        return [self.place.arn(service, pattern)] if self.endpoints else []

    def roles(self, pattern: str) -> list[str]:
        """Return the ARN of roles, or of policies, of this account."""
        return [f"arn:{self.place.partition}:iam::{self.place.account}:{pattern}"]

    @property
    def pointers(self) -> list[str]:
        """ARNs of the live pointers."""
        names = (one.pointer_parameter.removeprefix("/") for one in self.endpoints)
        return [self.place.arn("ssm", f"parameter/{name}") for name in names]

    @property
    def pipeline_arns(self) -> list[str]:
        """ARNs of the pipelines."""
        return self._of_pipelines([] if self.pipelines is None else self.pipelines.names)

    @property
    def pipeline_stages(self) -> list[str]:
        """ARN patterns of the stages of the pipelines."""
        names = [] if self.pipelines is None else [f"{name}/*" for name in self.pipelines.names]
        return self._of_pipelines(names)

    @property
    def approvals(self) -> list[str]:
        """ARNs of the manual approvals."""
        if self.pipelines is None:
            return []
        return self._of_pipelines(
            [f"{one.pipeline}/{one.stage}/{one.action}" for one in self.pipelines.approvals]
        )

    def _of_pipelines(self, names: "list[str] | tuple[str, ...]") -> list[str]:
        if self.pipelines is None:
            return []
        place = self.pipelines.place(self.place)
        return [place.arn("codepipeline", name) for name in names]


def _spellings(service: str, name: str) -> set[str]:
    return {name, name.lower()} if service == "sagemaker" else {name}

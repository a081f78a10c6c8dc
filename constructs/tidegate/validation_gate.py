"""The validation gate of a delivery pipeline: a candidate beside live, on a fixed labelled set."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, Self

from aws_cdk import Annotations
from constructs import IConstruct

from tidegate._job import LONGEST_JOB_HOURS
from tidegate._runtime import runtime_module
from tidegate._validation import INSTANCE_TYPE_PATTERN, Faults

CANNOT_SEE: Final = "tidegate:validation-cannot-see"
NO_FLOOR: Final = "tidegate:validation-without-floor"

LONGEST_MINUTES: Final = 60 * (LONGEST_JOB_HOURS - 1)
"""The rest of its day is for jobs that have lasted too long to end, and for telling so."""

_NO_ENVIRONMENT: Final[Mapping[str, str]] = MappingProxyType({})
_LIMITS: Final = ("max_worse", "relative", "at_least", "at_most")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationGate:
    """What a package version must reach before anybody is asked to approve it.

    Candidate and live answer the same rows, each on one instance of its own. Labels stay with the gate: the
    model gets the inputs only.

    Attributes:
        data: JSON lines, `{"input": ..., "label": ...}` each: what is sent, and what is right.
        metric: `accuracy`, `f1` (the mean of all classes'), `mean_absolute_error`,
            `root_mean_squared_error` or `log_loss`.
        prediction: Where in an answer the prediction lies, as a JSON pointer (RFC 6901); all by default.
        instance_type: Instance that each version is asked on.
        by: `batch_transform`: two jobs, which end by themselves; or `endpoint`: two endpoints that are there
            for the gate only, asked row by row as a caller asks. Then tell the `Rollout` of this gate, too.
        max_worse: How much worse than live the candidate may be, in the metric's own unit.
        relative: The same as a share of live's value.
        at_least: Lowest value of a metric of which more is better; a first version is judged by it alone.
        at_most: Highest value of a metric of which less is better; likewise.
        content_type: Of the requests.
        accept: Content type that is asked for; the model's choice when None.
        max_minutes: How long all of it may take.
        environment: Variables of the containers, beside those of the packages.
        network_isolation: Whether the containers are cut off from every network.
        subnets: Subnets of your own network that the containers are attached to; SageMaker's own when empty.
        security_groups: Their security groups.

    Raises:
        ValueError: naming every fault at once.

    Example:
        ValidationGate.from_file(Path("digits.jsonl"), metric="accuracy", prediction="/predictions/0",
        instance_type="ml.m5.large", max_worse=0.02, at_least=0.9)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html,
        https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints.html

    """

    data: bytes
    metric: str
    instance_type: str
    by: Literal["batch_transform", "endpoint"] = "batch_transform"
    prediction: str = ""
    max_worse: float | None = None
    relative: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    content_type: str = "application/json"
    accept: str | None = None
    max_minutes: float = 60
    environment: Mapping[str, str] = field(default_factory=lambda: _NO_ENVIRONMENT)
    network_isolation: bool = False
    subnets: Sequence[str] = ()
    security_groups: Sequence[str] = ()

    def __post_init__(self) -> None:
        faults = Faults("validation gate")
        for name, text in self._faults():
            faults.require(ok=False, message=f"{name} {text}")
        faults.raise_if_any()

    @classmethod
    def from_file(cls, path: Path, **settings: Any) -> Self:
        """Read the data from a file.

        Args:
            path: The file.
            settings: Every other attribute.

        Raises:
            OSError: the file cannot be read.
            ValueError: naming every fault at once.

        """
        return cls(data=path.read_bytes(), **settings)

    @staticmethod
    def faults_of_limits(metric: str, limits: Mapping[str, float | None]) -> Sequence[tuple[str, str]]:
        """Return field and sentence of what is wrong with metric and limits."""
        criteria = runtime_module("validation.criteria")
        return list(criteria.Criteria(metric=metric, **limits).faults())

    @staticmethod
    def faults_of_data(content: bytes, metric: str) -> Sequence[tuple[int, str]]:
        """Return line and sentence of what is wrong with the data for a known metric; line 0 is the whole."""
        dataset, metrics = runtime_module("validation.dataset"), runtime_module("validation.metrics")
        try:
            dataset.DataSet.parse(content, metric=metrics.METRICS[metric])
        except dataset.DataInvalid as error:
            return list(error.faults)
        return []

    def _faults(self) -> Iterator[tuple[str, str]]:
        limits = list(self.faults_of_limits(self.metric, self._limits))
        yield from limits
        if not any(name == "metric" for name, _ in limits):
            for line, text in self.faults_of_data(self.data, self.metric):
                yield "data", f"line {line}: {text}" if line else text
        ways = runtime_module("validation.gate").WAYS
        if self.by not in ways:
            yield "by", f"must be one of {', '.join(ways)}, got {self.by!r}"
        if not runtime_module("validation.pointer").is_pointer(self.prediction):
            yield "prediction", f"must be a JSON pointer as /predictions/0, got {self.prediction!r}"
        if INSTANCE_TYPE_PATTERN.fullmatch(self.instance_type) is None:
            yield "instance_type", f"must be an instance type as ml.m5.large, got {self.instance_type!r}"
        if not 0 < self.max_minutes <= LONGEST_MINUTES:
            yield "max_minutes", f"must be above 0 and at most {LONGEST_MINUTES}, got {self.max_minutes:g}"
        if bool(self.subnets) != bool(self.security_groups):
            yield "subnets", "and security_groups must be given together"

    @property
    def endpoint_minutes(self) -> float | None:
        """How long endpoints of the gate may be there; None of a gate that makes none."""
        return self.max_minutes if self.by == runtime_module("validation.gate").BY_ENDPOINT else None

    @property
    def _limits(self) -> dict[str, float | None]:
        return {name: getattr(self, name) for name in _LIMITS}

    def packed(self) -> dict[str, bytes]:
        """Return the files of a function's archive that hold the gate, by name."""
        gate = runtime_module("validation.gate")
        text = gate.Gate(
            criteria=self._criteria(),
            prediction=self.prediction,
            instance_type=self.instance_type,
            by=self.by,
            content_type=self.content_type,
            accept=self.accept,
            max_minutes=self.max_minutes,
            model=self._model(),
        ).to_json()
        return {gate.DOCUMENT: text.encode(), gate.DATA: self.data}

    def _criteria(self) -> Any:
        return runtime_module("validation.criteria").Criteria(metric=self.metric, **self._limits)

    def _model(self) -> dict[str, Any]:
        network = {"SecurityGroupIds": list(self.security_groups), "Subnets": list(self.subnets)}
        return {
            **({"Environment": dict(self.environment)} if self.environment else {}),
            **({"VpcConfig": network} if self.subnets else {}),
            **({"EnableNetworkIsolation": True} if self.network_isolation else {}),
        }

    def warnings(self) -> Iterator[tuple[str, str]]:
        """Yield id and text of what the gate cannot do: see its own margin, or judge a first version."""
        criteria, rows = self._criteria(), len(self.data.splitlines())
        if told := runtime_module("validation.blindness").blind(criteria, rows):
            yield CANNOT_SEE, told
        if not criteria.has_floor:
            floor = "at_least" if criteria.how.more_is_better else "at_most"
            yield (
                NO_FLOOR,
                f"without {floor} the gate fails the first version, which has no live one beside it",
            )

    def warn(self, scope: IConstruct) -> None:
        """Add the warnings to a construct, where they can be acknowledged."""
        for rule, message in self.warnings():
            Annotations.of(scope).add_warning_v2(rule, message)

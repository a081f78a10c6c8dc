"""The section `delivery` of a service: how its models come from one environment to the next."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from stacks.fields.values import InstanceType, Like, Name, Text
from stacks.findings import NOTHING, Finding, refuse
from stacks.part import Part
from tidegate._gate_needs import BY_ENDPOINT
from tidegate.validation_gate import LONGEST_MINUTES, ValidationGate

PipelineName = Annotated[str, Field(max_length=256), Like(r"[A-Za-z0-9](-*[A-Za-z0-9])*", "digits-training")]

_TRAINS: Final = ("deploy_code", "hybrid")


class TrainingPart(Part):
    """The SageMaker Pipeline that trains, and what it gets in each stage.

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines.html

    """

    pipeline: PipelineName
    parameters: dict[Name, dict[Text, str]] = Field(default_factory=dict)


class ValidationPart(Part):
    """The gate: the candidate against live on a fixed set, before people see it."""

    REFUSED: ClassVar[Mapping[str, str]] = {
        "instances": "each version is asked on one instance: more would idle, since the rows come one by one",
    }

    data: Text
    by: Literal["batch_transform", "endpoint"] = "batch_transform"
    metric: Text
    prediction: Annotated[str, Like(r"(/([^~/]|~[01])*)*", "/predictions/0")] = ""
    max_worse: float | None = None
    relative: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    instance_type: InstanceType
    content_type: Text = "application/json"
    accept: Text | None = None
    max_minutes: Annotated[float, Field(gt=0, le=LONGEST_MINUTES)] = 60

    @property
    def needs(self) -> str:
        """What the role of an environment calls the job: its permissions differ with the way of asking."""
        return BY_ENDPOINT if self.by == "endpoint" else "validate"

    @property
    def limits(self) -> dict[str, float | None]:
        """The limits, by name."""
        return {name: getattr(self, name) for name in ("max_worse", "relative", "at_least", "at_most")}

    @model_validator(mode="after")
    def _fitting_limits(self) -> Self:
        found = ValidationGate.faults_of_limits(self.metric, self.limits)
        return refuse(self, [Finding(at=(name,), message=text, got=NOTHING) for name, text in found])


class ServiceDeliveryPart(Part):
    """How models are promoted, and what is asked of them on the way."""

    REFUSED: ClassVar[Mapping[str, str]] = {
        "stages": "stages are those of every service: delivery.stages in environments.yaml",
    }

    pattern: Literal["deploy_models", "deploy_code", "hybrid"]
    artifact: Literal["copy", "share"] = "copy"
    training: TrainingPart | None = None
    train_in: Name | None = None
    smoke: Text | None = None
    validation: ValidationPart | None = None

    @field_validator("smoke")
    @classmethod
    def _not_a_service(cls, value: str | None) -> str | None:
        if value is not None and "/" not in value and value.endswith(".yaml"):
            message = (
                f"must lie in a folder of its own, as samples/{value}: each .yaml file here is a service"
            )
            raise PydanticCustomError("smoke", message)
        return value

    @model_validator(mode="after")
    def _whole_pattern(self) -> Self:
        return refuse(self, self._faults())

    @property
    def promotes(self) -> bool:
        """Whether packages go from one stage to the next; with deploy_code each stage trains its own."""
        return self.pattern != "deploy_code"

    def _faults(self) -> Iterator[Finding]:
        trains = self.pattern in _TRAINS
        if trains and self.training is None:
            yield Finding(at=("training",), message=f"is missing: {self.pattern} trains", got=NOTHING)
        if not trains and self.training is not None:
            message = f"does not go with {self.pattern}: packages come from the registry"
            yield Finding(at=("training",), message=message, got=NOTHING)
        if self.pattern == "hybrid" and self.train_in is None:
            message = "is missing: hybrid trains in one stage, and promotes what comes out"
            yield Finding(at=("train_in",), message=message, got=NOTHING)
        if self.pattern != "hybrid" and self.train_in is not None:
            where = "every stage trains" if self.pattern == "deploy_code" else "no stage trains"
            yield Finding(at=("train_in",), message=f"does not go with {self.pattern}: {where}", got=NOTHING)
        if self.pattern == "deploy_code" and "artifact" in self.model_fields_set:
            message = "does not go with deploy_code: no package leaves its environment"
            yield Finding(at=("artifact",), message=message, got=NOTHING)

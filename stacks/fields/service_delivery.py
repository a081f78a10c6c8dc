"""The section `delivery` of a service: how its models come from one environment to the next."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from stacks.fields.values import Count, InstanceType, Like, Name, Text
from stacks.findings import NOTHING, Finding, refuse
from stacks.part import Part

PipelineName = Annotated[str, Field(max_length=256), Like(r"[A-Za-z0-9](-*[A-Za-z0-9])*", "digits-training")]
Way = Literal["batch_transform", "endpoint"]

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

    data: Text
    by: Way = "endpoint"
    metric: Text
    max_worse: Annotated[float, Field(ge=0)] | None = None
    relative: Annotated[float, Field(ge=0)] | None = None
    at_least: float | None = None
    at_most: float | None = None
    instance_type: InstanceType | None = None
    instances: Count = 1

    @model_validator(mode="after")
    def _complete(self) -> Self:
        faults = []
        if all(value is None for value in (self.max_worse, self.relative, self.at_least, self.at_most)):
            message = "is missing: a gate needs a limit, max_worse, relative, at_least or at_most"
            faults.append(Finding(at=("max_worse",), message=message, got=NOTHING))
        if self.by == "batch_transform" and self.instance_type is None:
            message = "is missing: a batch transform runs on instances of its own"
            faults.append(Finding(at=("instance_type",), message=message, got=NOTHING))
        if self.by == "endpoint":
            message = "does not go with by: endpoint, which has its instances"
            faults += [
                Finding(at=(name,), message=message, got=NOTHING)
                for name in ("instance_type", "instances")
                if name in self.model_fields_set
            ]
        return refuse(self, faults)


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
        return refuse(self, list(self._faults()))

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

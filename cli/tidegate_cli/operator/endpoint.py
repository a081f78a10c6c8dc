"""An endpoint as SageMaker describes it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

LIVE = "live"
CANDIDATE = "candidate"
ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One variant: its weight and its instances as they are now."""

    name: str
    weight: float
    desired_weight: float
    instances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointView:
    """What DescribeEndpoint said.

    Attributes:
        status: SageMaker's status; `absent` when there is no such endpoint.
        config_name: The config that runs.
        variants: The variants, by name.

    """

    status: str
    config_name: str = ""
    variants: dict[str, Variant]

    @classmethod
    def read(cls, sagemaker: "SageMakerClient", name: str) -> Self:
        """Describe the endpoint; one that does not exist is a view with status `absent`."""
        try:
            answer = sagemaker.describe_endpoint(EndpointName=name)
        except ClientError as error:
            if "Could not find" not in str(error):
                raise
            return cls(status=ABSENT, variants={})
        variants = [
            Variant(
                name=v["VariantName"],
                weight=v.get("CurrentWeight", 0.0),
                desired_weight=v.get("DesiredWeight", v.get("CurrentWeight", 0.0)),
                instances=v.get("CurrentInstanceCount", 0),
            )
            for v in answer.get("ProductionVariants", [])
        ]
        return cls(
            status=answer["EndpointStatus"],
            config_name=answer.get("EndpointConfigName", ""),
            variants={v.name: v for v in variants},
        )

    @property
    def candidate_weight(self) -> float:
        """Weight of the candidate, now or soon: 0 only when neither is set. 0 without a candidate."""
        candidate = self.variants.get(CANDIDATE)
        return 0.0 if candidate is None else max(candidate.weight, candidate.desired_weight)

    @property
    def candidate_share(self) -> float:
        """Share of the traffic that the candidate gets now, 0 to 1."""
        total = sum(v.weight for v in self.variants.values())
        candidate = self.variants.get(CANDIDATE)
        return candidate.weight / total if candidate is not None and total > 0 else 0.0

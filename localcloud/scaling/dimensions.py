"""What Application Auto Scaling scales of SageMaker: its dimensions and how each names a resource.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.errors import AwsError, NotEmulated

NAMESPACE = "sagemaker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A scalable dimension.

    Attributes:
        name: as the API has it.
        noun: what an activity says it sets.
        form: a resource id in words.
        pattern: a resource id, with one group for each dimension of the resource's metrics.
        metric_dimensions: names of those dimensions.

    """

    name: str
    noun: str
    form: str
    pattern: re.Pattern[str]
    metric_dimensions: tuple[str, ...]

    def names(self, resource_id: str) -> Mapping[str, str]:
        """Return the dimensions of the resource's metrics, for example its endpoint and variant.

        Raises:
            AwsError: ValidationException, when the id is of another form.

        """
        found = self.pattern.fullmatch(resource_id)
        if found is None:
            raise AwsError("ValidationException", f"ResourceId must be {self.form}, got {resource_id}")
        return dict(zip(self.metric_dimensions, found.groups(), strict=True))


_VARIANT = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")
_VARIANT_FORM = "endpoint/NAME/variant/NAME"
_VARIANT_METRICS = ("EndpointName", "VariantName")

INSTANCES = Dimension(
    name="sagemaker:variant:DesiredInstanceCount",
    noun="instance count",
    form=_VARIANT_FORM,
    pattern=_VARIANT,
    metric_dimensions=_VARIANT_METRICS,
)
WARM_WORKERS = Dimension(
    name="sagemaker:variant:DesiredProvisionedConcurrency",
    noun="provisioned concurrency",
    form=_VARIANT_FORM,
    pattern=_VARIANT,
    metric_dimensions=_VARIANT_METRICS,
)
COPIES = Dimension(
    name="sagemaker:inference-component:DesiredCopyCount",
    noun="copy count",
    form="inference-component/NAME",
    pattern=re.compile(r"inference-component/([^/]+)"),
    metric_dimensions=("InferenceComponentName",),
)
DIMENSIONS: Mapping[str, Dimension] = {each.name: each for each in (INSTANCES, WARM_WORKERS, COPIES)}


def dimension_of(params: Mapping[str, Any]) -> Dimension:
    """Return the dimension that a request names.

    Raises:
        AwsError: ValidationException, for a dimension that SageMaker does not have.
        NotEmulated: for other namespaces.

    """
    check_namespace(params)
    name = params["ScalableDimension"]
    if name not in DIMENSIONS:
        raise AwsError(
            "ValidationException",
            f"Unsupported scalable dimension for service namespace {NAMESPACE}: {name}",
        )
    return DIMENSIONS[name]


def check_namespace(params: Mapping[str, Any]) -> None:
    """Refuse every namespace but SageMaker's."""
    if params["ServiceNamespace"] != NAMESPACE:
        raise NotEmulated(f"Application Auto Scaling of {params['ServiceNamespace']} (only {NAMESPACE})")

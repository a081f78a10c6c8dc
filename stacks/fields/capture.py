"""What is kept of the requests, and how answers are explained."""

from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from stacks.fields.values import Count, KeyArn, S3Uri, Text
from stacks.part import Part

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

    from tidegate import DataCapture, Explainer

_MODES: Final = {"requests": "Input", "answers": "Output"}
_Types = Annotated[tuple[Text, ...], Field(strict=False, max_length=10)]


class CapturePart(Part):
    """A share of requests and answers, kept in S3."""

    percent: Annotated[int, Field(ge=0, le=100)]
    destination: S3Uri
    keep: Annotated[
        tuple[Literal["requests", "answers"], ...], Field(strict=False, min_length=1, max_length=2)
    ] = ("requests", "answers")
    csv_content_types: _Types = ()
    json_content_types: _Types = ()
    kms_key: KeyArn | None = None

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        self.capture(None)
        return self

    def capture(self, key: "kms.IKey | None") -> "DataCapture":
        """Return the capture for the library.

        Args:
            key: The key whose ARN is `kms_key`.

        """
        from tidegate import DataCapture

        return DataCapture(
            percent=self.percent,
            destination_uri=self.destination,
            modes=tuple(_MODES[one] for one in self.keep),
            csv_content_types=self.csv_content_types,
            json_content_types=self.json_content_types,
            kms_key=key,
        )


class ExplainerPart(Part):
    """SHAP values of each feature, in the answer."""

    baseline: Text | None = None
    baseline_uri: S3Uri | None = None
    mime_type: Text = "text/csv"
    enable: Text | None = None
    samples: Count | None = None
    seed: int | None = None
    feature_headers: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    feature_types: Annotated[
        tuple[Literal["numerical", "categorical", "text"], ...], Field(strict=False)
    ] = ()
    probability_index: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        self.explainer()
        return self

    def explainer(self) -> "Explainer":
        """Return the explainer for the library."""
        from tidegate import Explainer

        return Explainer(**{name: getattr(self, name) for name in type(self).model_fields})

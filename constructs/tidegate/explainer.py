"""Explanations of single answers, by SageMaker Clarify."""

from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from tidegate._rulebook_models import LONGEST_BASELINE
from tidegate._s3_uri import exact_arn, require_s3
from tidegate._validation import Faults

_TYPES: Final = ("numerical", "categorical", "text")
_Config = sagemaker.CfnEndpointConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Explainer:
    """An online explainer: SHAP values of each feature, in the answer.

    Use the factories; exactly one kind of baseline is set.

    Attributes:
        baseline: Baseline rows themselves, 1 to 4096 characters in `mime_type`.
        baseline_uri: `s3://` address of the baseline rows, at most 1024 characters.
        mime_type: Content type of the baseline; `text/csv` by default.
        enable: JMESPath expression over a record that says which are explained; all when None. At most 64
            characters.
        samples: Number of samples for a record, at least 1; SageMaker's own choice when None.
        seed: Seed that makes explanations repeatable; none by default.
        feature_headers: Names of the features, at most 256; none by default.
        feature_types: `numerical`, `categorical` or `text` for each feature, as many as `feature_headers`.
        probability_index: Column of the probability in a CSV answer; none by default.

    Raises:
        ValueError: naming every fault at once, with the reason and the AWS page.

    Example:
        Explainer.shap("0.5,1.0,3.2", samples=200)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-online-explainability.html

    """

    baseline: str | None = None
    baseline_uri: str | None = None
    mime_type: str = "text/csv"
    enable: str | None = None
    samples: int | None = None
    seed: int | None = None
    feature_headers: tuple[str, ...] = ()
    feature_types: tuple[str, ...] = ()
    probability_index: int | None = None

    def __post_init__(self) -> None:
        faults = Faults("explainer")
        require_s3(faults, self.baseline_uri, field="baseline_uri", longest=1024)
        self._check_baseline(faults)
        self._check_values(faults)
        self._check_features(faults)
        faults.raise_if_any()

    @classmethod
    def shap(cls, baseline: str, *, samples: int | None = None, seed: int | None = None) -> "Explainer":
        """Return an explainer with its baseline rows written out, as CSV."""
        return cls(baseline=baseline, samples=samples, seed=seed)

    @classmethod
    def shap_from(
        cls, baseline_uri: str, *, samples: int | None = None, seed: int | None = None
    ) -> "Explainer":
        """Return an explainer with its baseline rows in S3, as CSV."""
        return cls(baseline_uri=baseline_uri, samples=samples, seed=seed)

    def _check_baseline(self, faults: Faults) -> None:
        faults.rule(
            "explainer-baseline",
            ok=(self.baseline is None) != (self.baseline_uri is None),
            message="exactly one of baseline and baseline_uri must be set",
        )
        faults.rule(
            "explainer-baseline",
            ok=self.baseline is None or 1 <= len(self.baseline) <= LONGEST_BASELINE,
            message=f"baseline must be 1 to {LONGEST_BASELINE} characters",
        )

    def _check_values(self, faults: Faults) -> None:
        faults.rule(
            "explainer-values",
            ok=self.enable is None or 1 <= len(self.enable) <= 64,
            message=f"enable must be 1 to 64 characters, got {self.enable!r}",
        )
        for field, least in (("samples", 1), ("probability_index", 0)):
            value = getattr(self, field)
            faults.rule(
                "explainer-values",
                ok=value is None or value >= least,
                message=f"{field} must be at least {least}, got {value}",
            )

    def _check_features(self, faults: Faults) -> None:
        types, headers = self.feature_types, self.feature_headers
        rules = {
            f"feature_headers must be at most 256, got {len(headers)}": len(headers) <= 256,
            f"feature_types must be some of {_TYPES}, got {types}": set(types) <= set(_TYPES),
            f"feature_types must be as many as feature_headers, got {len(types)} and {len(headers)}": not (
                types and headers
            )
            or len(types) == len(headers),
        }
        for message, holds in rules.items():
            faults.rule("explainer-features", ok=holds, message=message)

    def statements(self) -> list[iam.PolicyStatement]:
        """Return what the execution role needs to read the baseline."""
        if self.baseline_uri is None:
            return []
        read = [exact_arn(self.baseline_uri)]
        return [iam.PolicyStatement(sid="ReadBaseline", actions=["s3:GetObject"], resources=read)]


def explainer_config(explainer: Explainer) -> sagemaker.CfnEndpointConfig.ExplainerConfigProperty:
    """Return the CloudFormation form."""
    described = (
        explainer.feature_headers or explainer.feature_types or explainer.probability_index is not None
    )
    inference = _Config.ClarifyInferenceConfigProperty(
        feature_headers=list(explainer.feature_headers) or None,
        feature_types=list(explainer.feature_types) or None,
        probability_index=explainer.probability_index,
    )
    shap = _Config.ClarifyShapConfigProperty(
        number_of_samples=explainer.samples,
        seed=explainer.seed,
        shap_baseline_config=_Config.ClarifyShapBaselineConfigProperty(
            mime_type=explainer.mime_type,
            shap_baseline=explainer.baseline,
            shap_baseline_uri=explainer.baseline_uri,
        ),
    )
    return _Config.ExplainerConfigProperty(
        clarify_explainer_config=_Config.ClarifyExplainerConfigProperty(
            enable_explanations=explainer.enable,
            inference_config=inference if described else None,
            shap_config=shap,
        )
    )

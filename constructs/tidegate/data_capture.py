"""Which requests and answers of an endpoint are kept in S3."""

from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker

from tidegate._s3_uri import object_arn, require_s3
from tidegate._validation import Faults

_MODES: Final = ("Input", "Output", "InputAndOutput")
_MOST_TYPES: Final = 10
_Config = sagemaker.CfnEndpointConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCapture:
    """A share of the requests, of the answers, or of both, written below an S3 address.

    Attributes:
        percent: Share of the requests that is kept, 0 to 100 %. Monitors want a large share.
        destination_uri: `s3://` address below which SageMaker writes, at most 512 characters.
        modes: `Input`, `Output` or both; both by default.
        csv_content_types: Content types that are written as CSV, not as base64; at most 10.
        json_content_types: Content types that are written as JSON, not as base64; at most 10.
        kms_key: Key that encrypts what is written; the bucket's own encryption when None.

    Raises:
        ValueError: naming every fault at once, with the reason and the AWS page.

    Example:
        DataCapture.of(percent=20, destination_uri="s3://captured/digits")

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html

    """

    percent: int
    destination_uri: str
    modes: tuple[str, ...] = ("Input", "Output")
    csv_content_types: tuple[str, ...] = ()
    json_content_types: tuple[str, ...] = ()
    kms_key: kms.IKey | None = None

    def __post_init__(self) -> None:
        faults = Faults("data capture")
        require_s3(faults, self.destination_uri, field="destination_uri", longest=512)
        faults.within("capture-percent", percent=self.percent)
        faults.rule(
            "capture-modes",
            ok=bool(self.modes)
            and set(self.modes) <= set(_MODES)
            and len(set(self.modes)) == len(self.modes),
            message=f"modes must be some of {_MODES}, each once, got {self.modes}",
        )
        csv, json = self.csv_content_types, self.json_content_types
        faults.rule(
            "capture-content-types",
            ok=len(csv) <= _MOST_TYPES and len(json) <= _MOST_TYPES,
            message=f"content types must be at most {_MOST_TYPES} of each kind, "
            f"got {len(csv)} and {len(json)}",
        )
        faults.rule(
            "capture-content-types",
            ok=not set(csv) & set(json),
            message=f"a content type must not be both CSV and JSON, got {sorted(set(csv) & set(json))}",
        )
        faults.raise_if_any()

    @classmethod
    def of(
        cls,
        *,
        percent: int,
        destination_uri: str,
        modes: tuple[str, ...] = ("Input", "Output"),
        kms_key: kms.IKey | None = None,
    ) -> "DataCapture":
        """Return a capture of requests and answers, each written as it came."""
        return cls(percent=percent, destination_uri=destination_uri, modes=modes, kms_key=kms_key)

    def statements(self) -> list[iam.PolicyStatement]:
        """Return what the execution role needs to write."""
        write = iam.PolicyStatement(
            sid="CaptureData", actions=["s3:PutObject"], resources=[object_arn(self.destination_uri)]
        )
        if self.kms_key is None:
            return [write]
        encrypt = iam.PolicyStatement(
            sid="EncryptCapturedData",
            actions=["kms:GenerateDataKey"],
            resources=[self.kms_key.key_arn],
        )
        return [write, encrypt]


def capture_config(capture: DataCapture) -> sagemaker.CfnEndpointConfig.DataCaptureConfigProperty:
    """Return the CloudFormation form."""
    csv, json = list(capture.csv_content_types), list(capture.json_content_types)
    types = _Config.CaptureContentTypeHeaderProperty(
        csv_content_types=csv or None, json_content_types=json or None
    )
    return _Config.DataCaptureConfigProperty(
        enable_capture=True,
        initial_sampling_percentage=capture.percent,
        destination_s3_uri=capture.destination_uri,
        capture_options=[_Config.CaptureOptionProperty(capture_mode=mode) for mode in capture.modes],
        kms_key_id=capture.kms_key.key_arn if capture.kms_key is not None else None,
        capture_content_type_header=types if csv or json else None,
    )

"""What a batch transform job reads, how it asks the model, and what it writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from tidegate._s3_uri import require_s3
from tidegate._transform_rules import check_association, check_requests, check_resources
from tidegate._validation import Faults

_NO_ENVIRONMENT: Final[Mapping[str, str]] = MappingProxyType({})
_LONGEST_URI: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformJob:
    """The settings of a batch transform job.

    Attributes:
        input_uri: `s3://` prefix of the input, or address of a manifest.
        output_uri: `s3://` prefix of the answers; not below the input.
        content_type: MIME type of the input, for example `text/csv`.
        accept: MIME type of the answers; the container's choice when None.
        instance_type: Instance type that batch transform knows, for example `ml.m5.xlarge`.
        instance_count: Number of instances, at least 1.
        split: How a file becomes records; one request a file by default.
        strategy: Whether a request holds as many records as fit, or one; SageMaker's choice when None.
        assemble_lines: Whether the answers are put one on a line. No by default.
        manifest: Whether `input_uri` is a manifest. No by default.
        gzip: Whether the input is compressed with gzip. No by default.
        max_concurrent_transforms: Requests at the same time on an instance; the container's choice when None.
        max_payload_mb: Largest request in MB, at most 100 for all concurrent ones together; 6 when None.
        timeout_seconds: Longest answer to a request, 1 to 3600; SageMaker's default when None.
        max_retries: Times a failed request is sent again, 0 to 3; SageMaker's default when None.
        input_filter: JSONPath of the part of a record that the model gets; all of it when None.
        output_filter: JSONPath of the part of a joined record that is written; all of it when None.
        join_input: Whether each answer is joined with its record. No by default.
        environment: At most 16 environment variables of the container.

    Raises:
        ValueError: naming every fault at once, with the AWS page.

    Example:
        TransformJob(input_uri="s3://data/in/", output_uri="s3://data/out/", content_type="text/csv",
        instance_type="ml.m5.xlarge", split="Line")

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html

    """

    input_uri: str
    output_uri: str
    content_type: str
    instance_type: str
    instance_count: int = 1
    accept: str | None = None
    split: Literal["None", "Line", "RecordIO", "TFRecord"] = "None"
    strategy: Literal["MultiRecord", "SingleRecord"] | None = None
    assemble_lines: bool = False
    manifest: bool = False
    gzip: bool = False
    max_concurrent_transforms: int | None = None
    max_payload_mb: int | None = None
    timeout_seconds: int | None = None
    max_retries: int | None = None
    input_filter: str | None = None
    output_filter: str | None = None
    join_input: bool = False
    environment: Mapping[str, str] = field(default_factory=lambda: _NO_ENVIRONMENT)

    def __post_init__(self) -> None:
        faults = Faults("transform job")
        for name in ("input_uri", "output_uri"):
            require_s3(faults, getattr(self, name), field=name, longest=_LONGEST_URI)
        check_resources(faults, self)
        check_requests(faults, self)
        check_association(faults, self)
        faults.raise_if_any()

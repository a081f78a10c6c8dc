"""What CreateTransformJob asks for, checked.

Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

from dataclasses import dataclass
from typing import Any, Final, Self

from localcloud.errors import NotEmulated
from localcloud.sagemaker.names import Params, invalid, require_emulated
from localcloud.sagemaker.transform.association import CSV, JSON, Association
from localcloud.sagemaker.transform.json_path import JsonPath

_JOB: Final = frozenset(
    {"TransformJobName", "ModelName", "MaxConcurrentTransforms", "ModelClientConfig", "MaxPayloadInMB"}
    | {"BatchStrategy", "Environment", "TransformInput", "TransformOutput", "TransformResources"}
    | {"DataProcessing", "Tags"}
)
_OUTPUT: Final = frozenset({"S3OutputPath", "Accept", "AssembleWith"})
_RESOURCES: Final = frozenset({"InstanceType", "InstanceCount"})
_DEFAULT_PAYLOAD_MB: Final = 6
_MOST_PAYLOAD_MB: Final = 100
_DEFAULT_TIMEOUT_SECONDS: Final = 600
_DEFAULT_RETRIES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a job works.

    Attributes:
        input_uri: prefix or manifest.
        manifest: which of the two.
        output_uri: where the answers go.
        gzipped: whether the input is compressed.
        content_type: MIME type of requests, if any is sent.
        accept: MIME type of answers, if any is asked for.
        by_line: whether an object is split into lines, or is one request.
        several: whether a request holds as many lines as fit, or one.
        assemble_lines: whether every answer ends a line.
        association: filters and join.
        instances: number of instances.
        concurrent: requests at the same time on an instance.
        payload_mb: largest request; 0 for no limit.
        timeout_seconds: real seconds that the model may take for a request.
        retries: times a failed request is sent again.
        environment: environment variables of the container.

    """

    input_uri: str
    manifest: bool
    output_uri: str
    gzipped: bool
    content_type: str | None
    accept: str | None
    by_line: bool
    several: bool
    assemble_lines: bool
    association: Association
    instances: int
    concurrent: int
    payload_mb: int
    timeout_seconds: float
    retries: int
    environment: dict[str, str]

    @classmethod
    def parse(cls, params: Params) -> Self:
        """Check a request.

        Raises:
            AwsError: ValidationException, with what was wrong.
            NotEmulated: for RecordIO, TFRecord, keys, data capture and other members.

        """
        _check_emulated(params)
        source, sink = params["TransformInput"], params["TransformOutput"]
        data = source["DataSource"]["S3DataSource"]
        client = params.get("ModelClientConfig", {})
        # 0 stands for what the container says of itself; the local model server says nothing.
        concurrent = params.get("MaxConcurrentTransforms", 0) or 1
        payload = params.get("MaxPayloadInMB", _DEFAULT_PAYLOAD_MB)
        if payload * concurrent > _MOST_PAYLOAD_MB:
            raise invalid(
                f"MaxPayloadInMB x MaxConcurrentTransforms must be at most {_MOST_PAYLOAD_MB}, got "
                f"{payload} x {concurrent}"
            )
        several = params.get("BatchStrategy", "MultiRecord") == "MultiRecord"
        return cls(
            input_uri=data["S3Uri"],
            manifest=data["S3DataType"] == "ManifestFile",
            output_uri=sink["S3OutputPath"],
            gzipped=source.get("CompressionType") == "Gzip",
            content_type=source.get("ContentType"),
            accept=sink.get("Accept"),
            by_line=source.get("SplitType") == "Line",
            several=several,
            assemble_lines=sink.get("AssembleWith") == "Line",
            association=_association(params),
            instances=params["TransformResources"]["InstanceCount"],
            concurrent=concurrent,
            payload_mb=payload,
            timeout_seconds=client.get("InvocationsTimeoutInSeconds", _DEFAULT_TIMEOUT_SECONDS),
            retries=client.get("InvocationsMaxRetries", _DEFAULT_RETRIES),
            environment=_environment(params, concurrent, payload, several=several),
        )


def _check_emulated(params: Params) -> None:
    where = "CreateTransformJob"
    require_emulated(params, _JOB, where)
    require_emulated(params["TransformOutput"], _OUTPUT, f"{where}.TransformOutput")
    require_emulated(params["TransformResources"], _RESOURCES, f"{where}.TransformResources")
    source = params["TransformInput"]
    if source.get("SplitType", "None") not in ("None", "Line"):
        raise NotEmulated(f"SageMaker {where}.TransformInput.SplitType {source['SplitType']}")
    if "S3DataSource" not in source["DataSource"]:
        raise NotEmulated(f"SageMaker {where}.TransformInput.DataSource other than S3DataSource")
    kind = source["DataSource"]["S3DataSource"]["S3DataType"]
    if kind not in ("S3Prefix", "ManifestFile"):
        raise invalid(f"S3DataType must be S3Prefix or ManifestFile, got {kind}")


def _association(params: Params) -> Association:
    given: Params = params.get("DataProcessing", {})
    source, sink = params["TransformInput"], params["TransformOutput"]
    kind, _, _ = source.get("ContentType", "").partition(";")
    association = Association(
        is_csv=kind == CSV,
        by_line=source.get("SplitType") == "Line" or kind == JSON[1],
        given=JsonPath.parse(given.get("InputFilter", "$")),
        joined=given.get("JoinSource") == "Input",
        kept=JsonPath.parse(given.get("OutputFilter", "$")),
    )
    if not association.is_idle:
        _check_association(association, source, sink, kind)
    return association


def _check_association(association: Association, source: Params, sink: Params, kind: str) -> None:
    faults = []
    if kind not in (CSV, *JSON):
        faults.append(f"DataProcessing needs ContentType {CSV} or {' or '.join(JSON)}, got {kind or None}")
    if association.joined and sink.get("Accept") != source.get("ContentType"):
        faults.append(
            f"JoinSource needs Accept to be ContentType, got {sink.get('Accept')} and "
            f"{source.get('ContentType')}"
        )
    split, assembly = source.get("SplitType", "None"), sink.get("AssembleWith", "None")
    if association.joined and split != assembly:
        faults.append(f"JoinSource needs SplitType and AssembleWith to agree, got {split} and {assembly}")
    if faults:
        raise invalid("; ".join(faults))


def _environment(params: Params, concurrent: int, payload: int, *, several: bool) -> dict[str, str]:
    """Return the job's variables, and those that tell the container of the job.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
    """
    own: dict[str, Any] = {
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": str(payload),
        "SAGEMAKER_BATCH_STRATEGY": "MULTI_RECORD" if several else "SINGLE_RECORD",
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": str(concurrent),
    }
    return {**own, **params.get("Environment", {})}

"""What CreateTransformJob refuses, or fails on after the instances have started."""

from typing import TYPE_CHECKING, Final

from tidegate._validation import INSTANCE_TYPE_PATTERN, Faults

if TYPE_CHECKING:
    from tidegate.transform_job import TransformJob

# The families of the API model's TransformInstanceType.
FAMILIES: Final = frozenset(
    "c4 c5 c6i c7i g4dn g5 g6 g6e inf2 m4 m5 m6i m7i p2 p3 r6i r7i trn1".split()  # noqa: SIM905
)
JOINABLE: Final = ("application/json", "application/jsonlines", "text/csv")
_LARGEST_PAYLOAD_MB: Final = 100
_LONGEST_TIMEOUT: Final = 3600
_MOST_RETRIES: Final = 3
_MOST_VARIABLES: Final = 16
_LONGEST_FILTER: Final = 63

_API: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference"
_JOB: Final = f"{_API}/API_CreateTransformJob.html"
_RESOURCES: Final = f"{_API}/API_TransformResources.html"
_CLIENT: Final = f"{_API}/API_ModelClientConfig.html"
_ASSOCIATION: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html"


def check_resources(faults: Faults, job: "TransformJob") -> None:
    """Record instances that batch transform does not have, and an output that is the next input."""
    known = INSTANCE_TYPE_PATTERN.fullmatch(job.instance_type) is not None
    faults.require(
        ok=known and job.instance_type.split(".")[1] in FAMILIES,
        message=f"instance_type must be ml.* of one of {sorted(FAMILIES)}, got {job.instance_type!r}: batch "
        f"transform knows no other ({_RESOURCES})",
    )
    faults.require(
        ok=job.instance_count >= 1, message=f"instance_count must be at least 1, got {job.instance_count}"
    )
    faults.require(
        ok=not f"{job.output_uri.rstrip('/')}/".startswith(f"{job.input_uri.rstrip('/')}/"),
        message=f"output_uri must not lie below input_uri, got {job.output_uri!r}: the next job would "
        f"read the answers ({_JOB})",
    )
    faults.require(
        ok=len(job.environment) <= _MOST_VARIABLES,
        message=f"environment must have at most {_MOST_VARIABLES} variables, got "
        f"{len(job.environment)} ({_JOB})",
    )


def check_requests(faults: Faults, job: "TransformJob") -> None:
    """Record payloads, concurrency, time-outs and strategies out of bounds."""
    payload = job.max_payload_mb
    concurrent = job.max_concurrent_transforms
    faults.require(
        ok=payload is None or 0 <= payload <= _LARGEST_PAYLOAD_MB,
        message=f"max_payload_mb must be 0 (no limit, chunked) to {_LARGEST_PAYLOAD_MB}, got "
        f"{payload} ({_JOB})",
    )
    faults.require(
        ok=concurrent is None or concurrent >= 1,
        message=f"max_concurrent_transforms must be at least 1, got {concurrent} ({_JOB})",
    )
    faults.require(
        ok=payload is None or concurrent is None or payload * concurrent <= _LARGEST_PAYLOAD_MB,
        message=f"max_payload_mb x max_concurrent_transforms must be at most {_LARGEST_PAYLOAD_MB} MB, got "
        f"{payload} x {concurrent} ({_JOB})",
    )
    faults.require(
        ok=job.timeout_seconds is None or 1 <= job.timeout_seconds <= _LONGEST_TIMEOUT,
        message=f"timeout_seconds must be 1 to {_LONGEST_TIMEOUT}, got {job.timeout_seconds} ({_CLIENT})",
    )
    faults.require(
        ok=job.max_retries is None or 0 <= job.max_retries <= _MOST_RETRIES,
        message=f"max_retries must be 0 to {_MOST_RETRIES}, got {job.max_retries} ({_CLIENT})",
    )
    faults.require(
        ok=job.strategy is None or job.split != "None",
        message=f"strategy {job.strategy} needs a split, got none: without one a file is one "
        f"request ({_JOB})",
    )


def check_association(faults: Faults, job: "TransformJob") -> None:
    """Record filters and joins that the formats do not allow."""
    filters = {"input_filter": job.input_filter, "output_filter": job.output_filter}
    for name, path in filters.items():
        faults.require(
            ok=path is None or (path.startswith("$") and len(path) <= _LONGEST_FILTER),
            message=f"{name} must be a JSONPath from $ on of at most {_LONGEST_FILTER} characters, got "
            f"{path!r} ({_ASSOCIATION})",
        )
    if not job.join_input and not any(filters.values()):
        return
    faults.require(
        ok=job.content_type.split(";")[0] in JOINABLE,
        message=f"filters and join_input need a content_type of {JOINABLE}, got {job.content_type!r} "
        f"({_ASSOCIATION})",
    )
    faults.require(
        ok=not job.join_input or job.accept == job.content_type,
        message=f"join_input needs accept to be content_type, got {job.accept!r} and {job.content_type!r} "
        f"({_ASSOCIATION})",
    )
    faults.require(
        ok=not job.join_input or job.assemble_lines == (job.split == "Line"),
        message="join_input needs split 'Line' together with assemble_lines, or neither, got "
        f"{job.split!r} and {job.assemble_lines} ({_ASSOCIATION})",
    )

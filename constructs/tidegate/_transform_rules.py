"""What CreateTransformJob refuses, or fails on after the instances have started."""

import re
from typing import TYPE_CHECKING, Final

from tidegate._rulebook_scaling import LARGEST_RECORD_MB, LONGEST_FILTER, MOST_JOB_VARIABLES
from tidegate._validation import INSTANCE_TYPE_PATTERN, Faults

if TYPE_CHECKING:
    from tidegate.transform_job import TransformJob

# The families of the API model's TransformInstanceType.
FAMILIES: Final = frozenset(
    "c4 c5 c6i c7i g4dn g5 g6 g6e inf2 m4 m5 m6i m7i p2 p3 r6i r7i trn1".split()  # noqa: SIM905
)
JOINABLE: Final = ("application/json", "application/jsonlines", "text/csv")
_NAME: Final = r"\s*'[^']*'\s*"
_INDEX: Final = r"\s*(?:-?\d*\s*:\s*-?\d*|-?\d+)\s*"
_STEP: Final = rf"\.(?:\*|[^.\[\]*()?@]+)|\.?\[(?:\s*\*\s*|{_NAME}|{_INDEX}(?:,{_INDEX})*)\]"
# Several names are an object, which nothing may follow.
FILTER: Final = re.compile(rf"\$(?:{_STEP})*(?:\.?\[{_NAME}(?:,{_NAME})+\])?")


def check_resources(faults: Faults, job: "TransformJob") -> None:
    """Record instances that batch transform does not have, and an output that is the next input."""
    known = INSTANCE_TYPE_PATTERN.fullmatch(job.instance_type) is not None
    faults.rule(
        "transform-instance-type",
        ok=known and job.instance_type.split(".")[1] in FAMILIES,
        message=f"instance_type must be ml.* of one of {sorted(FAMILIES)}, got {job.instance_type!r}",
    )
    faults.rule(
        "transform-instance-count",
        ok=job.instance_count >= 1,
        message=f"instance_count must be at least 1, got {job.instance_count}",
    )
    faults.rule(
        "transform-output-below-input",
        ok=not f"{job.output_uri.rstrip('/')}/".startswith(f"{job.input_uri.rstrip('/')}/"),
        message=f"output_uri must not lie below input_uri, got {job.output_uri!r}",
    )
    count = len(job.environment)
    faults.rule(
        "transform-environment",
        ok=count <= MOST_JOB_VARIABLES,
        message=f"environment must have at most {MOST_JOB_VARIABLES} variables, got {count}",
    )


def check_requests(faults: Faults, job: "TransformJob") -> None:
    """Record payloads, concurrency, time-outs and strategies out of bounds."""
    payload = job.max_payload_mb
    concurrent = job.max_concurrent_transforms
    faults.rule(
        "transform-payload",
        ok=payload is None or 0 <= payload <= LARGEST_RECORD_MB,
        message=f"max_payload_mb must be 0 (no limit, chunked) to {LARGEST_RECORD_MB}, got {payload}",
    )
    faults.rule(
        "transform-concurrency",
        ok=concurrent is None or concurrent >= 1,
        message=f"max_concurrent_transforms must be at least 1, got {concurrent}",
    )
    faults.rule(
        "transform-payload",
        ok=payload is None or concurrent is None or payload * concurrent <= LARGEST_RECORD_MB,
        message=f"max_payload_mb x max_concurrent_transforms must be at most {LARGEST_RECORD_MB} MB, got "
        f"{payload} x {concurrent}",
    )
    faults.within("transform-timeout", timeout_seconds=job.timeout_seconds)
    faults.within("transform-retries", max_retries=job.max_retries)
    faults.rule(
        "transform-strategy",
        ok=job.strategy is None or job.split != "None",
        message=f"strategy {job.strategy} needs a split, got none",
    )


def check_association(faults: Faults, job: "TransformJob") -> None:
    """Record filters and joins that the formats do not allow."""
    filters = {"input_filter": job.input_filter, "output_filter": job.output_filter}
    for name, path in filters.items():
        faults.rule(
            "transform-filter",
            ok=path is None or (FILTER.fullmatch(path) is not None and len(path) <= LONGEST_FILTER),
            message=f"{name} must be a JSONPath from $ on of at most {LONGEST_FILTER} characters, "
            f"got {path!r}",
        )
    if not job.join_input and not any(filters.values()):
        return
    rules = {
        f"filters and join_input need a content_type of {JOINABLE}, got {job.content_type!r}": (
            job.content_type.split(";")[0] in JOINABLE
        ),
        f"join_input needs accept to be content_type, got {job.accept!r} and {job.content_type!r}": (
            not job.join_input or job.accept == job.content_type
        ),
        "join_input needs split 'Line' together with assemble_lines, or neither, got "
        f"{job.split!r} and {job.assemble_lines}": (
            not job.join_input or job.assemble_lines == (job.split == "Line")
        ),
    }
    for message, holds in rules.items():
        faults.rule("transform-association", ok=holds, message=message)

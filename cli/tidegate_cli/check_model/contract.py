"""What SageMaker asks of a model container, for each kind of inference; each number with its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Self

from tidegate.compatibility import LIMITS, Mode, ServerlessSize, check
from tidegate_cli.failures import CliError, ExitCode

Kind = Literal["real-time", "serverless", "async", "batch"]

MEBIBYTE: Final = 1024**2
PING_SECONDS: Final = 2.0
STARTUP_SECONDS: Final = 480.0
LOCAL_EXTRACTED_BYTES: Final = 4 * 1024**3
"""What the local model server extracts at most; SageMaker takes more."""

_GUIDE: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg"
_CONTAINER: Final = f"{_GUIDE}/your-algorithms-inference-code.html"
ARCHIVE_PAGE: Final = f"{_CONTAINER}#your-algorithms-inference-code-load-artifacts"
LAYOUT_PAGE: Final = "https://sagemaker.readthedocs.io/en/stable/frameworks/sklearn/using_sklearn.html"
SERVERLESS_PAGE: Final = f"{_GUIDE}/serverless-endpoints.html"
_BATCH_CONTAINER: Final = f"{_GUIDE}/your-algorithms-batch-code.html"
_SERVERLESS_DISK_BYTES: Final = 5 * 1024**3
_MODES: Final[Mapping[Kind, Mode]] = {
    "real-time": Mode.REAL_TIME,
    "serverless": Mode.SERVERLESS,
    "async": Mode.ASYNC,
    "batch": Mode.BATCH,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The limits of one kind of inference.

    Attributes:
        kind: The kind.
        request_bytes: Largest body of a request; of a record, for transform jobs.
        answer_bytes: Largest body of an answer; None where AWS names no limit.
        payload_source: The page that says so.
        processing_seconds: Longest time from a request to its answer.
        processing_source: The page that says so.
        disk_bytes: What the archive may extract to; None where the volume is the user's choice.
        container_source: The page about the container contract.

    """

    kind: Kind
    request_bytes: int
    answer_bytes: int | None
    payload_source: str
    processing_seconds: float
    processing_source: str
    disk_bytes: int | None
    container_source: str

    @classmethod
    def of(cls, kind: Kind) -> Self:
        """Return the limits of a kind, from the compatibility table."""
        limits = LIMITS[_MODES[kind]]
        request_bytes = int(limits.payload_mb * MEBIBYTE)
        return cls(
            kind=kind,
            request_bytes=request_bytes,
            answer_bytes=None if kind == "batch" else request_bytes,
            payload_source=limits.payload_source,
            processing_seconds=limits.processing_seconds,
            processing_source=limits.processing_source,
            disk_bytes=_SERVERLESS_DISK_BYTES if kind == "serverless" else None,
            container_source=_BATCH_CONTAINER if kind == "batch" else _CONTAINER,
        )


def require_memory_size(kind: Kind, memory_mb: int | None) -> None:
    """Refuse a memory size that a serverless variant cannot have.

    Raises:
        CliError: naming the sizes that there are.

    """
    if kind == "serverless" and memory_mb is not None and (wrong := _wrong_size(memory_mb)):
        raise CliError(f"--memory-mb: {wrong}", ExitCode.USAGE)


def smallest_serverless_mb(peak_bytes: int) -> int | None:
    """Return the smallest memory of a serverless variant that holds `peak_bytes`; None when none does."""
    size = max(1, -(-peak_bytes // (1024 * MEBIBYTE))) * 1024
    return None if _wrong_size(size) else size


def _wrong_size(memory_mb: int) -> str:
    size = ServerlessSize(memory_mb=memory_mb, max_concurrency=1)
    return "; ".join(str(finding) for finding in check(Mode.SERVERLESS, serverless=size))

"""Requests that a new version must answer as declared before it gets any traffic."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from tidegate._runtime import runtime_module
from tidegate._validation import Faults
from tidegate.compatibility import LIMITS, Mode

MOST_SAMPLES: Final = 40
"""Fewer than the 50 requests of a minute from which on the candidate's alarms ask for its errors."""

_MEBIBYTE: Final = 1024**2
_MOST_BYTES: Final = 20 * _MEBIBYTE
"""All samples lie in the archive of one function."""

_FOLDER: Final = "declared_samples"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRequests:
    """Sample requests, and what their answers should be, in the form of `tidegate check-model`.

    Before the first step the rollout sends each of them to the candidate, while it has no traffic. An answer
    that is not as declared rolls back; a warning is put on record.

    Attributes:
        document: A mapping with the list `samples`; its fields are in docs/check-model.md.
        files: The bytes of each file that a sample names.

    Raises:
        ValueError: naming every fault at once.

    Example:
        SampleRequests(document={"samples": [{"body": {"instances": [[0, 1]]}}]})

    """

    document: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = Faults("sample requests")
        for place, text in self.faults(self.document, self.files):
            faults.require(ok=False, message=f"{'.'.join(map(str, place))}: {text}")
        faults.raise_if_any()

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read a JSON file; what a sample's `file` names lies beside it.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is no JSON, or naming every fault at once.

        """
        document = json.loads(path.read_text(encoding="utf-8"))
        return cls(document=document, files=dict(read_named(document, path.parent)))

    @staticmethod
    def faults(document: Any, files: Mapping[str, bytes]) -> Sequence[tuple[tuple[str | int, ...], str]]:
        """Return where and what is wrong: paths of field names and list indexes, with a sentence each."""
        samples = runtime_module("samples")

        def read(name: str) -> bytes:
            if name not in files:
                raise FileNotFoundError(2, "no such file")
            return files[name]

        try:
            found = list(_sizes(samples.parse_samples(document, read=read)))
            json.dumps(document)
        except samples.SamplesInvalid as error:
            found = list(error.faults)
        except TypeError as error:
            # YAML knows dates, and JSON does not.
            found = [(("samples",), f"must be what JSON can say: {error}")]
        return found

    def packed(self) -> dict[str, bytes]:
        """Return the files of a function's archive that hold the samples, by name."""
        renamed = {name: f"body-{index}" for index, name in enumerate(sorted(self.files))}
        samples = [
            {**sample, **({"file": renamed[sample["file"]]} if "file" in sample else {})}
            for sample in self.document["samples"]
        ]
        text = json.dumps({"samples": samples}, sort_keys=True, separators=(",", ":"))
        bodies = {f"{_FOLDER}/{renamed[name]}": content for name, content in self.files.items()}
        return {f"{_FOLDER}/samples.json": text.encode(), **bodies}


def read_named(document: Any, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files that samples name, as far as they can be read; what is missing is told as a fault."""
    samples = document.get("samples") if isinstance(document, Mapping) else None
    for sample in samples if isinstance(samples, list) else ():
        name = sample.get("file") if isinstance(sample, Mapping) else None
        if isinstance(name, str) and (folder / name).is_file():
            yield name, (folder / name).read_bytes()


def _sizes(samples: Sequence[Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if len(samples) > MOST_SAMPLES:
        yield ("samples",), f"must be at most {MOST_SAMPLES}, got {len(samples)}"
    limit = LIMITS[Mode.REAL_TIME]
    for index, sample in enumerate(samples):
        megabytes = len(sample.body) / _MEBIBYTE
        if megabytes > limit.payload_mb:
            allowed = f"must be at most {limit.payload_mb:g} MB ({limit.payload_source})"
            yield ("samples", index), f"the request {allowed}, got {megabytes:.1f} MB"
    whole = sum(len(sample.body) for sample in samples)
    if whole > _MOST_BYTES:
        most = _MOST_BYTES // _MEBIBYTE
        yield ("samples",), f"the requests together must be at most {most} MB, got {whole / _MEBIBYTE:.1f} MB"

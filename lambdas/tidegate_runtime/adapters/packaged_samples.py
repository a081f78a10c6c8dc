"""Samples that were put into a function's archive when it was deployed."""

import json
from pathlib import Path
from typing import Final

from tidegate_runtime.samples import Sample, parse_samples

FOLDER: Final = "declared_samples"
DOCUMENT: Final = "samples.json"


def packaged_samples(root: Path) -> tuple[Sample, ...]:
    """Return the samples below the root of a function's archive.

    Args:
        root: Folder that holds the folder `declared_samples`: the document `samples.json` and the files that
            it names.

    Raises:
        OSError: there are none.
        SamplesInvalid: they cannot be used.

    """
    folder = root / FOLDER
    document = json.loads((folder / DOCUMENT).read_text(encoding="utf-8"))
    return parse_samples(document, read=lambda name: (folder / name).read_bytes())

"""The job `release`: marks a source revision as the released one.

The marker is the source of the pipelines that promote models, so that a model is never promoted together with
code that has not passed every environment.
"""

import json
from io import BytesIO
from typing import Final
from zipfile import ZipFile, ZipInfo

from deliver.outcome import Done, Outcome
from deliver.ports import Marker
from deliver.request import Request

NAME: Final = "released.json"


def release(request: Request, *, marker: Marker) -> Outcome:
    """Write the marker, unless it says the same already."""
    commit = request.text("commit")
    content = _zipped({"commit": commit, "pipeline_execution": request.execution})
    if marker.read() != content:
        marker.write(content)
    return Done(summary=f"{commit[:12]} is the released revision", variables={"Commit": commit})


def _zipped(document: dict[str, str]) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as zipped:
        # Without a time of its own: equal documents are equal bytes.
        zipped.writestr(ZipInfo(NAME), json.dumps(document, sort_keys=True))
    return made.getvalue()

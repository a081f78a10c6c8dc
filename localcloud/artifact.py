"""Artifacts of pipelines and builds: zips in S3."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A zip in the artifact store, as one execution uses it.

    Attributes:
        name: its name in the pipeline.
        bucket: bucket of the store.
        key: key of the object.
        revision: source revision that it is, empty when a build made it.

    """

    name: str
    bucket: str
    key: str
    revision: str = ""


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip with these files, by path."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return target.getvalue()


def file_of(data: bytes, path: str) -> bytes | None:
    """Return one file of a zip, None when it has none of this path."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        try:
            return archive.read(path)
        except KeyError:
            return None

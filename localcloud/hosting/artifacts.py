"""Extracted model artifacts, shared by the instances that serve the same bytes."""

import hashlib
import io
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Final

_LARGEST_EXTRACTED_BYTES: Final = 4 * 1024**3


class BadArtifact(Exception):
    """The model artifact cannot be read or extracted."""


class ArtifactCache:
    """Folders of extracted `model.tar.gz` files, one for each content; safe to use from any thread.

    An object that changes under the same address is another content: instances started later serve it, as
    they do on SageMaker.

    Args:
        folder: where to extract; made when missing.
        read: returns the bytes at an S3 address.

    """

    def __init__(self, folder: Path, read: Callable[[str], bytes]) -> None:
        self._folder = folder
        self._read = read
        self._lock = threading.Lock()

    def fetch(self, uri: str) -> Path:
        """Return the folder with an artifact's content.

        Args:
            uri: S3 address of a gzip compressed tar archive.

        Raises:
            BadArtifact: it is missing, no such archive, unsafe (absolute paths, links out of the folder,
                devices) or larger than 4 GiB.

        """
        try:
            data = self._read(uri)
        except Exception as error:
            raise BadArtifact(f"{uri} cannot be read: {error}") from error
        target = self._folder / hashlib.sha256(data).hexdigest()
        with self._lock:
            if not target.is_dir():
                self._extract(data, target, uri)
        return target

    def _extract(self, data: bytes, target: Path, uri: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=self._folder, prefix="extracting-"))
        try:
            with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
                members = archive.getmembers()
                if sum(member.size for member in members) > _LARGEST_EXTRACTED_BYTES:
                    raise BadArtifact(f"{uri} extracts to more than {_LARGEST_EXTRACTED_BYTES} bytes")
                _require_inside(members, uri)
                # Where Python has it (3.11.4 and later), its own filter also drops owners and odd modes.
                archive.extraction_filter = getattr(tarfile, "data_filter", None)
                archive.extractall(staging, members)  # noqa: S202  (checked right above)
            staging.rename(target)
        except (tarfile.TarError, OSError, EOFError) as error:
            raise BadArtifact(f"{uri} cannot be extracted: {error}") from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _require_inside(members: Iterable[tarfile.TarInfo], uri: str) -> None:
    for member in members:
        names = [member.name, *([member.linkname] if member.islnk() or member.issym() else [])]
        paths = [PurePosixPath(name) for name in names]
        inside = not any(path.is_absolute() or ".." in path.parts for path in paths)
        if not inside or not (member.isfile() or member.isdir() or len(names) == 2):
            raise BadArtifact(f"{uri} cannot be extracted: {member.name!r} leads out of it, or is a device")

"""Sources unpacked, artifacts packed.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts
"""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from localcloud.codebuild.buildspec import Output

_FAST: Final = 1


class ArtifactError(ValueError):
    """An artifact that cannot be made; the message is its phase context."""


def unpack(data: bytes, folder: Path) -> None:
    """Unpack a zip, with the permissions of its files.

    Raises:
        ArtifactError: it is none, or a path leads out of the folder.

    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for item in archive.infolist():
                target = Path(archive.extract(item, folder))
                mode = item.external_attr >> 16 & 0o777
                if mode and not item.is_dir():
                    target.chmod(mode | 0o600)
    except zipfile.BadZipFile as error:
        raise ArtifactError(f"CLIENT_ERROR: the source is not a zip: {error}") from error


def pack(output: Output, source: Path) -> bytes:
    """Return the zip of an artifact.

    Args:
        output: which files.
        source: CODEBUILD_SRC_DIR.

    Raises:
        ArtifactError: a pattern matches nothing.

    """
    base = source / output.base
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=_FAST) as archive:
        for path in sorted(_matching(output, base)):
            name = path.name if output.discard_paths else str(path.relative_to(base))
            archive.write(path, name)
    return target.getvalue()


def _matching(output: Output, base: Path) -> set[Path]:
    if not base.is_dir():
        raise ArtifactError(f"CLIENT_ERROR: no matching base directory path found for {output.base}")
    found: set[Path] = set()
    for pattern in output.files:
        matched = set(_files(base, pattern))
        if not matched:
            raise ArtifactError(f"CLIENT_ERROR: no matching artifact paths found: {pattern}")
        found |= matched
    for pattern in output.exclude:
        found -= set(_files(base, pattern))
    return found


def _files(base: Path, pattern: str) -> Iterator[Path]:
    relative = pattern.removeprefix(f"{base}/").removeprefix("./")
    return (path for path in base.glob(relative) if path.is_file())

"""What the user wants checked: a model archive, or a folder that becomes one."""

import re
import tarfile
import zipfile
from pathlib import Path
from typing import Final

from tidegate_cli.failures import CliError

_GZIP: Final = b"\x1f\x8b"
_IMAGE: Final = re.compile(r"[\w.-]+(:\d+)?(/[\w.-]+)+(:[\w.-]+|@sha256:[0-9a-f]{64})")
_NO_DOCKER: Final = (
    "a container image cannot be run here, that needs Docker: give its model archive or folder"
)


def archive_of(model: str, work: Path) -> Path:
    """Return the archive to check; a folder is packed into `work` first.

    Args:
        model: A `model.tar.gz`, or a folder with what it should hold.
        work: Where to pack.

    Raises:
        CliError: there is no such file, or it is no gzip archive, an image, or something else.

    """
    path = Path(model)
    if path.is_dir():
        return _packed(path, work / "model.tar.gz")
    if path.is_file():
        _require_gzip(path)
        return path
    if model.startswith("s3://"):
        raise CliError(f"{model} is in S3: download it first, with `aws s3 cp`")
    if _IMAGE.fullmatch(model) and not path.parent.is_dir():
        raise CliError(f"{model}: {_NO_DOCKER}")
    raise CliError(f"no such file or folder: {model}")


def _packed(folder: Path, archive: Path) -> Path:
    try:
        children = sorted(folder.iterdir())
        if not children:
            raise CliError(f"{folder} is empty: there is nothing to pack")
        with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
            for child in children:
                tar.add(child, child.name)
    except OSError as error:
        raise CliError(f"{folder} cannot be packed: {error}") from error
    return archive


def _require_gzip(path: Path) -> None:
    try:
        with path.open("rb") as stream:
            start = stream.read(len(_GZIP))
    except OSError as error:
        raise CliError(f"{path} cannot be read: {error.strerror or error}") from error
    if start != _GZIP:
        raise CliError(f"{path} is not a gzip archive, {_what(path)}")


def _what(path: Path) -> str:
    if path.suffix == ".onnx":
        script = "code/inference.py that loads it with onnxruntime"
        return f"but an ONNX model, which nothing here can serve by itself: put it beside a {script}"
    if zipfile.is_zipfile(path):
        return "but a zip file: SageMaker takes a tar archive compressed with gzip"
    if not tarfile.is_tarfile(path):
        return "which is what SageMaker takes"
    with tarfile.open(path) as tar:
        if is_image(tar.getnames()):
            return f"but a container image: {_NO_DOCKER}"
    return "but an uncompressed tar archive: compress it with gzip"


def is_image(names: list[str]) -> bool:
    """Return whether an archive with these names is what `docker save` writes."""
    return "manifest.json" in names and ("oci-layout" in names or "repositories" in names)

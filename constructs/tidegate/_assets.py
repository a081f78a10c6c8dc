"""Where the Lambda source lies, and how one function is cut out of it."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZipFile, ZipInfo

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

_HERE: Final = Path(__file__).resolve().parent
_READABLE_BY_ALL: Final = 0o644 << 16
_UNIX: Final = 3
# Until the end of the process: the CDK knows by its path what it has hashed and copied already.
_ARCHIVES: Final = TemporaryDirectory(prefix="tidegate-")


def lambdas_root() -> Path:
    """Return the folder with the handlers: the one packed in the wheel, else the checkout's."""
    packaged = _HERE / "_lambdas"
    return packaged if packaged.is_dir() else _HERE.parents[1] / "lambdas"


def function_code(scope: Construct, function: str) -> lambda_.CfnFunction.CodeProperty:
    """Return the asset of one function: its own folder and the shared runtime, nothing else.

    An archive made here costs a quarter of what the CDK takes to filter, hash and copy the folders.
    """
    asset = assets.Asset(scope, "Code", path=str(archive(function)))
    return lambda_.CfnFunction.CodeProperty(s3_bucket=asset.s3_bucket_name, s3_key=asset.s3_object_key)


@cache
def archive(function: str) -> Path:
    """Return the archive of one function: equal files give equal bytes, on any machine, at any time."""
    path = Path(_ARCHIVES.name) / f"{function}.zip"
    with ZipFile(path, "w") as made:
        for name, content in sorted({**read(function), **read("tidegate_runtime")}.items()):
            entry = ZipInfo(name)
            entry.create_system, entry.external_attr = _UNIX, _READABLE_BY_ALL
            made.writestr(entry, content)
    return path


@cache
def read(folder: str) -> Mapping[str, bytes]:
    """Return the files of a folder by name; no byte code, since running the tests would change the hash."""
    root = lambdas_root()
    found = (path for path in (root / folder).rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}

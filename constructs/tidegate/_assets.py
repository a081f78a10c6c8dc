"""How one function is cut out of the Lambda source."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from tidegate._runtime import lambdas_root

_READABLE_BY_ALL: Final = 0o644 << 16
_UNIX: Final = 3
_RUNTIME: Final = "tidegate_runtime"
# Parsing the source would take longer than all the rest; a test starts each function from its archive.
_IMPORT: Final = re.compile(
    rf"^ *(?:from|import) ({_RUNTIME}[\w.]*)(?: import (\([^)]*\)|.*))?", re.MULTILINE
)
# Until the end of the process: the CDK knows by its path what it has hashed and copied already.
_ARCHIVES: Final = TemporaryDirectory(prefix="tidegate-")


def function_code(
    scope: Construct, function: str, beside: Mapping[str, bytes] | None = None
) -> lambda_.CfnFunction.CodeProperty:
    """Return the asset of one function: its own folder and what it imports of the runtime, nothing else.

    An archive made here costs a quarter of what the CDK takes to filter, hash and copy the folders. The hash
    is that of the content: another version of zlib may compress the same content to other bytes.

    Args:
        scope: Where the asset belongs.
        function: Folder of the function.
        beside: Further files by name, which belong to this one function of a service.

    """
    path, digest = archive(function), content_hash(function)
    if beside:
        content = {**content_of(function), **beside}
        digest = _hash(content)
        path = _written(f"{function}-{digest}", content)
    asset = assets.Asset(
        scope,
        "Code",
        path=str(path),
        asset_hash=digest,
        asset_hash_type=AssetHashType.CUSTOM,
    )
    return lambda_.CfnFunction.CodeProperty(s3_bucket=asset.s3_bucket_name, s3_key=asset.s3_object_key)


@cache
def archive(function: str) -> Path:
    """Return the archive of one function: equal files give equal content, on any machine, at any time."""
    return _written(function, content_of(function))


def _written(stem: str, content: Mapping[str, bytes]) -> Path:
    path = Path(_ARCHIVES.name) / f"{stem}.zip"
    with ZipFile(path, "w") as made:
        for name, data in content.items():
            entry = ZipInfo(name)
            entry.create_system, entry.external_attr = _UNIX, _READABLE_BY_ALL
            made.writestr(entry, data, compress_type=ZIP_DEFLATED)
    return path


@cache
def content_hash(function: str) -> str:
    """Return the hash of the names and the bytes of a function's files."""
    return _hash(content_of(function))


def _hash(content: Mapping[str, bytes]) -> str:
    digest = sha256()
    for name, data in content.items():
        digest.update(b"%s\0%d\0" % (name.encode(), len(data)))
        digest.update(data)
    return digest.hexdigest()


@cache
def content_of(function: str) -> Mapping[str, bytes]:
    """Return the files of one function by name: its folder, and the modules of the runtime behind it."""
    own, runtime = read(function), read(_RUNTIME)
    found = dict(own)
    waiting = {name for path in own for name in _imported(path, own[path])}
    while waiting:
        name = waiting.pop()
        if name in runtime and name not in found:
            found[name] = runtime[name]
            waiting |= set(_imported(name, runtime[name]))
    return dict(sorted(found.items()))


def _imported(path: str, source: bytes) -> Iterator[str]:
    """Yield the files that a module's imports of the runtime may mean: modules, and packages on the way."""
    if not path.endswith(".py"):
        return
    for match in _IMPORT.finditer(source.decode()):
        module, names = match.groups()
        parts = module.split(".")
        for length in range(1, len(parts) + 1):
            folder = "/".join(parts[:length])
            yield from (f"{folder}.py", f"{folder}/__init__.py")
        yield from (f"{'/'.join(parts)}/{name}.py" for name in re.findall(r"\w+", names or ""))


@cache
def read(folder: str) -> Mapping[str, bytes]:
    """Return the files of a folder by name; no byte code, since running the tests would change the hash."""
    root = lambdas_root()
    found = (path for path in (root / folder).rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}

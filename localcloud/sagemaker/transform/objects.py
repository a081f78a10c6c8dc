"""The objects of a job: which there are, what they hold, where their answers go.

Sources: TransformS3DataSource and TransformOutput,
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformS3DataSource.html and
API_TransformOutput.html (an `.out` object in a corresponding folder below the output path)
"""

import gzip
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from localcloud.errors import AwsError
from localcloud.sagemaker.transform.failures import ClientFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """How jobs reach S3.

    Attributes:
        below: returns the addresses of all objects that begin with an address, sorted.
        read: returns an object, or raises an AwsError.
        write: stores content with its MIME type at an address, or raises an AwsError.

    """

    below: Callable[[str], Sequence[str]]
    read: Callable[[str], bytes]
    write: Callable[[str, bytes, str], None]


def inputs(objects: Objects, uri: str, *, manifest: bool, output: str) -> Mapping[str, str]:
    """Return the address of the answer to each input object.

    Args:
        objects: S3.
        uri: a prefix, or a manifest.
        manifest: which of the two.
        output: where the answers go.

    Raises:
        ClientFault: nothing is there, or the manifest is malformed.

    """
    found = _listed(objects, uri) if manifest else _prefixed(objects, uri)
    if not found:
        raise ClientFault(
            f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the '
            "bucket exists in the selected region (us-east-1) and that objects exist under that S3 prefix."
        )
    return {source: f"{output.rstrip('/')}/{name}.out" for source, name in found.items()}


def content(objects: Objects, uri: str, *, gzipped: bool) -> bytes:
    """Return what an object holds, decompressed.

    Raises:
        ClientFault: it is missing, or no gzip.

    """
    try:
        data = objects.read(uri)
        return gzip.decompress(data) if gzipped else data
    except AwsError as error:
        raise ClientFault(f"Data download failed: {error.message}") from error
    except (OSError, EOFError, zlib.error) as error:
        raise ClientFault(f"Data download failed: {uri} is not compressed with gzip: {error}") from error


def _prefixed(objects: Objects, uri: str) -> dict[str, str]:
    """Name objects relative to the prefix as a folder, or else to the folder that the prefix is in."""
    folder = uri if uri.endswith("/") else f"{uri}/"
    parent = uri.rpartition("/")[0] + "/"
    return {
        found: found.removeprefix(folder) if found.startswith(folder) else found.removeprefix(parent)
        for found in objects.below(uri)
        if not found.endswith("/")
    }


def _listed(objects: Objects, uri: str) -> dict[str, str]:
    data = content(objects, uri, gzipped=False)
    try:
        first, *names = json.loads(data)
        prefix = first["prefix"]
    except (ValueError, TypeError, KeyError) as error:
        raise ClientFault(
            f'the manifest {uri} must be a JSON array that begins with an object of "prefix": {error!r}'
        ) from error
    return {f"{prefix}{name}": str(name) for name in names}

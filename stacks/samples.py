"""The file of sample requests that a service file names: YAML or JSON, as of `tidegate check-model`."""

from collections.abc import Iterator
from pathlib import Path

from stacks.yaml_source import BadFiles, YamlSource, plain
from tidegate.sample_requests import SampleRequests, read_named


def read_samples(path: Path) -> SampleRequests:
    """Return the samples of a file; what a sample's `file` names is relative to it.

    Raises:
        BadFiles: naming every fault with its line.

    """
    source = YamlSource.read(path)
    document = plain(source.document)
    files = dict(read_named(document, path.parent))
    faults = [source.fault(place, text) for place, text in SampleRequests.faults(document, files)]
    if faults:
        raise BadFiles(faults)
    return SampleRequests(document=document, files=files)


def sample_faults(path: Path) -> Iterator[str]:
    """Yield what is wrong with a file of samples."""
    try:
        read_samples(path)
    except BadFiles as bad:
        yield from bad.faults

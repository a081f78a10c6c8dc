"""The file of sample requests: YAML or JSON, with line numbers in every fault."""

from pathlib import Path

from stacks.yaml_source import BadFiles, YamlSource, plain
from tidegate_cli.failures import CliError
from tidegate_runtime.samples import Sample, SamplesInvalid, parse_samples


def read_samples(path: Path) -> tuple[Sample, ...]:
    """Return the samples of a file; a sample's `file` is relative to it.

    Raises:
        CliError: naming every fault with its line.

    """
    try:
        source = YamlSource.read(path)
        return parse_samples(plain(source.document), read=lambda name: (path.parent / name).read_bytes())
    except BadFiles as error:
        raise CliError.joined(list(error.faults)) from error
    except SamplesInvalid as error:
        raise CliError.joined([source.fault(place, text) for place, text in error.faults]) from error

"""The labelled set of a validation gate that a service file names, and the gate itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.unknown import rule
from stacks.yaml_source import BadFiles, content_of, shown
from tidegate.validation_gate import ValidationGate

if TYPE_CHECKING:
    from stacks.fields.model import SurroundingsPart
    from stacks.fields.service_delivery import ValidationPart


@rule
def validation_faults(folder: Path, part: "ValidationPart") -> Iterator[str]:
    """Yield what is wrong with a labelled set: that it is missing, or its first faulty lines.

    Args:
        folder: Folder of the service file.
        part: The section that names it, and the metric, which decides what a label may be.

    """
    path = folder / part.data
    try:
        content = content_of(path)
    except BadFiles as bad:
        yield from bad.faults
        return
    name = shown(path)
    for line, text in ValidationGate.faults_of_data(content, part.metric):
        yield f"{name}:{line}: {text}" if line else f"{name}: {text}"


def read_gate(folder: Path, part: "ValidationPart", model: "SurroundingsPart") -> ValidationGate:
    """Return the gate that a service file declares, with what its models get from around them.

    Args:
        folder: Folder of the service file.
        part: The section.
        model: What the file says of the model.

    Raises:
        OSError: the data cannot be read.
        ValueError: naming every fault at once.

    """
    network = model.network
    return ValidationGate.from_file(
        folder / part.data,
        metric=part.metric,
        prediction=part.prediction,
        instance_type=part.instance_type,
        by=part.by,
        content_type=part.content_type,
        accept=part.accept,
        max_minutes=part.max_minutes,
        environment=model.environment,
        network_isolation=model.network_isolation,
        subnets=network.subnets if network is not None else (),
        security_groups=network.security_groups if network is not None else (),
        **part.limits,
    )

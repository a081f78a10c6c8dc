"""The labelled set of a validation gate that a service file names, and the gate itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.yaml_source import shown
from tidegate.validation_gate import ValidationGate

if TYPE_CHECKING:
    from stacks.fields.model import SurroundingsPart
    from stacks.fields.service_delivery import ValidationPart


def validation_faults(path: Path, metric: str) -> Iterator[str]:
    """Yield what is wrong with a file: that it is missing, or its first faulty lines.

    Args:
        path: The file.
        metric: A metric that there is, which decides what a label may be.

    """
    name = shown(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        yield f"{name}: no such file"
        return
    except OSError as error:
        yield f"{name}: cannot be read: {error}"
        return
    for line, text in ValidationGate.faults_of_data(content, metric):
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
        content_type=part.content_type,
        accept=part.accept,
        max_minutes=part.max_minutes,
        environment=model.environment,
        network_isolation=model.network_isolation,
        subnets=network.subnets if network is not None else (),
        security_groups=network.security_groups if network is not None else (),
        **part.limits,
    )

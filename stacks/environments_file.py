"""The file `environments.yaml`: where each environment lies, and the pipeline that delivers to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stacks.reading import read, validated
from stacks.service_file import Environment
from stacks.yaml_source import YamlSource, plain

if TYPE_CHECKING:
    from stacks.fields.delivery import DeliveryPart

ENVIRONMENTS_FILE: Final = "environments.yaml"
DELIVERY: Final = "delivery"
"""The one key that is no environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentsFile:
    """What the file says, as far as it could be read.

    Attributes:
        source: The file; None when it could not be read.
        environments: Its environments by name.
        delivery: The pipeline; None when there is no such section, or when it is faulty.

    """

    source: YamlSource | None = None
    environments: Mapping[str, Environment] = field(default_factory=dict)
    delivery: "DeliveryPart | None" = None

    @classmethod
    def read(cls, path: Path, faults: list[str]) -> "EnvironmentsFile":
        """Read the file, and add its faults to `faults`."""
        source = read(path, faults)
        if source is None:
            return cls()
        raw = plain(source.document)
        environments = {
            str(name): environment
            for name, one in raw.items()
            if name != DELIVERY
            and (environment := validated(source, Environment, one, faults, below=(str(name),))) is not None
        }
        return cls(source=source, environments=environments, delivery=_delivery(source, raw, faults))


def _delivery(source: YamlSource, raw: Mapping[str, object], faults: list[str]) -> "DeliveryPart | None":
    if DELIVERY not in raw:
        return None
    # Imported only when it is asked for: it brings what CDK Pipelines needs.
    from stacks.fields.delivery import DeliveryPart

    return validated(source, DeliveryPart, raw[DELIVERY], faults, below=(DELIVERY,))

"""What a validation gate declares, as the function finds it in its archive."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Self

from tidegate_runtime.validation.criteria import Criteria, criteria_from, criteria_to

FOLDER: Final = "declared_validation"
DOCUMENT: Final = f"{FOLDER}/gate.json"
DATA: Final = f"{FOLDER}/data.jsonl"

BY_TRANSFORM: Final = "batch_transform"
BY_ENDPOINT: Final = "endpoint"
WAYS: Final = (BY_TRANSFORM, BY_ENDPOINT)
"""How the rows are asked."""

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A gate.

    Attributes:
        criteria: Metric and limits.
        prediction: JSON pointer to the prediction in an answer.
        instance_type: Instance that each version is asked on.
        by: One of `WAYS`: by a transform job for each version, or by a temporary endpoint.
        content_type: Of the requests.
        accept: Content type that is asked for; the model's own choice when None.
        max_minutes: How long all of it may take.
        model: What the models get beside their packages: `Environment`, `VpcConfig` and
            `EnableNetworkIsolation`, as CreateModel names them.

    """

    criteria: Criteria
    prediction: str
    instance_type: str
    by: str = BY_TRANSFORM
    content_type: str = "application/json"
    accept: str | None = None
    max_minutes: float = 60
    model: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the gate that `to_json` has written."""
        document = json.loads(text)
        return cls(**{**document, "criteria": criteria_from(document["criteria"])})

    def to_json(self) -> str:
        """Return the gate as a text that depends on nothing but its content."""
        fields = {name: getattr(self, name) for name in Gate.__slots__}
        document = {**fields, "criteria": criteria_to(self.criteria), "model": dict(self.model)}
        return json.dumps(document, sort_keys=True, separators=(",", ":"))

"""A validation gate that was put into a function's archive when it was deployed."""

from pathlib import Path

from tidegate_runtime.validation.dataset import DataSet
from tidegate_runtime.validation.gate import DATA, DOCUMENT, Gate


def packaged_validation(root: Path) -> tuple[Gate, DataSet]:
    """Return the gate below the root of a function's archive, and its data.

    Raises:
        OSError: there is none.
        DataInvalid: the data cannot be used.

    """
    gate = Gate.from_json((root / DOCUMENT).read_text(encoding="utf-8"))
    return gate, DataSet.parse((root / DATA).read_bytes(), metric=gate.criteria.how)

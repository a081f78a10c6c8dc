"""What a rollout's record says about its origins, so that the ledger tells them without the registry."""

from typing import Any

from tidegate_runtime.ports import Package


def origins(package: Package, *, deployed_commit: str = "") -> dict[str, Any]:
    """Return the fields of the record; what nobody has told is left out, and is no reason to stop.

    Args:
        package: The version, as the registry described it when the rollout was checked.
        deployed_commit: Source revision of the hosting stack that it is rolled out into.

    Returns:
        `lineage` (the version's own metadata), `approved_by` (who changed its approval last) and
        `deployed_commit`.

    """
    fields = {
        "lineage": package.lineage.to_metadata(),
        "approved_by": package.changed_by,
        "deployed_commit": deployed_commit,
    }
    return {name: value for name, value in fields.items() if value}

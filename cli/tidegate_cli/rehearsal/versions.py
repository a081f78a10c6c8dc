"""Names and versions of what a rehearsal runs."""

import json
import platform
from importlib import metadata
from typing import Final

from tidegate_cli.rehearsal.checkout import Checkout

_PACKAGES: Final = ("aws-cdk-lib", "boto3", "ministack", "scikit-learn", "numpy")


def versions_of(checkout: Checkout) -> dict[str, str]:
    """Return the versions, by name, in the order in which a report shows them."""
    package = json.loads((checkout.root / "node_modules" / "aws-cdk" / "package.json").read_text())
    found = {"Python": platform.python_version(), "CDK CLI": str(package["version"])}
    return {**found, **{name: _version(name) for name in _PACKAGES}, "system": platform.platform(terse=True)}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "unknown"

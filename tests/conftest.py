"""What every test needs: the right `constructs`, quick synths, and a stable snapshot format."""

import importlib.util
import os
import re
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import settings

ROOT: Final = Path(__file__).resolve().parents[1]
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_E2E: Final = "tests/e2e"
"""Where the proofs on the local cloud are: a folder for each cloud that they share."""


def refuse_shadowed_constructs() -> None:
    """Stop when the folder `constructs/` hides the package `constructs` that aws_cdk imports."""
    found = importlib.util.find_spec("constructs")
    origin = Path(found.origin).resolve() if found is not None and found.origin else None
    if origin is None or origin.is_relative_to(ROOT / "constructs"):
        pytest.exit(
            f"constructs/ must not be a package (is there a constructs/__init__.py?), found {origin}", 4
        )


refuse_shadowed_constructs()
# Checks of whole templates have a test of their own; everywhere else they would cost a second a synth.
os.environ.setdefault("CDK_VALIDATION", "false")
# How long an example takes says something about what else the machine does, and nothing about the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def _scrubbed(*, data: Any, path: Any) -> Any:
    return _HASH.sub("<asset>", data) if isinstance(data, str) else data


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the proofs on the local cloud: they take longest, and wait more than they compute."""
    items.sort(key=lambda item: not _group(item.nodeid).startswith(_E2E))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep together what shares an expensive fixture, when the tests run in several processes."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFixture(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid)

    return ByFixture(config, log)


def _group(nodeid: str) -> str:
    """Return the folder of tests with one deployed world, or one synthesized app; else the file."""
    file = nodeid.partition("::")[0]
    if file.startswith("tests/stacks/"):
        return "tests/stacks"
    return file.rpartition("/")[0] if file.startswith(_E2E) else file


@pytest.fixture
def snapshot(snapshot: Any) -> Any:
    """Compare JSON, with the hashes of assets scrubbed."""
    from syrupy.extensions.json import JSONSnapshotExtension

    return snapshot.with_defaults(extension_class=JSONSnapshotExtension, matcher=_scrubbed)

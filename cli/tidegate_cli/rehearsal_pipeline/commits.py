"""The repository that a rehearsal delivers: a small one, as a customer would have it, and its commits."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from tidegate_cli.rehearsal.checkout import Checkout
from tidegate_cli.rehearsal.models import DataSet

ENVIRONMENTS: Final = ("dev", "staging", "prod")
BUCKET: Final = "rehearsed-commits"
KEY: Final = "commit.zip"

_TREE: Final = Path(__file__).parent / "repository"
_ENVIRONMENTS_FILE: Final = "services/environments.yaml"
_SERVICE_FILE: Final = "services/digits.yaml"
_REVIEWED_FILE: Final = "tests/reviewed.json"
Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One state of the repository.

    Attributes:
        message: What its author says.
        files: Every file by its path.

    """

    message: str
    files: Files

    def archive(self) -> bytes:
        """Return it as the zip that the pipeline takes as its source."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in sorted(self.files.items()):
                archive.writestr(path, content)
        return target.getvalue()

    def write(self, folder: Path) -> Path:
        """Write it into a folder, as a working copy; return the folder."""
        for path, content in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Commits:
    """The commits of the story.

    Attributes:
        first: The pipeline has the stages dev and staging.
        stages: Production comes to the pipeline.
        bad: A new version would begin with all the traffic, which a test forbids.

    """

    first: Commit
    stages: Commit
    bad: Commit

    @classmethod
    def make(cls, checkout: Checkout, data: DataSet) -> Self:
        """Make them from the files of this package and of a checkout.

        Args:
            checkout: Has the composition root and the CDK's settings, which a customer copies.
            data: Held-out rows are what smoke test and validation gate ask.

        """
        whole = {
            **_tree(),
            "app.py": (checkout.root / "app.py").read_bytes(),
            "cdk.json": _settings(checkout),
            **_samples(data),
        }
        stages = _reviewed(whole, ENVIRONMENTS, _steps(whole))
        first = _reviewed(
            _changed(
                _changed(whole, _ENVIRONMENTS_FILE, _without_production), _SERVICE_FILE, _not_in_production
            ),
            ENVIRONMENTS[:-1],
            _steps(whole),
        )
        return cls(
            first=Commit(message="Deliver digits to dev and staging", files=first),
            stages=Commit(message="Add production to the pipeline", files=stages),
            bad=Commit(
                message="Begin with all the traffic", files=_changed(stages, _SERVICE_FILE, _all_at_once)
            ),
        )


def _tree() -> dict[str, bytes]:
    files = (path for path in _TREE.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(_TREE).as_posix(): path.read_bytes() for path in files}


def _settings(checkout: Checkout) -> bytes:
    document = json.loads((checkout.root / "cdk.json").read_text())
    return json.dumps({**document, "app": "python app.py"}, indent=2).encode()


def _samples(data: DataSet) -> dict[str, bytes]:
    rows, labels = data.held_out
    bodies = [{"instances": [[float(value) for value in row]]} for row in rows]
    lines = [
        json.dumps({"input": body, "label": int(label)}) for body, label in zip(bodies, labels, strict=True)
    ]
    smoke = {
        "name": "a digit",
        "body": bodies[0],
        "expect": {"content_type": "application/json", "contains": "predictions"},
    }
    return {
        # JSON is YAML.
        "services/samples/smoke.yaml": json.dumps({"samples": [smoke]}).encode(),
        "services/samples/validation.jsonl": ("\n".join(lines) + "\n").encode(),
    }


def _reviewed(files: Files, environments: Sequence[str], steps: Sequence[int]) -> dict[str, bytes]:
    """Return the files with what the snapshot test of the repository compares with."""
    one = {"account": "000000000000", "instance_type": "ml.m5.large", "steps": list(steps)}
    snapshot = {f"digits-{environment}": one for environment in environments}
    return {**files, _REVIEWED_FILE: json.dumps(snapshot, indent=2).encode()}


def _steps(files: Files) -> list[int]:
    return [int(step["weight_percent"]) for step in _read(files, _SERVICE_FILE)["rollout"]["steps"]]


def _without_production(document: Any) -> None:
    document["delivery"]["stages"] = document["delivery"]["stages"][:-1]
    del document[ENVIRONMENTS[-1]]


def _not_in_production(document: Any) -> None:
    document["environments"] = list(ENVIRONMENTS[:-1])


def _all_at_once(document: Any) -> None:
    document["rollout"]["steps"] = document["rollout"]["steps"][-1:]


def _changed(files: Files, path: str, change: Callable[[Any], None]) -> dict[str, bytes]:
    document = _read(files, path)
    change(document)
    target = io.StringIO()
    _yaml().dump(document, target)
    return {**files, path: target.getvalue().encode()}


def _read(files: Files, path: str) -> Any:
    return _yaml().load(files[path].decode())


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    return yaml

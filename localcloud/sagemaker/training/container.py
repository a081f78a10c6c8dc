"""A container's folders and variables, as SageMaker's training toolkit hands them to a script.

The folders are not below /opt/ml, which belongs to the machine: a script must go by the variables.

Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
and https://github.com/aws/sagemaker-training-toolkit/blob/master/ENVIRONMENT_VARIABLES.md
"""

import io
import json
import os
import re
import sys
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from localcloud.errors import AwsError
from localcloud.hosting import ArtifactCache, BadArtifact
from localcloud.sagemaker.training.settings import Settings

ROOT: Final = Path(__file__).parents[3]

_HOST: Final = "algo-1"
_MEMORY_BYTES: Final = 4 * 1024**3
_NOT_A_NAME: Final = re.compile(r"[^A-Za-z0-9_]")


class InputMissing(Exception):
    """What the job reads is not there; the text is fit for a FailureReason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """The folders of one job.

    Attributes:
        folder: below it lies everything, and nothing else.
        code: where the training script is.

    """

    folder: Path
    code: Path

    @classmethod
    def prepare(
        cls,
        folder: Path,
        *,
        settings: Settings,
        below: Callable[[str], Sequence[str]],
        read: Callable[[str], bytes],
    ) -> "Container":
        """Make the folders, and download script and channels.

        Args:
            folder: a new folder.
            settings: the job's.
            below: returns the addresses of all objects that begin with an address.
            read: returns an object.

        Raises:
            InputMissing: script, program or a channel's objects are not there.

        """
        for name in ("model", "output/data", "input/config", "input/data"):
            (folder / name).mkdir(parents=True)
        try:
            code = ArtifactCache(folder / "code", read).fetch(settings.source_uri)
        except BadArtifact as error:
            raise InputMissing(f"the training script cannot be read: {error}") from error
        if not (code / settings.program).is_file():
            raise InputMissing(f"{settings.source_uri} holds no {settings.program}")
        for name, uri in settings.channels.items():
            _download(folder / "input" / "data" / name, uri, below=below, read=read)
        _configure(folder / "input" / "config", settings)
        return cls(folder=folder, code=code)

    def command(self, settings: Settings) -> list[str]:
        """Return the command that runs the script; hyperparameters are its arguments, in order of names."""
        failure = str(self.folder / "output" / "failure")
        begin = [sys.executable, "-m", "localcloud.model_trainer", "--memory-bytes", str(_MEMORY_BYTES)]
        return [*begin, failure, str(self.code / settings.program), *_arguments(settings)]

    def environment(self, settings: Settings, *, job: str) -> dict[str, str]:
        """Return all that the script sees: no credentials, and nothing of the machine but PATH."""
        numerics = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        return {
            **numerics,
            **settings.environment,
            **self._script_mode(settings),
            "TRAINING_JOB_NAME": job,
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }

    def _script_mode(self, settings: Settings) -> dict[str, str]:
        folder, hyperparameters = self.folder, _values(settings.hyperparameters)
        channels = {
            _upper("SM_CHANNEL", name): folder / "input" / "data" / name for name in settings.channels
        }
        own = {_upper("SM_HP", name): _text(value) for name, value in hyperparameters.items()}
        return {
            "SM_MODEL_DIR": str(folder / "model"),
            "SM_OUTPUT_DIR": str(folder / "output"),
            "SM_OUTPUT_DATA_DIR": str(folder / "output" / "data"),
            "SM_INPUT_DIR": str(folder / "input"),
            "SM_INPUT_CONFIG_DIR": str(folder / "input" / "config"),
            "SM_CHANNELS": json.dumps(sorted(settings.channels)),
            "SM_HPS": json.dumps(hyperparameters, sort_keys=True),
            "SM_USER_ARGS": json.dumps(_arguments(settings)),
            "SM_CURRENT_HOST": _HOST,
            "SM_HOSTS": json.dumps([_HOST]),
            "SM_NUM_CPUS": "1",
            "SM_NUM_GPUS": "0",
            **{name: str(path) for name, path in channels.items()},
            **own,
        }

    def failure(self) -> str:
        """Return what the script has written of its failure, or an empty text."""
        path = self.folder / "output" / "failure"
        return path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""

    def model(self) -> bytes:
        """Return the model archive: what lies in the model folder, equal bytes for equal content."""
        target = io.BytesIO()
        with tarfile.open(fileobj=target, mode="w:gz") as archive:
            for path in sorted((self.folder / "model").rglob("*")):
                if path.is_file() and not path.is_symlink():
                    archive.add(path, path.relative_to(self.folder / "model").as_posix())
        return target.getvalue()


def _download(
    folder: Path, uri: str, *, below: Callable[[str], Sequence[str]], read: Callable[[str], bytes]
) -> None:
    found = [each for each in below(uri) if not each.endswith("/")]
    if not found:
        raise InputMissing(f"No S3 objects found under S3 URL {uri!r} given in input data source.")
    prefix = uri if uri.endswith("/") else f"{uri}/"
    parent = f"{uri.rpartition('/')[0]}/"
    for each in found:
        name = each.removeprefix(prefix) if each.startswith(prefix) else each.removeprefix(parent)
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise InputMissing(f"the name of {each} leads out of its channel")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.write_bytes(read(each))
        except AwsError as error:
            raise InputMissing(f"Data download failed: {error.message}") from error


def _configure(folder: Path, settings: Settings) -> None:
    channels = {
        name: {
            "TrainingInputMode": "File",
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
        }
        for name in settings.channels
    }
    documents: Mapping[str, Any] = {
        "hyperparameters.json": dict(settings.hyperparameters),
        "inputdataconfig.json": channels,
        "resourceconfig.json": {"current_host": _HOST, "hosts": [_HOST], "network_interface_name": "lo"},
    }
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document), encoding="utf-8")


def _values(hyperparameters: Mapping[str, str]) -> dict[str, Any]:
    """Return hyperparameters as values: each is JSON where it can be read so, else a text."""
    found: dict[str, Any] = {}
    for name, text in hyperparameters.items():
        try:
            found[name] = json.loads(text)
        except ValueError:
            found[name] = text
    return found


def _arguments(settings: Settings) -> list[str]:
    values = _values(settings.hyperparameters)
    return [part for name in sorted(values) for part in (f"--{name}", _text(values[name]))]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _upper(prefix: str, name: str) -> str:
    return f"{prefix}_{_NOT_A_NAME.sub('_', name).upper()}"

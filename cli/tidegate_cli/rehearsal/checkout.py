"""Where the checkout is, and whether everything a rehearsal needs is there."""

import importlib.util
import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from tidegate_cli.failures import CliError

FREE_BYTES_NEEDED: Final = 500 * 1024**2
_PYTHON_MIN: Final = (3, 11)
_PACKAGES: Final = ("aws_cdk", "jinja2", "joblib", "matplotlib", "ministack", "ruamel.yaml", "sklearn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A checkout of Tidegate that is set up.

    Attributes:
        root: Its folder.
        node: The Node.js program.

    """

    root: Path
    node: Path

    @classmethod
    def find(cls) -> Self:
        """Find the checkout that this code runs from.

        Raises:
            CliError: naming what is missing, and the command that provides it.

        """
        if sys.version_info[:2] < _PYTHON_MIN:
            raise CliError(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
        root = Path(__file__).resolve().parents[3]
        if not (root / "localcloud" / "__main__.py").is_file() or not (root / "app.py").is_file():
            raise CliError(
                "a rehearsal needs a checkout of Tidegate with its local cloud, not an installed package"
            )
        missing = [name for name in _PACKAGES if not _importable(name)]
        if missing:
            raise CliError(f"packages missing: {', '.join(missing)}: run `make setup`")
        return cls(root=root, node=_node(root))

    @property
    def cdk(self) -> list[str]:
        """The pinned CDK CLI as a command."""
        return [str(self.node), str(self.root / "node_modules" / "aws-cdk" / "bin" / "cdk")]

    @property
    def python_path(self) -> tuple[Path, ...]:
        """The source roots."""
        return tuple(self.root / name for name in ("constructs", "lambdas", "cli", ""))


def check_disk(folder: Path, *, free_bytes: int | None = None) -> None:
    """Refuse to start what a full disk would stop half-way.

    Raises:
        CliError: less than 500 MB are free.

    """
    free = shutil.disk_usage(folder).free if free_bytes is None else free_bytes
    if free < FREE_BYTES_NEEDED:
        raise CliError(
            f"disk full: {folder} has {free / 1e6:.0f} MB free, {FREE_BYTES_NEEDED / 1e6:.0f} MB are needed"
        )


def check_port(port: int) -> None:
    """Refuse a port that something else holds; 0 means any free one.

    Raises:
        CliError: it is busy, or not allowed.

    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CliError(
                f"port {port} on 127.0.0.1 cannot be used ({error.strerror}): give another with --port, or 0"
            ) from error


def _importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _node(root: Path) -> Path:
    if not (root / "node_modules" / "aws-cdk" / "bin" / "cdk").is_file():
        raise CliError("node_modules/aws-cdk is missing: run `make setup`")
    beside = Path(sys.executable).parent / "node"
    found = beside if beside.exists() else shutil.which("node")
    if found is None:
        raise CliError("Node.js is missing: run `make setup`")
    return Path(found)

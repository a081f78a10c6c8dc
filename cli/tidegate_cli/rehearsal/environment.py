"""The environment of every process that a rehearsal starts: nothing in it can reach a real AWS account."""

import ipaddress
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tidegate_cli.failures import CliError

REGION: Final = "us-east-1"
ACCOUNT: Final = "000000000000"
FAKE_ACCESS_KEY: Final = ACCOUNT
FAKE_SECRET: Final = "rehearsal"  # noqa: S105 - deliberately worthless

_PROXIES: Final = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"})
_PREFIXES: Final = ("AWS_", "CDK_", "BOTO_", "SAGEMAKER_")
_PYTHON: Final = frozenset({"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONDONTWRITEBYTECODE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalEnvironment:
    """Builds environments in which AWS means this machine.

    Attributes:
        work: The rehearsal's folder; holds the empty AWS configuration file.
        python_path: Source roots for Python children.
        endpoint_url: Where the local cloud listens; None before it does, when every AWS call fails at once.

    Raises:
        CliError: `endpoint_url` is not a loopback address.

    """

    work: Path
    python_path: tuple[Path, ...] = ()
    endpoint_url: str | None = None

    def __post_init__(self) -> None:
        if self.endpoint_url is not None:
            require_loopback(self.endpoint_url)

    def build(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the environment for a child, from what this process inherited."""
        empty = self.work / "empty-aws-config"
        if not empty.exists():
            empty.touch()
        kept = {name: value for name, value in inherited.items() if _may_pass(name)}
        return {
            **kept,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)]),
            "PYTHONPATH": os.pathsep.join(str(root) for root in self.python_path),
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "true",
            **self._aws(empty),
        }

    def _aws(self, empty: Path) -> dict[str, str]:
        # Port 9 (discard) answers nobody: without a local cloud, a stray call must not go to AWS.
        return {
            "AWS_ACCESS_KEY_ID": FAKE_ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": FAKE_SECRET,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": str(empty),
            "AWS_SHARED_CREDENTIALS_FILE": str(empty),
            "AWS_ENDPOINT_URL": self.endpoint_url or "http://127.0.0.1:9",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        }


def require_loopback(url: str) -> str:
    """Return `url` when it names this machine.

    Raises:
        CliError: it names another machine, or nothing.

    """
    parts = urlsplit(url)
    if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return url
    raise CliError(f"a rehearsal talks to this machine only: the endpoint must be loopback, got {url!r}")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _may_pass(name: str) -> bool:
    upper = name.upper()
    return not upper.startswith(_PREFIXES) and upper not in _PROXIES | _PYTHON


def replace_own(environment: Mapping[str, str], own: "os._Environ[str]" = os.environ) -> None:
    """Make this process's environment the given one, so that no library here sees the user's AWS either."""
    for name in _gone(own, environment):
        del own[name]
    own.update(environment)


def _gone(own: Iterable[str], environment: Mapping[str, str]) -> list[str]:
    return [name for name in own if name not in environment]

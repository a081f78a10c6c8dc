"""The real CDK CLI against the local cloud."""

import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tidegate_cli.failures import CliError
from tidegate_cli.rehearsal.checkout import Checkout
from tidegate_cli.rehearsal.environment import ACCOUNT, REGION
from tidegate_cli.rehearsal.logs import last_lines
from tidegate_cli.rehearsal.processes import Processes

ENVIRONMENT: Final = "rehearsal"
_TIMEOUT_SECONDS: Final = 180.0
_QUIET: Final = ("--no-color", "--ci", "--no-notices", "--no-version-reporting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One run of the CLI.

    Attributes:
        what: For example `deploy digits-rehearsal-hosting`.
        began: Real epoch seconds.
        ended: Real epoch seconds.
        status: Exit status.
        told: The last lines of its log that tell of a failure; empty after a success.

    """

    what: str
    began: float
    ended: float
    status: int
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdk:
    """Runs the CLI.

    Attributes:
        checkout: Where CLI and app are.
        processes: Starts it.
        work: Folder for assemblies and logs.

    """

    checkout: Checkout
    processes: Processes
    work: Path

    def bootstrap(self, assembly: Path) -> Ran:
        """Run `cdk bootstrap` for the local account; the assembly keeps the CLI from running the app once more."""
        environment = f"aws://{ACCOUNT}/{REGION}"
        return self._must("bootstrap", "bootstrap", environment, "--app", str(assembly), *_QUIET)

    def synth(self, services: Path, *, name: str) -> Path:
        """Synthesize every stack of a folder of service files; return the assembly's folder.

        Args:
            services: The folder.
            name: Name of the assembly, part of its folder's name.

        """
        assembly = self.work / f"assembly-{name}"
        app = f"{shlex.quote(sys.executable)} {shlex.quote(str(self.checkout.root / 'app.py'))}"
        context = ("-c", f"services={services}", "-c", f"environment={ENVIRONMENT}")
        synth = ("synth", "--quiet", "--app", app, "--output", str(assembly), *context)
        self._must(f"synth-{name}", *synth, *_QUIET)
        return assembly

    def deploy(self, assembly: Path, *stacks: str) -> Ran:
        """Deploy stacks from an assembly.

        Raises:
            CliError: the CLI failed, with the last lines of its log.

        """
        ran = self.try_deploy(assembly, *stacks)
        if ran.status:
            raise CliError(f"cdk {ran.what} failed: {ran.told}")
        return ran

    def try_deploy(self, assembly: Path, *stacks: str) -> Ran:
        """Deploy stacks from an assembly; a failure is an answer."""
        arguments = ("deploy", "--app", str(assembly), "--require-approval", "never", "--exclusively")
        return self._run(f"deploy {' '.join(stacks)}", *arguments, "--progress", "events", *stacks, *_QUIET)

    def _must(self, what: str, *arguments: str) -> Ran:
        ran = self._run(what, *arguments)
        if ran.status:
            raise CliError(f"cdk {what} failed: {ran.told}")
        return ran

    def _run(self, what: str, *arguments: str) -> Ran:
        log = self._log(what)
        began = time.time()
        command: Sequence[str] = [*self.checkout.cdk, *arguments]
        status = self.processes.run(command, log=log, timeout_seconds=_TIMEOUT_SECONDS)
        told = last_lines(log) if status else ""
        return Ran(what=what, began=began, ended=time.time(), status=status, told=told)

    def _log(self, what: str) -> Path:
        number = len(list(self.work.glob("cdk-*.log")))
        return self.work / f"cdk-{number}-{what.split()[0]}.log"

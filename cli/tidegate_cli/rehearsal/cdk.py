"""The real CDK CLI against the local cloud."""

import shlex
import subprocess
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
_MOST_LINES: Final = 20
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
class Synth:
    """A synthesis that was begun.

    Attributes:
        child: The CLI.
        services: The folder of service files.
        assembly: The folder it writes.
        log: Its output.

    """

    child: "subprocess.Popen[str]"
    services: Path
    assembly: Path
    log: Path

    def wait(self) -> Path:
        """Return the assembly's folder once it is complete.

        Raises:
            CliError: the app refused, with everything it said, or takes too long.

        """
        try:
            status = self.child.wait(_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise CliError(f"cdk synth took longer than {_TIMEOUT_SECONDS:.0f} s") from error
        if status:
            said = self.log.read_text(errors="replace").replace(f"{self.services}/", "").splitlines()
            faults = [line for line in said if line and "Subprocess exited" not in line]
            raise CliError("\n".join(["the app does not synthesize:", *faults[-_MOST_LINES:]]))
        return self.assembly


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
        """Run `cdk bootstrap` for the local account; with an assembly the CLI need not run the app."""
        environment = f"aws://{ACCOUNT}/{REGION}"
        return self._must("bootstrap", "bootstrap", environment, "--app", str(assembly), *_QUIET)

    def synth(self, services: Path, *, name: str) -> Path:
        """Synthesize every stack of a folder of service files; return the assembly's folder.

        Args:
            services: The folder.
            name: Name of the assembly, part of its folder's name.

        Raises:
            CliError: the app refused, with the last lines of its log.

        """
        return self.begin_synth(services, name=name).wait()

    def begin_synth(self, services: Path, *, name: str, context: Sequence[str] = ()) -> "Synth":
        """Begin to synthesize, while other things go on; arguments as for `synth`.

        Args:
            services: The folder.
            name: Name of the assembly.
            context: Further context, each as `key=value`.

        """
        assembly = self.work / f"assembly-{name}"
        app = f"{shlex.quote(sys.executable)} {shlex.quote(str(self.checkout.root / 'app.py'))}"
        command = ["synth", "--quiet", "--app", app, "--output", str(assembly)]
        command += ["-c", f"services={services}", "-c", f"environment={ENVIRONMENT}", *_QUIET]
        command += [word for pair in context for word in ("-c", pair)]
        log = self._log(f"synth-{name}")
        child = self.processes.begin([*self.checkout.cdk, *command], log=log)
        return Synth(child=child, services=services, assembly=assembly, log=log)

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

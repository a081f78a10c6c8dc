"""All commands of a build as one script of one shell, which tells how far it is.

From version 0.2 on, all commands of a build run in one shell: the folder and the variables that one command
sets are those of the next. Source: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
and https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html (which phase follows
a failure)
"""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from localcloud.codebuild.buildspec import Buildspec, Phase

_PROLOGUE: Final = """\
exec 9>>"$1"
_go=1
export CODEBUILD_BUILD_SUCCEEDING=1
_step() {
  printf '[Container] Running command %s\\n' "$2"
  eval "$2" </dev/null
  _status=$?
  [ "$_status" -eq 0 ] && return
  printf 'failed %s %s\\n' "$1" "$_status" >&9
  CODEBUILD_BUILD_SUCCEEDING=0
  return 1
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseResult:
    """What became of one phase.

    Attributes:
        name: as in the buildspec.
        began: real epoch seconds.
        ended: real epoch seconds; None when the shell ended with it.
        failure: what failed, empty for nothing.

    """

    name: str
    began: float
    ended: float | None
    failure: str


def script(spec: Buildspec, exports: Path) -> str:
    """Return the script; its first argument is the file that it tells its progress in.

    Args:
        spec: the buildspec.
        exports: file that it writes exported variables to.

    """
    lines = [_PROLOGUE]
    for phase in spec.phases:
        lines += _phase(phase)
    for name in spec.exported:
        lines.append(f"printf '%s=%s\\0' {shlex.quote(name)} \"${{{name}}}\" >>{shlex.quote(str(exports))}")
    lines.append("printf 'done\\n' >&9")
    return "\n".join(lines)


def progress(told: str, spec: Buildspec) -> tuple[list[PhaseResult], bool]:
    """Read what a script told: its phases, and whether it came to its end.

    Args:
        told: content of its progress file.
        spec: the buildspec.

    """
    commands = {phase.name: (*phase.commands, *phase.finally_commands) for phase in spec.phases}
    begun: dict[str, float] = {}
    ended: dict[str, float] = {}
    failures: dict[str, str] = {}
    for words in (line.split() for line in told.splitlines()):
        if words[0] == "begin":
            begun[words[1]] = float(words[2])
        elif words[0] == "end":
            ended[words[1]] = float(words[2])
        elif words[0] == "failed":
            name, _, number = words[1].partition(":")
            failures.setdefault(
                name,
                "COMMAND_EXECUTION_ERROR: Error while executing command: "
                f"{commands[name][int(number)]}. Reason: exit status {words[2]}",
            )
    results = [
        PhaseResult(name=name, began=began, ended=ended.get(name), failure=failures.get(name, ""))
        for name, began in begun.items()
    ]
    return results, told.endswith("done\n")


def exported(data: bytes) -> Mapping[str, str]:
    """Return the variables that a script exported."""
    pairs = (item.decode(errors="replace").partition("=") for item in data.split(b"\0") if item)
    return {name: value for name, _, value in pairs}


def _phase(phase: Phase) -> Iterator[str]:
    steps = [
        f"_step {phase.name}:{number} {shlex.quote(command)}"
        for number, command in enumerate((*phase.commands, *phase.finally_commands))
    ]
    first, last = steps[: len(phase.commands)], steps[len(phase.commands) :]
    yield 'if [ "$_go" = 1 ]; then'
    yield f"printf 'begin {phase.name} %s\\n' \"$(date +%s.%N)\" >&9"
    yield f"if {' && '.join([*first, 'true'])}; then _ok=1; else _ok=0; fi"
    for step in last:
        yield f"{step} || _ok=0"
    yield f"printf 'end {phase.name} %s\\n' \"$(date +%s.%N)\" >&9"
    if not phase.goes_on:
        yield '[ "$_ok" = 1 ] || _go=0'
    yield "fi"

"""From what the user asked to the answer: read, check the archive, serve, ask, judge."""

import re
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from localcloud.hosting import LaunchFailed
from tidegate_cli.check_model.archive import Archive, check_archive
from tidegate_cli.check_model.checks import Check, Status, passed
from tidegate_cli.check_model.contract import Contract, require_memory_size
from tidegate_cli.check_model.options import Options
from tidegate_cli.check_model.report import Report
from tidegate_cli.check_model.samples_file import read_samples
from tidegate_cli.check_model.serving import serving
from tidegate_cli.check_model.source import archive_of
from tidegate_cli.check_model.trial import Examiner, last_line
from tidegate_cli.check_model.verdicts import check_requests, check_trial
from tidegate_runtime.samples import Sample

_MISSING: Final = re.compile(r"ModuleNotFoundError: (No module named '[^']+')")


def check_model(options: Options, *, before_code: Callable[[], None]) -> Report:
    """Check a model; runs its code in processes of its own, which have ended when this returns.

    Args:
        options: What the user asked for.
        before_code: Called before the model's code runs, and not when it does not run.

    Raises:
        CliError: the input cannot be used.

    """
    require_memory_size(options.kind, options.memory_mb)
    contract = Contract.of(options.kind)
    samples = () if options.samples is None else read_samples(options.samples)
    with tempfile.TemporaryDirectory(prefix="tidegate-check-") as work:
        archive = archive_of(options.model, Path(work))
        checks = check_archive(Archive.read(archive), contract)
        if not passed(checks):
            left_out = Check(
                what="start", status=Status.NOT_RUN, found="not started", allowed="an archive that is right"
            )
            return _report(options, [*checks, left_out])
        checks.append(check_requests(samples, contract) if samples else _NO_SAMPLES)
        fitting = [sample for sample in samples if len(sample.body) <= contract.request_bytes]
        before_code()
        found, log = _serve(options, contract, archive, fitting)
    return _report(options, [*checks, *found], log)


def _report(options: Options, checks: Sequence[Check], log: str = "") -> Report:
    return Report(model=options.model, kind=options.kind, checks=tuple(checks), log=log)


def _serve(
    options: Options, contract: Contract, archive: Path, samples: Sequence[Sample]
) -> tuple[list[Check], str]:
    given = options.request_seconds
    patience = contract.processing_seconds if given is None else given
    with serving(archive, options.environment, startup_seconds=options.startup_seconds) as server:
        examiner = Examiner(
            server=server, now=time.monotonic, request_seconds=patience, concurrency=options.concurrency
        )
        try:
            trial = examiner.examine(samples)
        except LaunchFailed as error:
            return [_not_started(str(error), contract, options.startup_seconds)], str(error)
    return check_trial(
        trial,
        contract,
        startup_seconds=options.startup_seconds,
        request_seconds=patience,
        memory_mb=options.memory_mb,
    ), ""


def _not_started(said: str, contract: Contract, startup_seconds: float) -> Check:
    missing = _MISSING.search(said)
    if missing is not None:
        return Check(
            what="start",
            status=Status.NOT_RUN,
            found=missing.group(1),
            allowed="its imports lie in code/, or are installed here (requirements.txt is not)",
        )
    return Check(
        what="start",
        status=Status.FAIL,
        found=last_line(said),
        allowed=f"GET /ping answers 200 within {startup_seconds:g} s",
        source=contract.container_source,
    )


_NO_SAMPLES: Final = Check(
    what="samples",
    status=Status.WARN,
    found="none: the model is started, but asked nothing",
    allowed="give --samples",
)

"""Synthesize every app once, with all the plugins that check while an app synthesizes."""

import json
import runpy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import aws_cdk
from cdk_nag import AwsSolutionsChecks

from tidegate import SageMakerChecks
from tools.bootstrap import ROOT
from tools.scan.finding import Finding

SELF_TEST: Final = "self-test"
"""Name of the app that breaks a rule of every scanner."""

SYNTHESIS: Final = "synthesis"
"""What reports an app that fails by itself."""

CDK_SCANNERS: Final = (
    SYNTHESIS,
    "CloudFormation Validate",
    "Construct Annotations",
    "AwsSolutions",
    SageMakerChecks.NAME,
)
"""What speaks up during a synthesis; the plugins by their names in the validation report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppUnderTest:
    """One app.

    Attributes:
        name: How reports name it.
        script: Its `app.py`.
        context: Context values besides those of `cdk.json`.

    """

    name: str
    script: Path
    context: Mapping[str, str] = field(default_factory=dict)


def apps() -> Iterator[AppUnderTest]:
    """Yield the deployable app, with each folder of service files, every example, and the self-test."""
    yield AppUnderTest(name="services", script=ROOT / "app.py")
    for file in sorted(ROOT.glob("examples/*/environments.yaml")):
        context = {"services": str(file.parent)}
        name = f"examples/{file.parent.name}"
        yield AppUnderTest(name=name, script=ROOT / "app.py", context=context)
    for script in sorted(ROOT.glob("examples/*/app.py")):
        yield AppUnderTest(name=f"examples/{script.parent.name}", script=script)
    yield AppUnderTest(name=SELF_TEST, script=Path(__file__).with_name("bad_app.py"))


def synthesize(app: AppUnderTest, folder: Path) -> list[Finding]:
    """Synthesize one app into `folder`; return what the plugins found, or that it fails."""
    with _checked(folder, app.context):
        try:
            runpy.run_path(str(app.script), run_name="__main__")
        except (Exception, SystemExit) as error:  # noqa: BLE001, the other apps are scanned all the same
            # The plugins' findings end a synthesis; they are in the report.
            if "ValidationFailed" not in str(error):
                return [_failure(app, error)]
    report = folder / "validation-report.json"
    return list(findings(app.name, json.loads(report.read_text(encoding="utf-8")))) if report.exists() else []


def _failure(app: AppUnderTest, error: BaseException) -> Finding:
    return Finding(
        scanner=SYNTHESIS,
        template=app.name,
        resource=app.script.name,
        rule=type(error).__name__,
        message=str(error),
    )


def findings(app: str, report: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what a validation report says, acknowledged or not."""
    for plugin in report["pluginReports"]:
        violations = [*plugin["violations"], *plugin.get("suppressedViolations", [])]
        for violation in violations:
            for construct in violation["violatingConstructs"]:
                yield Finding(
                    scanner=plugin["pluginName"],
                    template=app,
                    resource=construct["constructPath"],
                    rule=violation["ruleName"],
                    message=violation["description"],
                    reason=violation.get("reason"),
                )


@contextmanager
def _checked(folder: Path, context: Mapping[str, str]) -> Iterator[None]:
    """Make every `App` write to `folder`, with the flags of `cdk.json` and the plugins."""
    flags = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]

    class CheckedApp(aws_cdk.App):
        def __init__(self, **options: Any) -> None:
            super().__init__(**{**options, "outdir": str(folder), "context": {**flags, **context}})
            aws_cdk.Validations.of(self).add_plugins(AwsSolutionsChecks(self), SageMakerChecks())

    with patch.object(aws_cdk, "App", CheckedApp):
        yield

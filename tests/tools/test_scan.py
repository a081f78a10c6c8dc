"""The scanners are at work, and nothing that they find gets lost."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from tools.bootstrap import ROOT, SetupError
from tools.scan import cfn_lint, checkov, report, run, setup, templates, wildcards
from tools.scan.apps import SELF_TEST, AppUnderTest, apps, synthesize
from tools.scan.finding import Finding, judge

BAD: Final = AppUnderTest(name=SELF_TEST, script=ROOT / "tools" / "scan" / "bad_app.py")


def finding(rule: str, *, reason: str | None = None, scanner: str = "checkov") -> Finding:
    return Finding(
        scanner=scanner, template="app/t", resource="Bucket", rule=rule, message="bad", reason=reason
    )


def test_every_example_and_every_service_file_is_scanned() -> None:
    scripts = {app.script for app in apps()}
    assert scripts >= {ROOT / "app.py", *ROOT.glob("examples/*/app.py")}
    assert [app.context for app in apps() if app.name == "examples/services"] == [
        {"services": str(ROOT / "examples" / "services")}
    ]


def test_what_checks_during_a_synthesis_finds_its_fault_in_the_bad_app(tmp_path: Path) -> None:
    # A process of its own: the CDK's own rules are off in this one, for speed.
    code = f"""
from pathlib import Path
from tools.scan.apps import AppUnderTest, synthesize
app = AppUnderTest(name="bad", script=Path({str(BAD.script)!r}))
for one in synthesize(app, Path({str(tmp_path)!r})):
    print(one.scanner, one.rule, sep="/")
"""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}"],
        env={**os.environ, "CDK_VALIDATION": "true"},
        capture_output=True,
        text=True,
        check=True,
    )
    expected = [f"{name}/{rule}" for name, rule in run.BAIT.items() if name not in run.TEMPLATE_SCANNERS]
    assert set(expected) <= set(done.stdout.splitlines())


def test_cfn_lint_finds_its_fault_in_the_bad_app(tmp_path: Path) -> None:
    synthesize(BAD, tmp_path / "out")
    templates.collect(SELF_TEST, tmp_path / "out", tmp_path)
    found = cfn_lint.scan(tmp_path / templates.BARE)
    assert (run.BAIT[templates.CFN_LINT], "Bucket") in {(one.rule, one.resource) for one in found}


def test_an_app_that_fails_is_a_finding(tmp_path: Path) -> None:
    script = tmp_path / "app.py"
    script.write_text("import sys\nsys.exit('no such service')\n")
    (found,) = synthesize(AppUnderTest(name="app", script=script), tmp_path / "out")
    assert (found.scanner, found.rule, found.message) == ("synthesis", "SystemExit", "no such service")


@pytest.mark.parametrize("scanner", sorted(run.BAIT))
def test_a_scanner_that_misses_its_fault_is_said_to_be_broken(scanner: str) -> None:
    others = [finding(rule, scanner=name) for name, rule in run.BAIT.items() if name != scanner]
    (line,) = run.broken_scanners(others)
    assert line.startswith(f"{scanner} is not at work")


def test_no_scanner_is_broken_when_all_faults_are_found() -> None:
    assert run.broken_scanners([finding(rule, scanner=name) for name, rule in run.BAIT.items()]) == []


def judged(
    before: Sequence[Finding], after: Sequence[Finding], reasons: Sequence[Finding]
) -> list[str | None]:
    return [one.reason for one in judge(before, after, reasons)]


def test_a_finding_that_nobody_acknowledged_is_left() -> None:
    assert judged([finding("A")], [finding("A")], []) == [None]


def test_a_finding_that_is_acknowledged_has_its_reason() -> None:
    assert judged([finding("A")], [], [finding("A", reason="why")]) == ["why"]


def test_an_acknowledgement_without_a_reason_is_left() -> None:
    assert judged([finding("A")], [], [finding("A")]) == [None]


def test_an_acknowledgement_of_what_is_not_found_any_more_is_left() -> None:
    (stale,) = judge([], [], [finding("A", reason="why")])
    assert stale.reason is None
    assert "not found any more" in stale.message


def test_the_scanners_see_templates_with_and_without_acknowledgements(tmp_path: Path) -> None:
    metadata = {
        "checkov": {"skip": [{"id": "CKV_AWS_18", "comment": "why"}]},
        "cfn-lint": {"config": {"ignore_checks": ["W3005"]}, "reasons": {}},
        "mine": 1,
    }
    template = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Metadata": metadata}}}
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.template.json").write_text(json.dumps(template))
    assert templates.collect("examples/one", tmp_path / "out", tmp_path) == [
        Path("examples/one/a.template.json")
    ]
    bare = json.loads((tmp_path / templates.BARE / "examples/one/a.template.json").read_text())
    assert bare["Resources"]["Bucket"]["Metadata"] == {"mine": 1}
    said = [(one.template, one.rule, one.reason) for one in templates.acknowledgements(tmp_path)]
    assert said == [
        ("examples/one/a.template.json", "CKV_AWS_18", "why"),
        ("examples/one/a.template.json", "W3005", None),
    ]


def test_a_match_of_cfn_lint_names_the_resource_or_the_section() -> None:
    def match(*path: Any) -> dict[str, Any]:
        return {"Location": {"Path": path}, "Filename": "t", "Rule": {"Id": "W1"}, "Message": "m"}

    matches = [match("Resources", "Bucket", "Properties"), match("Outputs", "Name", 0), match()]
    assert [one.resource for one in cfn_lint.read(matches)] == ["Bucket", "Outputs", "template"]


def test_a_failed_check_of_checkov_names_the_resource() -> None:
    check = {
        "file_path": "/app/t.template.json",
        "resource": "AWS::S3::Bucket.Bucket",
        "check_id": "CKV_AWS_18",
        "check_name": "log",
    }
    (found,) = checkov.read({"results": {"failed_checks": [check]}})
    assert (found.template, found.resource) == ("app/t.template.json", "Bucket")


@pytest.mark.parametrize(
    ("statement", "actions"),
    [
        ({"Effect": "Allow", "Action": ["a:B", "a:C"], "Resource": "*"}, ["a:B", "a:C"]),
        ({"Effect": "Allow", "Action": "a:B", "Resource": ["arn:x", "*"]}, ["a:B"]),
        ({"Effect": "Allow", "Action": "a:B", "Resource": "arn:x"}, []),
        ({"Effect": "Deny", "Action": "a:B", "Resource": "*"}, []),
    ],
)
def test_actions_allowed_on_everything_are_seen(statement: dict[str, Any], actions: list[str]) -> None:
    document = {"Statement": [statement]}
    assert list(wildcards.unbound_actions({"PolicyDocument": document})) == actions
    assert list(wildcards.unbound_actions({"Policies": [{"PolicyDocument": document}]})) == actions


def test_only_actions_that_know_no_resource_may_be_allowed_on_everything() -> None:
    uses = [("t", "Policy", action) for action in ("xray:PutTraceSegments", "s3:GetObject", "s3:*")]
    found = wildcards.read(uses, {"xray": ["xray:puttracesegments"], "s3": ["s3:ListAllMyBuckets"]})
    assert [one.rule for one in found] == ["s3:GetObject", "s3:*"]


def test_the_table_counts_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    found = [finding("A"), finding("B", reason="why"), finding("B[x]", reason="why")]
    lines = list(report.table({"checkov": 2, "cfn-lint": 2}, found))
    assert [line.split() for line in lines[1:]] == [
        ["checkov", "2", "3", "2", "1"],
        ["cfn-lint", "2", "0", "0", "0"],
    ]
    assert [line.split() for line in report.reasons(found)] == [["2", "checkov", "B:", "why"]]
    assert report.left(found) == ["checkov: app/t Bucket A: bad"]


@pytest.mark.parametrize(("wrong", "status"), [([], 0), (["checkov: t Bucket CKV: bad"], 1)])
def test_the_run_fails_when_something_is_left(
    wrong: list[str], status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "ensure", lambda: None)
    monkeypatch.setattr(run, "scan", lambda folder: wrong)
    assert run.main([]) == status
    assert all(line in capsys.readouterr().out for line in wrong)


@pytest.mark.parametrize("error", [SetupError("no network"), RuntimeError("checkov failed"), OSError("gone")])
def test_a_scanner_that_is_missing_fails_the_run(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(setup, "ensure", fail)
    assert run.main([]) == 1
    assert str(error) in capsys.readouterr().err


def test_checkov_that_reads_no_template_fails_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkov, "run_offline", lambda arguments, folder: json.dumps({"passed": 0}))
    with pytest.raises(RuntimeError, match="scanned no template"):
        checkov.scan(tmp_path)


def test_templates_of_a_pipelines_stages_are_scanned_by_the_names_of_their_stacks(tmp_path: Path) -> None:
    stage = tmp_path / "app" / "assembly-dev"
    stage.mkdir(parents=True)
    (stage / "devdigits1A2B.template.json").write_text("{}")
    told = {"templateFile": "devdigits1A2B.template.json", "stackName": "digits-dev-hosting"}
    (stage / "manifest.json").write_text(json.dumps({"artifacts": {"devdigits1A2B": {"properties": told}}}))
    names = templates.collect("examples/delivery", tmp_path / "app", tmp_path / "out")
    assert [str(name) for name in names] == ["examples/delivery/digits-dev-hosting.template.json"]
    assert (tmp_path / "out" / templates.BARE / names[0]).is_file()

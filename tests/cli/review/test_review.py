"""`tidegate review` refuses the loss of what no deploy brings back, and lets the rest pass."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from typer.testing import CliRunner

from tests.cli.review.conftest import FUNCTION, TABLE, Assembly, CloudFormation
from tidegate_cli import main
from tidegate_cli.review import command
from tidegate_cli.review.assembly import read_assembly
from tidegate_cli.review.report import MARKER, markdown
from tidegate_cli.review.stateful import STATEFUL

Run = Callable[..., Any]
OTHER_KEY = {"Properties": {"KeySchema": [{"AttributeName": "other", "KeyType": "HASH"}], "BillingMode": "A"}}


@pytest.fixture
def run(cloud: CloudFormation, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(command, "Access", lambda **_: cloud)

    def invoke(folder: Path, *arguments: str) -> Any:
        return CliRunner().invoke(main.app, ["review", "--app", str(folder), *arguments])

    return invoke


def test_a_harmless_change_passes_and_is_shown(run: Run, assembly: Assembly, cloud: CloudFormation) -> None:
    cloud.deployed["digits"] = {"Ledger": TABLE, "Judge": FUNCTION}
    changed = {**FUNCTION, "Properties": {"Timeout": 20, "MemorySize": 128}}
    done = run(assembly(digits={"Ledger": TABLE, "Judge": changed}))
    assert done.exit_code == 0, done.output
    assert "Nothing with state would be lost. 1 stacks: 1 changed" in done.stdout
    assert "~ Resources AWS::Lambda::Function Judge" in done.stdout
    assert "    Properties.Timeout\n-     10\n+     20" in done.stdout


def test_a_replacement_of_the_ledger_is_refused_with_stack_resource_and_property(
    run: Run, assembly: Assembly, cloud: CloudFormation
) -> None:
    cloud.deployed["digits"] = {"Ledger": TABLE}
    detail = {
        "Target": {"Attribute": "Properties", "Name": "KeySchema", "RequiresRecreation": "Conditionally"}
    }
    cloud.said = [
        {
            "LogicalResourceId": "Ledger",
            "ResourceType": "AWS::DynamoDB::Table",
            "Replacement": "Conditional",
            "Details": [detail, {"Target": {"Name": "BillingMode", "RequiresRecreation": "Never"}}],
        }
    ]
    done = run(assembly(digits={"Ledger": {**TABLE, **OTHER_KEY}}))
    assert done.exit_code == 12
    assert done.stderr == (
        "tidegate: digits/Ledger (AWS::DynamoDB::Table) may be replaced by a change of KeySchema: it holds "
        "every decision of every rollout, and the lease of the one in flight\n"
    )
    assert cloud.deleted == [cloud.made[0]["ChangeSetName"]]
    assert cloud.made[0]["Tags"] == [{"Key": "tidegate:service", "Value": "digits"}]


def test_without_change_sets_the_table_of_properties_decides(
    run: Run, assembly: Assembly, cloud: CloudFormation
) -> None:
    cloud.deployed["digits"] = {"Ledger": TABLE}
    done = run(assembly(digits={"Ledger": {**TABLE, **OTHER_KEY}}), "--read-only")
    assert (done.exit_code, cloud.made) == (12, [])
    assert "digits/Ledger (AWS::DynamoDB::Table) would be replaced by a change of KeySchema" in done.stderr
    assert "no change set was made" in done.stdout


def test_credentials_that_may_make_no_change_set_fall_back_to_the_table_and_say_so(
    run: Run, assembly: Assembly, cloud: CloudFormation
) -> None:
    cloud.deployed["digits"], cloud.denied = {"Ledger": TABLE}, "AccessDenied"
    done = run(assembly(digits={"Ledger": {**TABLE, **OTHER_KEY}}))
    assert done.exit_code == 12
    assert "no change set was made: AccessDenied" in done.stdout


def test_a_resource_that_only_follows_another_is_refused_too(
    run: Run, assembly: Assembly, cloud: CloudFormation
) -> None:
    cloud.deployed["digits"] = {"Ledger": TABLE, "Judge": FUNCTION}
    cloud.said = [
        {"LogicalResourceId": "Ledger", "ResourceType": "AWS::DynamoDB::Table", "Replacement": "True"}
    ]
    done = run(assembly(digits={"Ledger": TABLE, "Judge": {**FUNCTION, "DependsOn": "Ledger"}}))
    assert done.exit_code == 12
    assert "digits/Ledger (AWS::DynamoDB::Table) would be replaced" in done.stderr


@pytest.mark.parametrize(("policy", "code"), [("Delete", 12), ("Retain", 0), ("RetainExceptOnCreate", 0)])
def test_a_deletion_is_refused_unless_the_deployed_template_keeps_it(
    run: Run, assembly: Assembly, cloud: CloudFormation, policy: str, code: int
) -> None:
    cloud.deployed["digits"] = {"Ledger": {**TABLE, "DeletionPolicy": policy}, "Judge": FUNCTION}
    done = run(assembly(digits={"Judge": FUNCTION}))
    assert done.exit_code == code
    told = "would be deleted" if code else "no stack owns it then"
    assert told in done.stdout


def test_another_type_under_the_same_id_is_a_loss(
    run: Run, assembly: Assembly, cloud: CloudFormation
) -> None:
    cloud.deployed["digits"] = {"Ledger": TABLE}
    for options in ([], ["--read-only"]):
        done = run(assembly(digits={"Ledger": FUNCTION}), *options)
        assert (done.exit_code, "would be replaced by a change of Type" in done.stderr) == (12, True)


def test_a_loss_that_is_intended_is_allowed_by_its_name(
    run: Run, assembly: Assembly, cloud: CloudFormation
) -> None:
    cloud.deployed["digits"] = {"Ledger": TABLE}
    folder = assembly(digits={"Ledger": {**TABLE, **OTHER_KEY}})
    done = run(folder, "--read-only", "--allow", "digits/Ledger")
    assert done.exit_code == 0
    assert "- allowed: digits/Ledger" in done.stdout


def test_rejects_an_allowance_that_nothing_needs(run: Run, assembly: Assembly, cloud: CloudFormation) -> None:
    cloud.deployed["digits"] = {"Ledger": TABLE}
    done = run(assembly(digits={"Ledger": TABLE}), "--allow", "digits/Ledger")
    assert (done.exit_code, done.stderr) == (2, "tidegate: allowed, but not refused: digits/Ledger\n")


def test_a_stack_that_is_not_there_yet_is_new_and_one_of_a_stage_is_seen(
    run: Run, assembly: Assembly, cloud: CloudFormation
) -> None:
    cloud.deployed["production"] = {"Ledger": {**TABLE, "DeletionPolicy": "Delete"}}
    done = run(assembly(digits={"Ledger": TABLE}, stage_production={"Judge": FUNCTION}), "--json")
    found = {stack["name"]: stack for stack in json.loads(done.stdout)["stacks"]}
    assert done.exit_code == 12
    assert found["digits"]["status"] == "new"
    assert [one["what"] for one in found["production"]["refusals"]] == ["would be deleted"]


def test_a_change_set_that_cannot_be_made_fails_the_review(
    run: Run, assembly: Assembly, cloud: CloudFormation
) -> None:
    cloud.deployed["digits"], cloud.failed = {"Judge": FUNCTION}, "Unresolved resource dependencies [X]"
    done = run(assembly(digits={"Judge": {**FUNCTION, "DependsOn": "X"}}))
    assert (done.exit_code, len(cloud.deleted)) == (1, 1)
    assert "cannot make a change set of digits: Unresolved resource dependencies [X]" in done.stderr


def test_rejects_a_folder_that_is_no_assembly(run: Run, tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere")
    assert done.exit_code == 2
    assert "is no cloud assembly" in done.stderr


def test_the_roles_of_the_bootstrap_are_filled_in(assembly: Assembly) -> None:
    (stack,) = read_assembly(assembly(digits={}))
    assert stack.lookup_role == "arn:aws:iam::111122223333:role/lookup-eu-west-1"


def test_the_markdown_is_written_and_fits_into_a_comment(
    run: Run, assembly: Assembly, cloud: CloudFormation, tmp_path: Path
) -> None:
    cloud.deployed["digits"] = {"Judge": FUNCTION}
    file = tmp_path / "out" / "review.md"
    run(assembly(digits={f"F{n}": FUNCTION for n in range(200)}), "--markdown", str(file))
    text = file.read_text()
    assert text.startswith(MARKER)
    assert text.count("+ Resources AWS::Lambda::Function") == 200
    assert len(markdown((), longest=40)) <= 40


@pytest.mark.parametrize("kind", sorted(STATEFUL))
def test_the_table_names_the_properties_of_the_types_schema(kind: str) -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    paths = [
        *(schema.get("createOnlyProperties") or ()),
        *(schema.get("conditionalCreateOnlyProperties") or ()),
    ]
    assert sorted({path.split("/")[2] for path in paths}) == sorted(STATEFUL[kind].replaced_by)

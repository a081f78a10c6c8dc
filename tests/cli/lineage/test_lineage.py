"""`tidegate lineage` walks back as far as anything was recorded, and says what was not."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.cli.lineage.conftest import ADA, COMMIT, EXECUTION, JOB, LIVE, SOURCE, Environment, package
from tidegate_cli import main
from tidegate_cli.lineage import command


@pytest.fixture(autouse=True)
def _connected(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "Aws", lambda **_: environment)


def _json(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(main.app, ["lineage", *(arguments or ["digits-production"]), "--json"])
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def _all(link: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    if link["kind"] == kind:
        yield link
    for origin in link.get("origins", []):
        yield from _all(origin, kind)


def test_nothing_is_missing_from_the_endpoint_to_the_data_the_people_and_the_source() -> None:
    found = _json()
    # The fakes answer for every account at once: the ledger of staging holds nothing of this version.
    (staging,) = found["missing_links"]
    assert staging.startswith("endpoint > variant > model package > rollout: the ledger ledger knows no")
    live, source = _all(found, "model package")
    assert (live["name"], source["name"]) == (LIVE, SOURCE)
    assert live["facts"]["changed last by"] == ADA
    assert live["facts"]["image"] == "sha256:abc"
    assert live["facts"]["metrics: ModelQuality Statistics"] == "s3://models/quality.json"
    (job,) = _all(found, "training job")
    assert (job["name"], job["facts"]["hyperparameters"]) == (JOB, "alpha=0.1, depth=4")
    assert [data["name"] for data in _all(found, "training data")] == ["s3://data/digits/v9/"]
    assert {link["name"] for link in _all(source, "commit")} == {"1a2b3c"}


def test_the_rollout_tells_checks_verdicts_and_who_decided() -> None:
    (rollout,) = [link for link in _all(_json(), "rollout") if "name" in link]
    assert (rollout["name"], rollout["facts"]["approved by"]) == ("v3-x", ADA)
    (checks,) = _all(rollout, "checks")
    assert checks["facts"]["instances"] == "2"
    (step,) = _all(rollout, "step 1")
    assert (step["name"], step["facts"]["reason"]) == ("5 %: PASS", "no signal fails")
    (decision,) = _all(rollout, "decision")
    assert decision["facts"] == {"by": "bob", "step": "1", "reason": "seen"}


def test_the_stack_leads_to_the_execution_of_its_commit_and_to_whoever_approved_that() -> None:
    (stack,) = _all(_json(), "stack")
    assert stack["facts"]["build"] == "synth:12"
    (execution,) = _all(stack, "pipeline execution")
    assert execution["name"] == "tidegate/p2"
    assert [source["name"] for source in _all(execution, "source")] == [COMMIT]
    (approval,) = _all(execution, "manual approval")
    assert approval["name"] == "Production/Approve: Succeeded"
    assert (approval["facts"]["by"], approval["facts"]["said"]) == (ADA, "go ahead")


def test_another_version_than_the_pointer_names_is_told(environment: Environment) -> None:
    environment.pointer = SOURCE
    (variant,) = _all(_json(), "variant")
    assert variant["notes"][0].startswith(f"it runs {LIVE}, but the live pointer names {SOURCE}")


def test_a_source_that_cannot_be_read_is_said_and_the_copy_speaks_for_itself(
    environment: Environment,
) -> None:
    del environment.packages[SOURCE]
    found = _json()
    (missing,) = [line for line in found["missing_links"] if "model package > model package" in line]
    assert "ask with those of account 111122223333" in missing
    live = next(_all(found, "model package"))
    assert {"1a2b3c"} == {link["name"] for link in _all(live, "commit")}


def test_every_link_that_nobody_recorded_names_what_would_have(environment: Environment) -> None:
    environment.packages = {LIVE: package(LIVE)}
    environment.outputs = {k: v for k, v in (environment.outputs or {}).items() if k != "Commit"}
    environment.items = []
    told = "\n".join(_json()["missing_links"])
    for key in ("commit", "build", "data-version", "training-job", "pipeline-execution"):
        assert f"in the customer metadata property tidegate:{key}" in told
    assert "stack > commit: the stack has no output Commit: a deploy with `-c commit=...`" in told
    assert "variant > rollout: the ledger ledger knows no rollout of it" in told


def test_a_training_job_is_found_through_the_pipeline_that_ran_it(environment: Environment) -> None:
    environment.packages = {LIVE: package(LIVE, tidegate_pipeline_execution=EXECUTION)}
    found = _json()
    assert next(_all(found, "training job"))["name"] == JOB
    assert next(_all(found, "pipeline execution"))["facts"]["parameters"] == "DataFraction=1.0"


def test_a_copy_that_says_otherwise_than_its_source_is_told(environment: Environment) -> None:
    environment.packages[LIVE] = package(LIVE, tidegate_source_package=SOURCE, tidegate_commit="forged")
    live = next(_all(_json(), "model package"))
    assert live["notes"] == ["it says commit forged, and the version that it was made from 1a2b3c"]


def test_the_execution_that_copied_a_version_leads_to_its_approval(environment: Environment) -> None:
    environment.packages[LIVE] = package(
        LIVE, tidegate_source_package=SOURCE, tidegate_pipeline_execution="p2"
    )
    live = next(_all(_json(), "model package"))
    assert [link["facts"]["by"] for link in _all(live, "manual approval")] == [ADA]


def test_an_artifact_that_the_job_did_not_make_is_told(environment: Environment) -> None:
    environment.job["ModelArtifacts"] = {"S3ModelArtifacts": "s3://models/other.tar.gz"}
    (job,) = _all(_json(), "training job")
    assert job["notes"] == [
        "it made s3://models/other.tar.gz, but the version's artifact is s3://models/model.tar.gz"
    ]


def test_pipelines_that_cannot_be_read_are_said_with_the_options_that_help(environment: Environment) -> None:
    environment.refused = {"ListPipelines", "DescribeTrainingJob"}
    told = "\n".join(_json()["missing_links"])
    assert "--pipeline-profile and --pipeline-region" in told
    assert "training job: it cannot be read: DescribeTrainingJob: AccessDeniedException" in told


def test_two_versions_that_were_made_from_each_other_end_the_walk(environment: Environment) -> None:
    environment.packages[SOURCE] = package(SOURCE, tidegate_source_package=LIVE)
    source = list(_all(_json(), "model package"))[1]
    assert source["notes"] == [f"it says that it was made from {LIVE}, which was made from it"]


def test_a_model_without_a_package_is_said_to_come_from_nowhere(environment: Environment) -> None:
    environment.model_package = ""
    assert any("made from no model package" in line for line in _json()["missing_links"])


def test_an_endpoint_without_a_controller_has_no_pointer_and_no_ledger(environment: Environment) -> None:
    environment.outputs = None
    told = "\n".join(_json()["missing_links"])
    assert "no rollout controller" in told
    assert "stack: it cannot be read" in told


def test_service_and_environment_name_the_endpoint_too() -> None:
    assert _json("--service", "digits", "--environment", "production") == _json()


@pytest.mark.parametrize(
    "arguments", [[], ["digits-production", "--service", "digits"], ["--service", "digits"]]
)
def test_rejects_half_a_name_and_two(arguments: list[str]) -> None:
    done = CliRunner().invoke(main.app, ["lineage", *arguments])
    assert (done.exit_code, done.stderr) == (
        2,
        "tidegate: name the endpoint, or give --service and --environment\n",
    )


def test_people_see_a_tree_and_what_is_missing_at_its_end(environment: Environment) -> None:
    environment.packages = {LIVE: package(LIVE)}
    done = CliRunner().invoke(main.app, ["lineage", "digits-production"])
    assert done.exit_code == 0
    words = " ".join(done.stdout.split())
    for expected in (
        "endpoint arn:aws:sagemaker:eu-west-1:111122223333:endpoint/digits-production",
        "└── live pointer",
        "missing:",
        "endpoint > variant > model package > commit: nothing says it",
    ):
        assert expected.replace("└── ", "") in words

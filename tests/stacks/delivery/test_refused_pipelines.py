"""Pipelines in environments.yaml that are refused before anything is deployed."""

import pytest

from tests.stacks.delivery.conftest import CONNECTION, WHOLE_SOURCE, Faults, line


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("at: tooling", "at: toling", "delivery.at: unknown environment 'toling'; did you mean 'tooling'?"),
        (
            "[[staging]]",
            "[[stagin]]",
            "delivery.stages[1].waves[0][0]: unknown environment 'stagin'; did you mean 'staging'?",
        ),
        (
            "[[prod-eu], [prod-us]]",
            "[[prod-eu], [prod-us, dev]]",
            "delivery.stages[2].waves[1][1]: 'dev' is in stage 'dev' already: an environment is in one wave",
        ),
        (
            "{name: staging",
            "{name: dev",
            "delivery.stages[1].name: must be the name of one stage, got 'dev again'",
        ),
        ("[[staging]]", "[[]]", "delivery.stages[1].waves[0]: must not be empty"),
        (
            "[[staging]]",
            "[[staging]], bake_minutes: 5",
            "delivery.stages[1].bake_minutes: bakes between two waves, and this stage has one",
        ),
        (
            "bake_minutes: 30",
            "bake_minutes: 1381",
            "delivery.stages[2].bake_minutes: must be at most 1380, got 1381",
        ),
        (
            "on_failure: roll_back",
            "on_failure: rollback",
            "delivery.stages[2].on_failure: must be 'stop' or 'roll_back'",
        ),
        (
            "execution_mode: queued",
            "execution_mode: parallel",
            "delivery.stages[2].on_failure: roll_back does not go with execution_mode parallel (https://docs",
        ),
        (
            "execution_mode: queued",
            "execution_mode: fast",
            "delivery.execution_mode: must be 'queued', 'superseded' or",
        ),
        ("  name: tidegate", "  nme: tidegate", "delivery.nme: unknown field; did you mean 'name'?"),
        (
            "  name: tidegate",
            "  name: tidegate\n  account: x",
            "delivery.account: delivery is the section about the pipeline; no environment can be called so",
        ),
    ],
)
def test_rejects_a_pipeline_that_cannot_be_carried_out(
    faults: Faults, before: str, after: str, message: str
) -> None:
    found = faults((before, after))
    assert any(message in fault for fault in found), found


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            f"    {CONNECTION}01234567-89ab-cdef-0123-456789abcdef\n",
            "",
            "delivery.source.connection: is missing: a repository outside of AWS is reached by the ARN of a",
        ),
        (
            CONNECTION,
            "connection: my-connection/",
            "delivery.source.connection: must look like arn:aws:codeconnec",
        ),
        ("repository: my-organization/tidegate", "branch: main", "not valid YAML"),
        (
            "    repository: my-organization/tidegate\n",
            "",
            "delivery.source.repository: is missing: connection needs it",
        ),
        (
            "repository: my-organization/tidegate",
            "repository: tidegate",
            "delivery.source.repository: must look like owner/name, got 'tidegate'",
        ),
        (
            "    branch: main",
            "    branch: main\n    codecommit: tidegate",
            "delivery.source.codecommit: does not go with connection: a source is of one kind",
        ),
        (
            "    branch: main",
            "    branch: main\n    s3_bucket: my-bucket",
            "delivery.source.s3_bucket: does not go with connection: a source is of one kind",
        ),
    ],
)
def test_rejects_a_source_that_cannot_be_reached(
    faults: Faults, before: str, after: str, message: str
) -> None:
    found = faults((before, after))
    assert any(message in fault for fault in found), found


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{}", "delivery.source: must have one of connection, codecommit, s3_bucket"),
        ("{s3_bucket: my-bucket}", "delivery.source.s3_key: is missing: s3_bucket needs it"),
        (
            "{s3_bucket: my-bucket, s3_key: a.zip, branch: main}",
            "delivery.source.branch: does not go with s3_bucket: a source is of one kind",
        ),
        ("{codecommit: tidegate}", "delivery.pull_requests: needs a source with a connection"),
    ],
)
def test_rejects_other_sources_that_are_not_whole(faults: Faults, source: str, message: str) -> None:
    found = faults((f"source:\n    {WHOLE_SOURCE}", f"source: {source}\n"))
    assert any(message in fault for fault in found), found


@pytest.mark.parametrize(
    ("dev", "staging", "message"),
    [
        (
            "production",
            "dev",
            "stages[0].models_from: models would go in a circle: dev from production from staging from dev",
        ),
        ("dev", "dev", "stages[0].models_from: models would go in a circle: dev from dev"),
        (
            "production",
            "nowhere",
            "stages[1].models_from: must be a stage: dev, staging, production, got 'nowhere'",
        ),
    ],
)
def test_rejects_models_that_go_in_a_circle(faults: Faults, dev: str, staging: str, message: str) -> None:
    found = faults(
        ("{name: dev, waves: [[dev]]}", f"{{name: dev, waves: [[dev]], models_from: {dev}}}"),
        ("models_from: dev", f"models_from: {staging}"),
    )
    assert any(message in fault for fault in found), found


def test_rejects_models_from_a_later_stage(faults: Faults) -> None:
    found = faults(
        ("{name: dev, waves: [[dev]]}", "{name: dev, waves: [[dev]], models_from: staging}"),
        ("models_from: dev", "approval: false"),
    )
    place = f"services/environments.yaml:{line('{name: dev')}: delivery.stages[0].models_from"
    why = "must be an earlier stage than dev: its models are released before, got 'staging'"
    assert found == (f"{place}: {why}",)


def test_rejects_an_environment_of_a_service_that_no_stage_deploys(faults: Faults) -> None:
    found = faults(("waves: [[prod-eu], [prod-us]]\n      bake_minutes: 30", "waves: [[prod-eu]]"))
    assert f"services/promoted.yaml:{line('environments:', 'promoted.yaml')}: environments[3]: " in found[0]
    assert [fault.partition(": environments")[0].partition(":")[0] for fault in found] == [
        "services/promoted.yaml",
        "services/trained-everywhere.yaml",
    ]
    assert "no stage of delivery (environments.yaml) deploys 'prod-us'" in found[0]


def test_rejects_a_stage_that_begins_in_several_regions_at_once(faults: Faults) -> None:
    (fault,) = faults(
        ("waves: [[prod-eu], [prod-us]]\n      bake_minutes: 30", "waves: [[prod-us, prod-eu]]")
    )
    place = f"services/environments.yaml:{line('[prod-us]]')}: delivery.stages[2].waves[0]"
    assert fault.startswith(f"{place}: must lie in one region, so that a bad commit meets one before the oth")
    assert fault.endswith("got us-east-1, eu-west-1")


def test_rejects_a_stage_for_which_there_is_no_service(faults: Faults) -> None:
    found = faults(("[[staging]]", "[[staging, tooling]]"))
    assert "waves[0][1]: no service is deployed to 'tooling': its stage would be empty" in found[0]


def test_rejects_an_environment_that_is_deployed_by_hand(faults: Faults) -> None:
    text = 'account: "222233334444"\n  region: eu-west-1\n  deploy_with: '
    (found,) = faults((f"{text}bootstrap-roles", f"{text}cli-credentials"))
    assert (
        "delivery.stages[1].waves[0][0]: staging is deployed by hand (cli-credentials); a pipeline" in found
    )

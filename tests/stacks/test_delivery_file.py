"""The section `delivery` of environments.yaml and of services: what is accepted, and every refusal."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from stacks.fields.managed import ManagedService
from stacks.service_files import Folder, load_folder
from stacks.yaml_source import BadFiles

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "delivery"
Faults = Callable[..., Sequence[str]]
CONNECTION = "connection: arn:aws:codeconnections:eu-west-1:444455556666:connection/"
ENVIRONMENTS = "environments.yaml"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(EXAMPLE, tmp_path / "services"))


@pytest.fixture
def faults(folder: Path) -> Faults:
    """Replace texts in a file of the example, and return all faults of the folder."""

    def find(*changes: tuple[str, str], file: str = ENVIRONMENTS) -> Sequence[str]:
        path = folder / file
        text = path.read_text()
        for before, after in changes:
            assert before in text, before
            text = text.replace(before, after, 1)
        path.write_text(text)
        with pytest.raises(BadFiles) as refusal:
            load_folder(folder)
        return refusal.value.faults

    return find


@pytest.fixture
def loaded(folder: Path) -> Folder:
    return load_folder(folder)


def line(text: str, file: str = ENVIRONMENTS) -> int:
    lines = (EXAMPLE / file).read_text().splitlines()
    return next(number for number, one in enumerate(lines, start=1) if text in one)


def test_the_example_delivers_to_four_environments_in_the_order_of_promotion(loaded: Folder) -> None:
    assert loaded.delivery is not None
    assert loaded.delivery.environments == ("dev", "staging", "prod-eu", "prod-us")
    assert loaded.delivery.stage_of("prod-us").name == "production"
    assert loaded.delivery.source.kind == "connection"


def test_each_of_the_three_patterns_has_an_example(loaded: Folder) -> None:
    parts = [
        deployment.of(ManagedService).service.delivery
        for deployment in loaded.deployments
        if deployment.environment_name == "staging"
    ]
    assert sorted(part.pattern for part in parts if part) == ["deploy_code", "deploy_models", "hybrid"]


def test_a_folder_without_the_section_has_no_pipeline() -> None:
    assert load_folder(ROOT / "services").delivery is None


def test_one_environment_by_itself_is_for_the_terminal_and_has_no_pipeline(folder: Path) -> None:
    found = load_folder(folder, only="dev")
    assert found.delivery is None
    assert {one.environment_name for one in found.deployments} == {"dev"}


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
            "[[prod-eu], [prod-us]]",
            "[[prod-eu, prod-us]]",
            "delivery.stages[2].bake_minutes: bakes between two waves, and this stage has one",
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


WHOLE_SOURCE = (
    f"{CONNECTION}01234567-89ab-cdef-0123-456789abcdef\n"
    "    repository: my-organization/tidegate\n    branch: main\n"
)


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
    "source", ["{codecommit: tidegate}", "{s3_bucket: my-bucket, s3_key: a.zip, poll: true}"]
)
def test_codecommit_and_s3_are_sources_too(folder: Path, source: str) -> None:
    path = folder / ENVIRONMENTS
    text = path.read_text().replace(f"source:\n    {WHOLE_SOURCE}", f"source: {source}\n")
    before, _, after = text.partition("  pull_requests:\n")
    path.write_text(f"{before}  notify:{after.partition('  notify:')[2]}")
    found = load_folder(folder).delivery
    assert found is not None
    assert found.source.kind in source


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


def test_rejects_a_stage_for_which_there_is_no_service(faults: Faults) -> None:
    found = faults(("[[staging]]", "[[staging, tooling]]"))
    assert "waves[0][1]: no service is deployed to 'tooling': its stage would be empty" in found[0]


def test_rejects_an_environment_that_is_deployed_by_hand(faults: Faults) -> None:
    text = 'account: "222233334444"\n  region: eu-west-1\n  deploy_with: '
    (found,) = faults((f"{text}bootstrap-roles", f"{text}cli-credentials"))
    assert (
        "delivery.stages[1].waves[0][0]: staging is deployed by hand (cli-credentials); a pipeline" in found
    )


@pytest.mark.parametrize(
    ("file", "before", "after", "message"),
    [
        (
            "hybrid.yaml",
            "train_in: staging",
            "train_in: stagin",
            "delivery.train_in: unknown stage 'stagin'; did you mean 'staging'?",
        ),
        (
            "hybrid.yaml",
            "  train_in: staging\n",
            "",
            "delivery.train_in: is missing: hybrid trains in one stage",
        ),
        (
            "hybrid.yaml",
            "train_in: staging",
            "train_in: dev",
            "delivery.train_in: the service is deployed to no environment of stage 'dev'",
        ),
        (
            "hybrid.yaml",
            "train_in: staging",
            "train_in: production",
            "no stage (environments.yaml) has models_from 'production': nothing would be promoted",
        ),
        (
            "hybrid.yaml",
            "  training: {pipeline: hybrid-training}\n",
            "",
            "delivery.training: is missing: hybrid trains",
        ),
        (
            "hybrid.yaml",
            "pattern: hybrid",
            "pattern: deploy_models",
            "delivery.training: does not go with deploy_models: packages come from the registry",
        ),
        (
            "hybrid.yaml",
            "pattern: hybrid",
            "pattern: deploy_code",
            "delivery.artifact: does not go with deploy_code: no package leaves its environment",
        ),
        (
            "trained-everywhere.yaml",
            "staging: {DataFraction",
            "stagin: {DataFraction",
            "delivery.training.parameters.stagin: unknown stage 'stagin'; did you mean 'staging'?",
        ),
        (
            "trained-everywhere.yaml",
            'DataFraction: "1"',
            "DataFraction: 1",
            "delivery.training.parameters.production.DataFraction: must be text, got 1",
        ),
        (
            "trained-everywhere.yaml",
            "    instance_type: ml.m5.large\n    metric",
            "    metric",
            "delivery.validation.instance_type",
        ),
        (
            "promoted.yaml",
            "    max_worse: 0.02\n    at_least: 0.9\n",
            "",
            "delivery.validation.max_worse: must have a limit: max_worse, relative, at_least or at_most",
        ),
        (
            "promoted.yaml",
            "    metric: accuracy\n",
            "    metric: accuracy\n    by: endpoint\n",
            "delivery.validation.by: must be batch_transform: before its approval a version is on no",
        ),
        (
            "promoted.yaml",
            "metric: accuracy",
            "metric: auc",
            "delivery.validation.metric: must be one of accuracy, f1, mean_absolute_error",
        ),
        (
            "promoted.yaml",
            "at_least: 0.9",
            "at_most: 0.9",
            "delivery.validation.at_most: would refuse what is good: of accuracy, more is better; use",
        ),
        (
            "promoted.yaml",
            "prediction: /predictions/0",
            "prediction: predictions",
            "delivery.validation.prediction: must look like /predictions/0, got 'predictions'",
        ),
        (
            "promoted.yaml",
            "    metric: accuracy\n",
            "    metric: accuracy\n    instances: 2\n",
            "delivery.validation.instances: ",
        ),
        (
            "promoted.yaml",
            "samples/promoted-smoke.yaml",
            "samples/smoke.yaml",
            "services/samples/smoke.yaml: no such file",
        ),
        (
            "promoted.yaml",
            "samples/promoted-smoke.yaml",
            "promoted-smoke.yaml",
            "delivery.smoke: must lie in a folder of its own, as samples/promoted-smoke.yaml",
        ),
        (
            "promoted.yaml",
            "samples/promoted-validation.jsonl",
            "samples/none.jsonl",
            "services/samples/none.jsonl: no such file",
        ),
        (
            "samples/promoted-smoke.yaml",
            "body: {instances: [[0.0, 1.0]]}",
            "bdy: 1",
            "services/samples/promoted-smoke.yaml:",
        ),
        (
            "samples/promoted-validation.jsonl",
            '"label": 0',
            '"lable": 0',
            "services/samples/promoted-validation.jsonl:1: must be an object of input and label, got input,",
        ),
        (
            "promoted.yaml",
            "max_bake_minutes: 60",
            "max_bake_minutes: 1440",
            "rollout: a rollout can last 27 h (bakes 27 h), and a pipeline follows it for at most 24 h (http",
        ),
        (
            "promoted.yaml",
            "  signals:",
            "  on_no_data: needs_human\n  signals:",
            "rollout: a rollout can last 28 h (bakes 4 h, a human's deadline 24 h), and a pipeline follows i",
        ),
        (
            "promoted.yaml",
            "ml.m5.large",
            "ml.p4de.24xlarge",
            "endpoint.instance_type: eu-west-1 does not offer ml.p4de.24xlarge for hosting; regions that do",
        ),
        (
            "promoted.yaml",
            "ml.m5.large",
            "ml.m55.large",
            "endpoint.instance_type: the family m55 is not in the table of hosting instances; did you mean m",
        ),
        (
            ENVIRONMENTS,
            "region: us-east-1",
            "region: us-east-9",
            "the region us-east-9 is not in the table of hosting instances (environment prod-us)",
        ),
    ],
)
def test_rejects_a_service_that_cannot_be_delivered(
    faults: Faults, file: str, before: str, after: str, message: str
) -> None:
    found = faults((before, after), file=file)
    assert any(message in fault for fault in found), found


def test_rejects_deploying_models_when_no_stage_has_its_models_from_another(faults: Faults) -> None:
    found = faults((", models_from: dev", ""), ("      models_from: staging\n", ""))
    message = (
        "delivery.pattern: deploy_models promotes models, and no stage (environments.yaml) has models_from"
    )
    assert any(message in fault for fault in found), found


def test_a_type_that_the_table_does_not_know_yet_can_be_acknowledged(folder: Path) -> None:
    path = folder / "promoted.yaml"
    path.write_text(path.read_text().replace("ml.m5.large", "ml.p4de.24xlarge"))
    around = folder / ENVIRONMENTS
    text = around.read_text()
    offers = "deploy_with: bootstrap-roles\n  offers: [ml.p4de.24xlarge]\n"
    around.write_text(text.replace("deploy_with: bootstrap-roles\n", offers))
    assert load_folder(folder).delivery is not None


def test_rejects_a_delivery_of_what_has_no_rollout(faults: Faults, folder: Path) -> None:
    shutil.copy(ROOT / "examples/services/serverless.yaml", folder)
    found = faults(("[production]", "[dev]\ndelivery: {pattern: deploy_models}"), file="serverless.yaml")
    assert "delivery: goes with a rollout only: without one no model version is promoted" in found[0]


def test_rejects_all_faults_of_all_files_at_once(faults: Faults, folder: Path) -> None:
    path = folder / "hybrid.yaml"
    path.write_text(path.read_text().replace("train_in: staging", "train_in: stagin"))
    found = faults(("at: tooling", "at: toling"), ("[[staging]]", "[[stagin]]"))
    assert {fault.partition(": ")[0] for fault in found} >= {
        f"services/environments.yaml:{line('at: tooling')}",
        f"services/environments.yaml:{line('[[staging]]')}",
        f"services/hybrid.yaml:{line('train_in', 'hybrid.yaml')}",
    }


def test_rejects_a_share_with_another_region_and_names_both(faults: Faults) -> None:
    more = "environments: [staging, prod-eu, prod-us]"
    found = faults(("environments: [staging, prod-eu]", more), file="hybrid.yaml")
    place = f"services/hybrid.yaml:{line('artifact:', 'hybrid.yaml')}: delivery.artifact"
    why = "a model in eu-west-1 (staging) cannot be shared with us-east-1 (prod-us): its endpoint reads"
    (fault,) = found
    assert fault.startswith(f"{place}: {why} artifacts of its own region")

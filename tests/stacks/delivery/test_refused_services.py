"""Services that are refused since they cannot be delivered."""

import shutil
from pathlib import Path

import pytest

from tests.stacks.conftest import ROOT
from tests.stacks.delivery.conftest import ENVIRONMENTS, Faults, line


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
            "    metric: accuracy\n    by: hand\n",
            "delivery.validation.by: must be 'batch_transform' or 'endpoint', got 'hand'",
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
            "trained-everywhere.yaml",
            "    instance_type: ml.m5.large\n    metric",
            "    instance_type: ml.m6i.large\n    metric",
            "delivery.validation.instance_type: eu-west-1 does not offer ml.m6i.large for hosting",
        ),
        (
            "promoted.yaml",
            "    instance_type: ml.m5.large\n",
            "    instance_type: ml.c5.large\n",
            "delivery.validation.instance_type: eu-west-1 does not offer ml.c5.large for transform",
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


def test_rejects_an_instance_type_once_for_all_environments_without_it(faults: Faults) -> None:
    (fault,) = faults(("ml.m5.large", "ml.p4de.24xlarge"), file="promoted.yaml")
    told = "(environments dev, staging, prod-eu); if the table is too old, list the type in dev.offers, "
    assert told in fault


def test_rejects_a_share_with_another_region_and_names_both(faults: Faults) -> None:
    more = "environments: [staging, prod-eu, prod-us]"
    found = faults(("environments: [staging, prod-eu]", more), file="hybrid.yaml")
    place = f"services/hybrid.yaml:{line('artifact:', 'hybrid.yaml')}: delivery.artifact"
    why = "a model in eu-west-1 (staging) cannot be shared with us-east-1 (prod-us): its endpoint reads"
    (fault,) = found
    assert fault.startswith(f"{place}: {why} artifacts of its own region")

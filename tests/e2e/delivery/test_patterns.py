"""The patterns that train, whole: a commit is trained where its pattern says so, and that is what is live.

`deploy_models` is shown by `make rehearse-pipeline`.
"""

from itertools import pairwise

import pytest

from tests.e2e.delivery.delivered import ENDPOINTS, Delivered, Delivery, Package
from tidegate_cli.rehearsal_pipeline.executions import SUCCEEDED, ExecutionTold
from tidegate_runtime.lineage import COMMIT, SOURCE_PACKAGE, TRAINING_JOB

pytestmark = pytest.mark.e2e

TRAINING = [name for name in ENDPOINTS if name != "hybrid-prod"]
_JOBS = ("train", "validate", "approve", "follow")


def require_done(execution: ExecutionTold, *names: str) -> None:
    """Require actions that have succeeded, one after the other."""
    found = [execution.action(name) for name in names]
    assert {name: each and each.status for name, each in zip(names, found, strict=True)} == dict.fromkeys(
        names, SUCCEEDED
    )
    assert all(before.ended <= after.began for before, after in pairwise(each for each in found if each))


def told(package: Package) -> dict[str, str]:
    return dict(package["CustomerMetadataProperties"])


def artifact(package: Package) -> str:
    return str(package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"])


def require_trained(delivery: Delivery, endpoint: str, *, before: Package | None) -> None:
    """Require that the version that is live was trained for the commit, for this very endpoint."""
    package = delivery.live[endpoint]
    assert package["ModelPackageGroupName"] == endpoint
    assert artifact(package).startswith(f"s3://{endpoint}-foundation"[:24])
    assert told(package)[COMMIT] == delivery.revision
    assert told(package)[TRAINING_JOB].startswith("pipelines-")
    assert SOURCE_PACKAGE not in told(package)
    if before is not None:
        assert package["ModelPackageVersion"] == before["ModelPackageVersion"] + 1
        assert told(package)[TRAINING_JOB] != told(before)[TRAINING_JOB]


@pytest.mark.parametrize("endpoint", TRAINING)
def test_where_a_pattern_trains_each_commit_brings_a_version_of_its_own(
    delivered: Delivered, endpoint: str
) -> None:
    first, second = delivered.first, delivered.second
    for delivery in (first, second):
        require_done(delivery.code, *(f"{endpoint}-{job}" for job in _JOBS))
    require_done(first.code, f"{endpoint}-hosting.{endpoint}-first", f"{endpoint}-train")
    require_trained(first, endpoint, before=None)
    require_trained(second, endpoint, before=first.live[endpoint])


@pytest.mark.parametrize("endpoint", TRAINING)
def test_a_later_version_is_compared_with_live_and_rolled_out_under_traffic(
    delivered: Delivered, endpoint: str
) -> None:
    validated, followed = (
        delivered.second.code.action(f"{endpoint}-{job}") for job in ("validate", "follow")
    )
    assert validated is not None
    assert "live" in validated.told
    assert followed is not None
    assert "2 steps" in followed.told


def test_deploy_code_trains_on_the_data_of_the_stage(delivered: Delivered) -> None:
    for delivery in (delivered.first, delivered.second):
        staging, prod = (told(delivery.live[f"deploy-code-{name}"]) for name in ("staging", "prod"))
        assert float(prod["rows"]) == pytest.approx(4 * float(staging["rows"]), abs=4)
        assert float(prod["accuracy"]) > float(staging["accuracy"])
        assert staging[TRAINING_JOB] != prod[TRAINING_JOB]


def test_hybrid_trains_in_staging_only_and_on_all_data(delivered: Delivered) -> None:
    for delivery in (delivered.first, delivered.second):
        hybrid, whole = (told(delivery.live[name]) for name in ("hybrid-staging", "deploy-code-prod"))
        assert hybrid["rows"] == whole["rows"]
        assert delivery.code.action("hybrid-prod-train") is None


def test_hybrid_promotes_what_staging_has_trained(delivered: Delivered) -> None:
    require_done(delivered.first.code, "hybrid-staging-follow", "hybrid-prod-hosting.hybrid-prod-first")
    jobs = ("register", "validate", "approve", "follow")
    require_done(delivered.models, "staging-follow", *(f"prod-{job}" for job in jobs))
    assert delivered.models.status == SUCCEEDED
    for delivery in (delivered.first, delivered.second):
        trained, promoted = (delivery.live[f"hybrid-{name}"] for name in ("staging", "prod"))
        assert promoted["ModelPackageGroupName"] == "hybrid-prod"
        assert told(promoted)[SOURCE_PACKAGE] == trained["ModelPackageArn"]
        for name in (COMMIT, TRAINING_JOB, "rows", "accuracy"):
            assert told(promoted)[name] == told(trained)[name]
        assert artifact(promoted).startswith("s3://hybrid-prod-foundation"[:24])


def test_every_execution_succeeds_and_no_caller_notices(delivered: Delivered) -> None:
    assert [each.code.status for each in (delivered.first, delivered.second)] == [SUCCEEDED] * 2
    assert delivered.failed == 0
    assert min(delivered.sent.values()) > 0

"""Whole deliveries: versions through three environments, each with its real controller in memory."""

from collections.abc import Callable
from itertools import count, pairwise

import pytest

from tests.lambdas.fakes.delivery import DeliveryWorld
from tests.lambdas.fakes.reports import Told
from tests.lambdas.fakes.world import package as inner
from tidegate_runtime.lineage import SOURCE_PACKAGE
from tidegate_runtime.versions import APPROVED

ENVIRONMENTS = ("dev", "staging", "prod")


def hosted() -> DeliveryWorld:
    """Return three environments with a live version each, as the code pipeline leaves them."""
    world = DeliveryWorld(*ENVIRONMENTS)
    world.born("dev")
    for before, name in pairwise(ENVIRONMENTS):
        live = world.run("first", before)
        told = world.run("first", name, package=package_of(live), artifact="copy")
        assert told.kind == "done", told
        world.environments[name].host()
    return world


def package_of(told: Told) -> str:
    assert told.variables is not None, told
    return told.variables["PackageArn"]


def promote(world: DeliveryWorld, package: str, name: str) -> Told:
    """Promote a version into an environment as a model pipeline does, and return the last report."""
    registered = world.run("register", name, package=package, artifact="copy")
    if registered.kind == "failed":
        return registered
    approved = world.run("approve", name, package=package_of(registered), pipeline="digits-model")
    if approved.kind == "failed":
        return approved
    return world.run("follow", name, package=package_of(approved))


def bad_in(world: DeliveryWorld, name: str, number: int) -> None:
    """Let a version fail on many requests in an environment."""
    world.environments[name].service.metrics.rates[inner(number)] = 0.2


def test_an_approved_version_reaches_production_and_each_step_tells_its_numbers() -> None:
    # GIVEN three environments, and a second version approved in the first one
    world = hosted()
    package = world.add("dev").arn
    # WHEN the pipeline follows it there, and promotes it twice
    assert world.run("follow", "dev", package=package).kind == "done"
    for name in ENVIRONMENTS[1:]:
        told = promote(world, package, name)
        # THEN it is live there, with what the judge has counted
        assert told.kind == "done"
        assert "requests judged, 5xx 0." in told.summary
        assert world.versions.versions[package_of(told)].metadata[SOURCE_PACKAGE] == package
        package = package_of(told)
        assert world.environments[name].live() == package
    assert package.endswith("digits-prod/2")


def test_a_bad_version_is_stopped_by_the_rollout_and_goes_no_further() -> None:
    world = hosted()
    package = world.add("dev").arn
    world.run("follow", "dev", package=package)
    bad_in(world, "staging", 2)
    told = promote(world, package, "staging")
    assert told.kind == "failed"
    assert told.summary.startswith("ROLLED_BACK: Version 2 was rolled back by the judge at step 1 of ")
    assert "What to do: look at the numbers with `tidegate explain" in told.summary
    assert world.environments["staging"].live() == world.run("first", "staging").variables["PackageArn"]  # type: ignore[index]
    assert len(world.environments["prod"].service.ledger.runs) == 1


def test_a_rejection_during_its_rollout_stops_a_version_and_its_delivery() -> None:
    world = hosted()
    package = world.add("dev").arn
    world.run("follow", "dev", package=package)
    registered = world.run("register", "staging", package=package, artifact="copy")
    world.run("approve", "staging", package=package_of(registered))
    told = world.begin("follow", "staging", package=package_of(registered))
    for _ in range(20):
        world.pass_time()
        told = world.look("follow", "staging", told, package=package_of(registered))
    assert (told.kind, "at" in told.summary) == ("goes_on", True)
    world.versions.change(package_of(registered), "Rejected")
    told = world.run("follow", "staging", package=package_of(registered))
    assert told.kind == "failed"
    assert "because it was rejected in the registry" in told.summary


def test_a_second_approval_during_a_rollout_follows_the_policy_and_both_deliveries_know_their_own() -> None:
    world = hosted()
    second = world.add("dev")
    world.begin("follow", "dev", package=second.arn)
    for _ in range(10):
        world.pass_time()
    third = world.add("dev")
    told = world.run("follow", "dev", package=third.arn)
    assert told.kind == "failed"
    assert told.summary.startswith("SUPERSEDED: Version 3 was not rolled out")
    assert "is in flight" in told.summary
    told = world.run("follow", "dev", package=second.arn)
    assert (told.kind, world.environments["dev"].live()) == ("done", second.arn)


def test_a_version_whose_rollout_came_to_nothing_is_approved_again_by_the_next_delivery() -> None:
    world = hosted()
    package = world.add("dev").arn
    bad_in(world, "staging", 2)
    assert promote(world, package, "staging").kind == "failed"
    world.environments["staging"].service.metrics.rates.clear()
    told = promote(world, package, "staging")
    assert told.kind == "done", told
    staging = world.environments["staging"]
    assert staging.live() == package_of(told)
    ends = [run.status for run in staging.every()]
    assert ends == ["PROMOTED", "ROLLED_BACK", "PROMOTED"]


def test_a_delivery_of_what_is_live_already_starts_no_rollout() -> None:
    world = hosted()
    package = world.add("dev").arn
    first = promote(world, package, "staging")
    runs = dict(world.environments["staging"].service.ledger.runs)
    second = promote(world, package, "staging")
    assert (second.kind, package_of(second)) == ("done", package_of(first))
    assert world.environments["staging"].service.ledger.runs.keys() == runs.keys()


@pytest.mark.parametrize("do", ["first", "register", "approve", "follow"])
def test_a_job_that_dies_after_any_of_its_calls_comes_to_the_same_end(do: str) -> None:
    for number in count(1):
        world = hosted()
        package = world.add("dev").arn
        world.settle()
        if not _crashing(world, do, number, package):
            break
    assert number > 3


def _crashing(world: DeliveryWorld, do: str, number: int, package: str) -> bool:
    """Promote into staging while a job's call of that number kills it; tell whether there was such a call."""
    staging = world.environments["staging"]
    if do == "first":
        staging.service.pointer.value, staging.service.stack.exists = None, False
        staging.service.ledger.runs.clear()
    steps: dict[str, Callable[[str], Told]] = {
        "first": lambda arn: world.run("first", "staging", package=arn, artifact="copy"),
        "register": lambda arn: world.run("register", "staging", package=arn, artifact="copy"),
        "approve": lambda arn: world.run("approve", "staging", package=arn),
        "follow": lambda arn: world.run("follow", "staging", package=arn),
    }
    arn, died = package, False
    for name in ("first",) if do == "first" else ("register", "approve", "follow"):
        if name == do:
            world.crash_in(number)
        arn = package_of(steps[name](arn))
        died = died or (name == do and world.died)
        world.dying = 0
    assert staging.live() == arn, number
    made = [one for one in world.versions.versions.values() if one.metadata.get(SOURCE_PACKAGE) == package]
    assert [one.approval for one in made] == [APPROVED], number
    assert [run.status for run in staging.every()][-1] == "PROMOTED"
    assert len(staging.of(arn.rpartition("/")[2])) == 1, "one approval, one rollout"
    assert world.artifacts.copies <= 3
    return died

"""The end of a rollout is the end of the action, and while it lasts the action says where it is."""

from dataclasses import replace

from tests.lambdas.fakes.delivery import DeliveryWorld
from tests.lambdas.fakes.world import package as inner
from tidegate_runtime.ports import Run


def approved() -> tuple[DeliveryWorld, str]:
    world = DeliveryWorld("staging")
    world.born("staging")
    return world, world.add("staging").arn


def test_a_rollout_that_has_not_started_is_waited_for_half_an_hour_and_then_says_where_to_look() -> None:
    world, package = approved()
    world.versions.events.clear()
    told = world.begin("follow", "staging", package=package)
    assert told.summary == "digits-staging/2 is Approved; its rollout on digits-staging has not started yet"
    began = world.world.time
    told = world.run("follow", "staging", package=package)
    assert world.world.time - began >= 1_800
    assert told.summary == (
        "no rollout of digits-staging/2 has started within 30 minutes: look at the alarm "
        "digits-staging-lost-events, and at the log of StartOnApproval in stack digits-staging-controller"
    )


def test_a_step_is_told_with_its_share_and_a_person_who_is_needed_with_the_reason() -> None:
    world, package = approved()
    told = world.begin("follow", "staging", package=package)
    said = []
    while told.kind == "goes_on" and "10 %" not in told.summary:
        world.pass_time()
        told = world.look("follow", "staging", told, package=package)
        said.append(told.summary)
    assert said[0] == "digits-staging/2 is PREPARING on digits-staging"
    assert said[-1] == "digits-staging/2 is STEPPING on digits-staging, step 1 of 2 at 10 %"
    ledger = world.environments["staging"].service.ledger
    (name,) = [name for name in ledger.runs if name.startswith("v2-")]
    ledger.runs[name] = replace(ledger.runs[name], status="NEEDS_HUMAN", body={"reason": "no data"})
    told = world.look("follow", "staging", told, package=package)
    assert told.summary == "digits-staging/2 needs a person: no data"


def test_what_waits_for_another_rollout_says_so() -> None:
    world, package = approved()
    ledger = world.environments["staging"].service.ledger
    ledger.runs["v2-1"] = Run(rollout_id="v2-1", status="QUEUED", body={})
    told = world.begin("follow", "staging", package=package)
    assert told.summary == "digits-staging/2 waits for the rollout in flight on digits-staging"


def test_a_named_rollout_is_followed_whatever_came_after() -> None:
    world, package = approved()
    world.settle()
    world.versions.change(package, "PendingManualApproval")
    world.environments["staging"].service.metrics.rates[inner(2)] = 0.3
    (first,) = [run.rollout_id for run in world.environments["staging"].of("2")]
    told = world.run("follow", "staging", package=package, rollout=first)
    assert told.kind == "done"
    told = world.begin("follow", "staging", package=package, rollout="v2-20991231T000000Z")
    assert told.kind == "goes_on"


def test_a_promotion_that_was_replaced_since_fails_with_what_is_live() -> None:
    world, package = approved()
    world.settle()
    world.environments["staging"].service.pointer.value = inner(9)
    told = world.run("follow", "staging", package=package)
    assert "digits-staging/2 was promoted by v2-" in told.summary
    assert told.summary.endswith("but digits-staging/9 is live by now")


def test_a_promotion_is_reported_once_stack_and_endpoint_agree() -> None:
    world, package = approved()
    world.settle()
    service = world.environments["staging"].service
    service.stack.package = inner(1)
    told = world.begin("follow", "staging", package=package)
    assert told.summary == "the stack digits-staging-hosting still runs digits-staging/1"
    service.stack.package = inner(2)
    assert world.look("follow", "staging", told, package=package).kind == "done"


def test_a_stack_without_its_endpoint_fails_the_action() -> None:
    world, package = approved()
    world.settle()
    world.environments["staging"].is_hosted = False
    told = world.begin("follow", "staging", package=package)
    assert told.kind == "failed"
    assert (
        told.summary
        == "the stack digits-staging-hosting is deployed, and there is no endpoint digits-staging"
    )


def test_a_version_that_is_rejected_before_its_rollout_starts_fails_at_once() -> None:
    world, package = approved()
    world.versions.events.clear()
    world.versions.change(package, "Rejected")
    world.versions.events.clear()
    told = world.begin("follow", "staging", package=package)
    assert told.summary == "digits-staging/2 was rejected before its rollout has started"

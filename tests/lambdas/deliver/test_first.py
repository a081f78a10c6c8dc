"""An environment gets its first version before it is hosted: by a person, by promotion, or by training."""

from tests.lambdas.fakes.delivery import DeliveryWorld
from tidegate_runtime.delivery_ports import TrainingRun
from tidegate_runtime.versions import PENDING


def test_the_first_environment_waits_for_a_person_and_says_for_what() -> None:
    world = DeliveryWorld("dev")
    told = world.begin("first", "dev")
    assert told.summary == "approve a version in the model package group digits-dev: none is live there yet"
    world.pass_time()
    version = world.add("dev")
    told = world.run("first", "dev")
    assert (told.summary, told.variables and told.variables["PackageArn"]) == (
        "digits-dev/1 is live",
        version.arn,
    )


def test_a_later_environment_gets_what_is_live_where_it_is_promoted_from() -> None:
    world = DeliveryWorld("dev", "staging")
    source = world.born("dev")
    told = world.begin("first", "staging", package=source, artifact="copy")
    assert told.summary == (
        "digits-staging/1 is approved; the controller makes it the first version of digits-staging"
    )
    told = world.run("first", "staging", package=source, artifact="copy")
    assert told.summary == "digits-staging/1 is live"
    (run,) = world.environments["staging"].every()
    assert (run.status, run.body["first"]) == ("PROMOTED", True)


def test_an_environment_that_trains_registers_approves_and_waits() -> None:
    world = DeliveryWorld("staging")

    def register() -> TrainingRun:
        return TrainingRun(status="Succeeded", packages=(world.add("staging", approval=PENDING).arn,))

    world.training.register = register
    told = world.run("first", "staging", training="digits-training")
    assert told.summary == "digits-staging/1 is live"


def test_a_first_version_that_the_controller_refuses_fails_with_its_reason() -> None:
    world = DeliveryWorld("dev", "staging")
    source = world.born("dev")
    told = world.begin("first", "staging", package=source, artifact="copy")
    world.versions.events.clear()
    staging = world.environments["staging"]
    staging.service.registry.change(1, "Rejected")
    staging.service.approve(1)
    world.settle()
    told = world.look("first", "staging", told, package=source, artifact="copy")
    assert (told.kind, staging.live()) == ("failed", None)
    assert "must be Approved, got Rejected" in told.summary
    # WHEN the action is tried again, the version is approved again
    assert world.run("first", "staging", package=source, artifact="copy").kind == "done"


def test_a_controller_that_does_nothing_is_waited_for_half_an_hour() -> None:
    world = DeliveryWorld("dev", "staging")
    source = world.born("dev")
    told = world.begin("first", "staging", package=source, artifact="copy")
    world.versions.events.clear()
    world.world.time += 1_800
    told = world.look("first", "staging", told, package=source, artifact="copy")
    assert told.kind == "failed"
    assert "is approved, and not live after 30 minutes: look at the alarm digits-staging-lost" in told.summary


def test_what_cannot_be_registered_fails_the_first_version_too() -> None:
    world = DeliveryWorld("dev", "staging")
    source = world.add("dev", approval=PENDING)
    told = world.run("first", "staging", package=source.arn, artifact="copy")
    assert told.summary == "digits-dev/1 is PendingManualApproval: only an approved version is promoted"

"""Which events start a rollback."""

from tests.lambdas.fakes.attachments import scaled
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.parts import BACK, OUT
from tidegate_runtime.ports import Execution

V2 = "v2-20261121T050102Z"


def stepping() -> Service:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    return service


def test_an_alarm_without_a_rollout_does_nothing() -> None:
    assert Service().deployed().alarm() == {"rollouts": {}}


def test_an_alarm_that_recovers_does_nothing() -> None:
    service = stepping()
    detail = {"alarmName": "a", "state": {"value": "OK"}}
    assert service.watchdog({"detail-type": "CloudWatch Alarm State Change", "detail": detail}) == {
        "rollouts": {}
    }


def test_an_alarm_names_itself_as_the_reason() -> None:
    service = stepping()
    service.alarm()
    document = service.executions.inputs[BACK, f"rb-{V2}"]
    assert (document["source"], document["reason"]) == ("alarm", "alarm digits-candidate-5xx: errors")


def test_two_alarms_start_one_rollback() -> None:
    service = stepping()
    service.alarm()
    service.alarm()
    assert [name for machine, name in service.executions.inputs if machine == BACK] == [f"rb-{V2}"]


def test_an_alarm_finds_the_rollout_without_a_ledger() -> None:
    service = stepping()
    service.world.faults.down = {"dynamodb"}
    assert service.alarm() == {"rollouts": {V2: f"started rb-{V2}"}}


def test_a_rollout_that_runs_is_left_alone() -> None:
    service = stepping()
    service.tick()
    assert (BACK, f"rb-{V2}") not in service.executions.inputs


def test_an_execution_that_failed_without_an_event_is_found_by_the_clock() -> None:
    service = stepping()
    service.executions.views[OUT, V2] = Execution(status="TIMED_OUT")
    service.tick()
    assert service.executions.inputs[BACK, f"rb-{V2}"]["source"] == "execution"


def test_an_execution_of_another_machine_is_ignored() -> None:
    service = stepping()
    detail = {"stateMachineArn": "other", "name": V2, "status": "FAILED"}
    answer = service.watchdog({"detail-type": "Step Functions Execution Status Change", "detail": detail})
    assert answer == {"rollouts": {}}


def test_a_lease_whose_holder_has_ended_is_given_back() -> None:
    service = stepping()
    lease = service.ledger.held
    service.run()
    service.ledger.held = lease
    service.tick()
    assert service.ledger.held is None


def test_the_clock_restores_scaling_that_a_deploy_has_left_detached() -> None:
    service = Service().deployed()
    restoring = service.watchdog.restoring
    restoring.record.write({"live": scaled()})
    answer = service.watchdog({"detail-type": "Scheduled Event"})
    assert answer == {"rollouts": {}, "restored": ["live"]}
    assert set(restoring.attachments.registered({"live": "ml.m5.large"})) == {"live"}


def test_rollbacks_start_also_when_scaling_cannot_be_restored() -> None:
    service = stepping()
    service.executions.views[OUT, V2] = Execution(status="TIMED_OUT")
    service.watchdog.restoring.record.write({"live": scaled()})
    service.world.faults.down = {"scaling"}
    service.tick()
    assert service.executions.inputs[BACK, f"rb-{V2}"]["source"] == "execution"

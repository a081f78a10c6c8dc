"""Who is told about the end of a rollout: once, whatever else is down."""

import io
import json
from dataclasses import replace

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, outcome
from tests.lambdas.fakes.world import package
from tidegate_runtime.adapters.embedded_metrics import EmbeddedMetrics


def bad() -> Service:
    service = Service().deployed()
    service.metrics.rates[package(2)] = 0.05
    return service


def subjects(service: Service) -> list[str]:
    return [notice.subject for notice in service.topic.sent]


def test_a_promotion_is_told_once_in_every_way() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run()
    assert subjects(service) == ["digits-rehearsal: version 2 PROMOTED"]
    assert [event["outcome"] for event in service.events.published] == ["PROMOTED"]
    ((ended, seconds),) = service.meter.ends
    body = service.ledger.runs[V2].body
    assert (ended, seconds) == ("PROMOTED", body["ended_at"] - body["started_at"])


def test_the_first_version_is_told_about() -> None:
    service = Service()
    service.approve(1)
    service.run()
    assert "as its first version" in service.topic.sent[0].text
    assert [event["outcome"] for event in service.events.published] == ["PROMOTED"]


def test_a_rollback_is_told_with_the_numbers_of_its_verdict() -> None:
    service = bad()
    service.approve(2)
    service.run()
    (notice,) = service.topic.sent
    reason = service.ledger.runs[V2].body["reason"]
    assert "rolled back by the judge at step 1 of 2, 10 % of the traffic" in notice.text
    assert f"Why: {reason}" in notice.text
    assert any(character.isdigit() for character in reason)


def test_an_approval_in_the_way_of_a_rollout_is_told_about() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    service.approve(3)
    assert subjects(service) == ["digits-rehearsal: version 3 SUPERSEDED"]
    assert service.events.published[0]["model_package_arn"] == package(3)


def test_waiting_for_a_human_is_told_and_its_end_as_well() -> None:
    service = Service().deployed()
    service.plan = replace(service.plan, on_no_data="needs_human")
    service.metrics.requests_per_second = 0
    service.approve(2)
    service.run()
    service.abort(V2)
    service.run()
    assert [ended for ended, _ in service.meter.ends] == ["NEEDS_HUMAN", "ROLLED_BACK"]
    assert "instance-hours" in service.topic.sent[0].text


@pytest.mark.parametrize("down", ["sns", "events", "meter"])
def test_a_notice_that_cannot_be_given_holds_up_neither_the_end_nor_the_others(down: str) -> None:
    service = bad()
    service.world.faults.down = {down}
    service.approve(2)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    told = {
        "sns": len(service.topic.sent),
        "events": len(service.events.published),
        "meter": len(service.meter.ends),
    }
    assert told == {name: int(name != down) for name in told}


def test_an_end_that_the_ledger_missed_is_told_by_the_watchdog() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: "WATCHED" in service.ledger.kinds(V2))
    run = service.ledger.runs[V2]
    service.run()
    # As if the record of the end had been lost with the notice of it.
    service.ledger.runs[V2] = replace(run, revision=service.ledger.runs[V2].revision)
    service.tick()
    assert outcome(service) == "PROMOTED"
    assert subjects(service) == ["digits-rehearsal: version 2 PROMOTED"] * 2


def test_metrics_are_a_line_of_the_log_in_the_embedded_format() -> None:
    stream = io.StringIO()
    meter = EmbeddedMetrics(endpoint_name="digits", stream=stream)
    meter.ended(outcome="ROLLED_BACK", at=1_700_000_000.5, seconds=90.25)
    line = json.loads(stream.getvalue())
    metadata = line.pop("_aws")
    assert metadata["Timestamp"] == 1_700_000_000_500
    (directive,) = metadata["CloudWatchMetrics"]
    assert directive["Namespace"] == "Tidegate"
    named = {metric["Name"] for metric in directive["Metrics"]} | set(directive["Dimensions"][-1])
    assert line == {
        "Endpoint": "digits",
        "Outcome": "ROLLED_BACK",
        "Rollouts": 1,
        "RolloutSeconds": 90.25,
    }
    assert named == set(line), "each name must be in the line"

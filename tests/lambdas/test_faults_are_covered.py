"""Every fault that a rollout may meet, and where it is proven: an action and a test, or nowhere yet."""

from pathlib import Path
from typing import Final

import pytest

import tests.lambdas.fakes.actions  # noqa: F401  (fills the table)
from tests.lambdas.fakes.action_table import ACTIONS

ROOT: Final = Path(__file__).parent
OTHERS: Final = "test_others_in_the_way.py"
WHOLE: Final = "test_whole_rollouts.py"
WIRE: Final = "tidegate_runtime/adapters/test_wire.py"
SAGEMAKER: Final = "tidegate_runtime/adapters/test_sagemaker.py"
CRASH: Final = "test_crash_after_every_call.py"
BACK: Final = "roll_back/test_logic.py"

FAULTS: Final[dict[int, tuple[str, str, str]]] = {
    1: ("UpdateEndpoint is throttled", OTHERS, "test_a_throttled_update_is_tried_again_and_updates_once"),
    2: ("read timeout, applied", OTHERS, "test_an_update_that_was_applied_though_its_answer_was_lost"),
    3: ("read timeout, not applied", WIRE, "test_a_read_timeout_is_transient_"),
    4: ("our own repetition is refused", WIRE, "test_botocores_own_repetition_"),
    5: ("another actor updates", OTHERS, "test_a_configuration_of_another_actor_stops_the_rollout"),
    6: ("a new configuration does not exist yet", SAGEMAKER, "test_an_error_of_"),
    8: (
        "in service with the old configuration",
        WHOLE,
        "test_a_container_that_fails_its_health_check_is_noticed_",
    ),
    9: ("a failure reason or none", WHOLE, "test_a_container_that_fails_its_health_check_is_noticed_"),
    10: ("SystemUpdating before", "check/test_logic.py", "test_an_endpoint_that_is_scaling_is_waited_for"),
    11: (
        "SystemUpdating during",
        "judge/test_logic.py",
        "test_a_pass_waits_until_the_endpoint_is_in_service",
    ),
    12: ("RollingBack is seen", WHOLE, "test_a_container_that_fails_its_health_check_is_noticed_"),
    13: ("UpdateRollbackFailed", BACK, "test_an_update_whose_rollback_failed_is_applied_again_"),
    14: ("Failed, OutOfService", BACK, "test_an_endpoint_that_cannot_recover_needs_a_human_"),
    16: ("quota or capacity", OTHERS, "test_an_update_that_sagemaker_refuses_moves_no_traffic"),
    17: (
        "artifact missing, container broken",
        "check/test_logic.py",
        "test_rejects_with_a_named_error_and_touches_",
    ),
    18: ("denied", OTHERS, "test_an_update_that_sagemaker_refuses_moves_no_traffic"),
    20: ("KMS key disabled", WHOLE, "test_a_container_that_fails_its_health_check_is_noticed_"),
    21: ("alarm without data", "watchdog/test_logic.py", "test_an_alarm_that_recovers_does_nothing"),
    25: (
        "metrics arrive late",
        "shift/test_logic.py",
        "test_only_buckets_that_begin_after_the_weights_were_obser",
    ),
    26: ("no traffic", WHOLE, "test_a_candidate_without_traffic_is_never_promoted"),
    27: ("incomplete metrics", WHOLE, "test_incomplete_metrics_for_the_whole_bake_roll_back_"),
    28: ("zero denominator", WHOLE, "test_a_candidate_without_traffic_is_never_promoted"),
    29: ("CloudWatch is down", WHOLE, "test_cloudwatch_down_rolls_back"),
    31: ("time-out between write and record", CRASH, "test_the_end_is_the_same_after_"),
    32: ("duplicate event", OTHERS, "test_a_duplicate_approval_has_one_effect"),
    33: ("out of memory", CRASH, "test_the_end_is_the_same_after_"),
    34: ("too many requests of Lambda", "test_invariants.py", "test_drawn_schedules_break_no_promise"),
    35: ("execution aborted or timed out", WHOLE, "test_an_aborted_execution_leads_to_the_rollback"),
    37: (
        "approval during a rollout",
        OTHERS,
        "test_rejects_a_second_rollout_in_flight_and_says_so_in_the_ledger",
    ),
    38: ("scaling changes counts", OTHERS, "test_a_count_that_scaling_raised_survives_the_promotion"),
    40: ("services beside are down", WHOLE, "test_a_rollback_needs_none_of_the_services_beside_it"),
    41: (
        "a deploy in the middle",
        OTHERS,
        "test_a_deploy_during_a_rollout_is_refused_and_the_rollout_goes_on",
    ),
}
"""By number: the fault, and file and beginning of the name of a test; actions name theirs themselves."""

NOT_COVERED: Final = {
    19: "denied only on the rollback's call: no preflight asks for that permission",
    22: "an alarm is missing: no preflight looks for the candidate's alarms",
    23: "an alarm of live burns at the start: no check reads it",
    30: "ModelNotReady in a warm-up: there is no warm-up call",
}


@pytest.mark.parametrize("number", FAULTS)
def test_a_fault_has_a_named_test_and_an_action(number: int) -> None:
    fault, file, name = FAULTS[number]
    assert f"def {name}" in (ROOT / file).read_text(), fault
    assert [one for one, action in ACTIONS.items() if number in action.faults], fault


def test_what_is_not_covered_is_said_and_nothing_else_is_missing() -> None:
    numbers = {*range(1, 42)} - {7, 15, 24, 36, 39}
    assert {*FAULTS, *NOT_COVERED} == numbers
    acted = {number for action in ACTIONS.values() for number in action.faults}
    assert acted == set(FAULTS)

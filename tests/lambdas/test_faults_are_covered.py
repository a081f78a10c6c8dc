"""Every fault that a rollout may meet: its action, its tests in memory, over the wire, on the local cloud."""

from pathlib import Path
from typing import Final

import pytest

import tests.lambdas.fakes.actions  # noqa: F401  (fills the table)
from tests.lambdas.fakes.action_table import ACTIONS

ROOT: Final = Path(__file__).parent
E2E: Final = ROOT.parent / "e2e"
OTHERS: Final = "test_others_in_the_way.py"
WHOLE: Final = "test_whole_rollouts.py"
SAGEMAKER: Final = "tidegate_runtime/adapters/test_sagemaker.py"
CRASH: Final = "test_crash_after_every_call.py"
LIVE: Final = "test_trouble_of_live.py"
BACK: Final = "roll_back/test_logic.py"

FAULTS: Final[dict[int, tuple[str, str, str]]] = {
    1: ("UpdateEndpoint is throttled", OTHERS, "test_a_throttled_update_is_tried_again_and_updates_once"),
    2: ("read timeout, applied", OTHERS, "test_an_update_that_was_applied_though_its_answer_was_lost"),
    3: ("read timeout, not applied", OTHERS, "test_a_throttled_update_is_tried_again_and_updates_once"),
    4: ("our own repetition is refused", "test_invariants.py", "test_drawn_schedules_break_no_promise"),
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
    19: (
        "denied only on the rollback's call",
        "roll_back/test_preflight.py",
        "test_a_permission_that_only_the_rollback_needs_is_missed_before_anything_is_touched",
    ),
    20: ("KMS key disabled", WHOLE, "test_a_container_that_fails_its_health_check_is_noticed_"),
    21: ("alarm without data", "watchdog/test_logic.py", "test_an_alarm_that_recovers_does_nothing"),
    22: ("an alarm is missing", LIVE, "test_rejects_to_start_without_its_alarms"),
    23: ("an alarm of live burns at the start", LIVE, "test_rejects_to_start_while_an_alarm_of_live_burns_"),
    25: (
        "metrics arrive late",
        "shift/test_logic.py",
        "test_only_buckets_that_begin_after_the_weights_were_obser",
    ),
    26: ("no traffic", WHOLE, "test_a_candidate_without_traffic_is_never_promoted"),
    27: ("incomplete metrics", WHOLE, "test_incomplete_metrics_for_the_whole_bake_roll_back_"),
    28: ("zero denominator", WHOLE, "test_a_candidate_without_traffic_is_never_promoted"),
    29: ("CloudWatch is down", WHOLE, "test_cloudwatch_down_rolls_back"),
    30: (
        "the model is not ready",
        "test_samples_first.py",
        "test_a_version_that_is_still_warming_up_is_waited_for",
    ),
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

UPDATES: Final = "wire/test_updates.py"
HEALTH: Final = "wire/test_health.py"
METRICS: Final = "wire/test_metrics.py"
CALLS: Final = "wire/test_every_call.py"
BESIDE: Final = "wire/test_beside.py"

ON_THE_WIRE: Final[dict[int, tuple[str, str]]] = {
    1: (UPDATES, "test_a_throttled_change_is_sent_again_and_applied_once"),
    2: (UPDATES, "test_a_change_whose_answer_was_lost_is_adopted_"),
    3: (UPDATES, "test_a_change_that_never_arrived_is_sent_again"),
    4: (UPDATES, "test_botocores_own_repetition_is_refused_as_in_progress_"),
    5: (UPDATES, "test_an_endpoint_that_another_actor_is_updating_"),
    6: (UPDATES, "test_a_configuration_that_is_not_visible_yet_"),
    8: (UPDATES, "test_an_endpoint_in_service_with_its_old_configuration_"),
    9: (UPDATES, "test_an_endpoint_in_service_with_its_old_configuration_"),
    10: (UPDATES, "test_a_system_update_at_the_start_is_waited_for"),
    11: (UPDATES, "test_a_system_update_during_a_step_holds_the_rollout"),
    12: (UPDATES, "test_an_endpoint_in_service_with_its_old_configuration_"),
    13: (UPDATES, "test_an_update_whose_own_rollback_failed_is_applied_once_more"),
    14: (UPDATES, "test_an_endpoint_that_does_not_recover_needs_a_human_"),
    16: (UPDATES, "test_a_refusal_for_good_is_sent_once_and_moves_no_traffic"),
    17: (UPDATES, "test_an_artifact_that_cannot_be_read_"),
    18: (UPDATES, "test_a_refusal_for_good_is_sent_once_and_moves_no_traffic"),
    19: (HEALTH, "test_a_permission_that_only_the_rollback_needs_is_missed_before_anything_is_touched"),
    20: (UPDATES, "test_an_endpoint_in_service_with_its_old_configuration_"),
    21: (METRICS, "test_an_alarm_without_data_asks_nothing_of_anybody"),
    22: (HEALTH, "test_rejects_to_start_without_an_alarm"),
    23: (HEALTH, "test_rejects_to_start_while_an_alarm_of_live_burns"),
    25: (METRICS, "test_only_metrics_that_began_after_the_weights_were_observed_"),
    26: (METRICS, "test_a_candidate_without_a_single_data_point_is_never_promoted"),
    27: (METRICS, "test_metrics_that_are_never_complete_are_no_measurement_"),
    28: (METRICS, "test_errors_without_requests_"),
    29: (METRICS, "test_cloudwatch_down_for_the_whole_bake_rolls_back"),
    30: ("wire/test_samples.py", "test_a_model_that_is_not_ready_is_asked_again_"),
    31: (CALLS, "test_a_function_that_dies_at_a_change_runs_again_to_the_same_end"),
    32: (BESIDE, "test_a_duplicate_approval_finds_its_execution_"),
    33: (CALLS, "test_a_function_that_dies_at_a_change_runs_again_to_the_same_end"),
    34: (CALLS, "test_too_many_requests_delay_a_rollout_and_nothing_else"),
    35: (BESIDE, "test_an_execution_that_was_aborted_or_timed_out_"),
    37: (BESIDE, "test_an_approval_that_waits_starts_at_the_end_"),
    38: (BESIDE, "test_a_count_that_scaling_raised_during_a_step_"),
    40: (BESIDE, "test_a_rollback_of_traffic_and_configuration_needs_none_"),
    41: (BESIDE, "test_a_deploy_during_a_rollout_is_refused_"),
}
"""By number: file and beginning of the name of a test with boto3's real clients."""

ON_THE_LOCAL_CLOUD: Final[dict[int, tuple[str, str]]] = {
    5: ("test_faults.py", "test_weights_that_somebody_else_changes_stop_the_rollout"),
    8: ("test_canaries.py", "test_a_container_that_fails_its_ping_is_noticed_"),
    9: ("test_canaries.py", "test_a_container_that_fails_its_ping_is_noticed_"),
    12: ("test_canaries.py", "test_a_container_that_fails_its_ping_is_noticed_"),
    17: ("test_canaries.py", "test_a_container_that_fails_its_ping_is_noticed_"),
    18: ("test_faults.py", "test_an_update_that_the_role_may_not_make_"),
    19: ("test_faults.py", "test_a_permission_that_only_the_rollback_needs_"),
    21: ("test_canaries.py", "test_an_alarm_that_loses_its_data_neither_stops_a_rollout_nor_helps_it"),
    22: ("test_faults.py", "test_rejects_a_rollout_without_one_of_its_alarms"),
    23: ("test_faults.py", "test_rejects_a_rollout_while_an_alarm_of_live_burns"),
    26: (
        "quick/test_plans.py",
        "test_a_newer_approval_supersedes_the_rollout_in_flight_and_without_",
    ),
    28: ("test_ways_back.py", "test_the_alarm_stops_a_candidate_that_the_judge_cannot_compare_with_live"),
    32: ("test_deploys.py", "test_a_duplicate_approval_event_starts_one_rollout"),
    34: ("test_faults.py", "test_a_rollback_whose_function_is_throttled_is_tried_until_it_runs"),
    35: ("test_ways_back.py", "test_an_execution_that_somebody_stops_is_an_event_"),
    37: ("quick/test_in_a_row.py", "test_the_second_approval_waits_and_starts_by_itself_"),
    38: ("test_faults.py", "test_a_count_that_the_scaler_changed_during_the_step_survives_the_rollback"),
    40: ("test_faults.py", "test_a_rollback_takes_traffic_and_configuration_back_without_ledger_"),
    41: ("test_deploys.py", "test_rejects_a_hosting_deploy_during_a_rollout_before_anything_changes"),
}
"""By number: file and beginning of the name of a proof with the real CDK CLI."""

NOT_ON_THE_LOCAL_CLOUD: Final = {
    1: "it never throttles",
    2: "its answers always arrive",
    3: "its answers always arrive",
    4: "its answers always arrive",
    6: "it is consistent",
    10: "it is never maintained",
    11: "it is never maintained",
    13: "its rollbacks of an update do not fail: the old fleet still runs",
    14: "its endpoints fail only while they are created",
    16: "it has as many instances as it is asked for",
    20: "it does not encrypt volumes",
    25: "its metrics are there at once",
    27: "its answers are complete",
    29: "it is up as long as the test is",
    30: "its models are loaded before they are in service",
    31: "nothing there lets a function die at a call of one's choice",
    33: "nothing there lets a function die at a call of one's choice",
}
"""By number: why the local cloud cannot produce it."""


@pytest.mark.parametrize("number", FAULTS)
def test_a_fault_has_a_named_test_and_an_action(number: int) -> None:
    fault, file, name = FAULTS[number]
    assert f"def {name}" in (ROOT / file).read_text(), fault
    assert [one for one, action in ACTIONS.items() if number in action.faults], fault


@pytest.mark.parametrize("number", ON_THE_WIRE)
def test_a_fault_has_a_named_test_with_boto3s_real_clients(number: int) -> None:
    file, name = ON_THE_WIRE[number]
    assert f"def {name}" in (ROOT / file).read_text(), FAULTS[number][0]


@pytest.mark.parametrize("number", ON_THE_LOCAL_CLOUD)
def test_a_fault_that_the_local_cloud_can_produce_has_a_named_proof_there(number: int) -> None:
    file, name = ON_THE_LOCAL_CLOUD[number]
    assert f"def {name}" in (E2E / file).read_text(), FAULTS[number][0]


def test_every_fault_is_met_over_the_wire_and_on_the_local_cloud_unless_it_cannot_produce_it() -> None:
    assert set(ON_THE_WIRE) == {*ON_THE_LOCAL_CLOUD, *NOT_ON_THE_LOCAL_CLOUD} == set(FAULTS)
    assert not set(ON_THE_LOCAL_CLOUD) & set(NOT_ON_THE_LOCAL_CLOUD)


def test_no_fault_is_missing() -> None:
    assert set(FAULTS) == {*range(1, 42)} - {7, 15, 24, 36, 39}
    acted = {number for action in ACTIONS.values() for number in action.faults}
    assert acted == set(FAULTS)

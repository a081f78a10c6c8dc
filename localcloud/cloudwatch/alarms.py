"""The registry of alarms, and their evaluation on the cloud clock.

Sources: Alarm evaluation,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html; PutMetricAlarm (a new
alarm starts in INSUFFICIENT_DATA, an updated one keeps its state), PutCompositeAlarm, SetAlarmState and
DeleteAlarms, https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Operations.html
"""

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from localcloud.clock import CloudClock
from localcloud.cloudwatch.alarm import Alarm, State
from localcloud.cloudwatch.alarm_definition import MetricDefinition, metric_definition
from localcloud.cloudwatch.alarm_events import Emit, Notify, Transition
from localcloud.cloudwatch.alarm_reason import CREATED, composite_state, metric_state
from localcloud.cloudwatch.alarm_rule import AlarmRule, parse_rule
from localcloud.cloudwatch.alarm_scaling import (
    REPEAT_SECONDS,
    PolicyRuns,
    RunPolicy,
    check_actions,
    policy_actions,
)
from localcloud.cloudwatch.alarm_state import StateValue
from localcloud.cloudwatch.store import MetricStore
from localcloud.errors import AwsError, NotEmulated

TICK_SECONDS = 10
"""Cloud seconds between two looks at the alarms: the shortest interval CloudWatch evaluates at."""
DELAY_SECONDS = 2
"""Cloud seconds after the end of a period at which it is evaluated, so that its last samples have arrived."""

Cause = tuple[str, StateValue, float]


class Alarms:
    """All alarms of the local cloud; safe to use from any thread.

    `emit`, `notify` and `run_policy` are called outside the lock, in the order of the transitions.

    Attributes:
        run_policy: runs a scaling policy; without it, alarms with such actions are refused.

    """

    def __init__(self, clock: CloudClock, store: MetricStore, emit: Emit, notify: Notify | None) -> None:
        self._clock = clock
        self._store = store
        self._emit = emit
        self._notify = notify
        self.run_policy: RunPolicy | None = None
        self._lock = threading.RLock()
        self._alarms: dict[str, Alarm] = {}
        self._outbox: deque[Transition | PolicyRuns] = deque()
        self._ticking = False

    def put_metric(self, params: Mapping[str, Any]) -> None:
        """Create or update a metric alarm; it is evaluated at the next tick."""
        self._put(params, metric_definition(params))

    def put_composite(self, params: Mapping[str, Any]) -> None:
        """Create or update a composite alarm; its children must exist, and it may not depend on itself."""
        rule = parse_rule(params["AlarmRule"])
        with self._lock:
            unknown = sorted(set(rule.children) - set(self._alarms) - {params["AlarmName"]})
            if unknown:
                raise AwsError(
                    "ValidationError", f"alarms in the alarm rule do not exist: {', '.join(unknown)}"
                )
            try:
                self._composites({params["AlarmName"]: rule})
            except CycleError:
                raise NotEmulated(
                    "CloudWatch composite alarms that depend on each other in a circle"
                ) from None
            self._put(params, rule)

    def get(self, name: str) -> Alarm:
        """Return an alarm.

        Raises:
            AwsError: ResourceNotFound (404), when there is none of that name.

        """
        with self._lock:
            if name not in self._alarms:
                raise AwsError("ResourceNotFound", f"alarm {name} does not exist", 404)
            return self._alarms[name]

    def all(self) -> list[Alarm]:
        """Return all alarms, sorted by name."""
        with self._lock:
            return [self._alarms[name] for name in sorted(self._alarms)]

    def delete(self, names: Iterable[str]) -> None:
        """Delete alarms; names that do not exist are passed over."""
        with self._lock:
            doomed = [self._alarms[name] for name in names if name in self._alarms]
            if sum(alarm.is_composite for alarm in doomed) > 1:
                raise AwsError("ValidationError", "at most one composite alarm can be deleted in one call")
            gone = {alarm.name for alarm in doomed}
            for other in self._alarms.values():
                held = gone & set(_children(other))
                if other.name not in gone and held:
                    raise AwsError(
                        "ValidationError", f"{sorted(held)} cannot be deleted: {other.name} depends on it"
                    )
            for name in gone:
                del self._alarms[name]

    def set_state(self, name: str, state: State) -> None:
        """Set a state for testing; a metric alarm returns to its actual one at its next evaluation."""
        with self._lock:
            self._enter(self.get(name), state)
            self._propagate({name})
        self.deliver()

    def enable_actions(self, names: Iterable[str], *, enabled: bool) -> None:
        """Switch the actions of alarms on or off; unknown names are passed over."""
        with self._lock:
            for name in names:
                if name in self._alarms:
                    self._alarms[name].actions_enabled = enabled

    def evaluate(self) -> None:
        """Evaluate every alarm whose interval has passed, then tell of the transitions."""
        with self._lock:
            now = self._clock.now()
            changed = {alarm.name for alarm in self._alarms.values() if self._evaluate(alarm, now)}
            self._propagate(changed)
            for alarm in self._alarms.values():
                if alarm.acted_at is not None and now >= alarm.acted_at + REPEAT_SECONDS:
                    self._run_policies(alarm, now)
        self.deliver()

    def deliver(self) -> None:
        """Tell of the transitions that have not been told yet."""
        while True:
            try:
                told = self._outbox.popleft()
            except IndexError:
                return
            if isinstance(told, PolicyRuns):
                told.deliver(self.run_policy)
            else:
                told.deliver(self._emit, self._notify)

    def _put(self, params: Mapping[str, Any], definition: MetricDefinition | AlarmRule) -> None:
        check_actions(params, notifies=self._notify is not None, scales=self.run_policy is not None)
        now = self._clock.now()
        with self._lock:
            before = self._alarms.get(params["AlarmName"])
            if before is not None and before.is_composite != isinstance(definition, AlarmRule):
                raise AwsError("ValidationError", f"an alarm of another type is named {before.name}")
            given = {each["Key"]: each["Value"] for each in params.get("Tags") or ()}
            self._alarms[params["AlarmName"]] = Alarm(
                name=params["AlarmName"],
                params=dict(params),
                definition=definition,
                state=before.state if before else State(value="INSUFFICIENT_DATA", reason=CREATED, at=now),
                configured_at=now,
                actions_enabled=params.get("ActionsEnabled", True),
                tags=before.tags if before else given,
                acted_at=before.acted_at if before else None,
            )
            if not self._ticking:
                self._ticking = True
                self._schedule()

    def _schedule(self) -> None:
        now = self._clock.now() - DELAY_SECONDS
        self._clock.after(TICK_SECONDS - now % TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        with self._lock:
            if not self._alarms:
                self._ticking = False
                return
            self._schedule()
        self.evaluate()

    def _evaluate(self, alarm: Alarm, now: float) -> bool:
        """Evaluate a metric alarm if it is due; return whether its state changed."""
        definition = alarm.definition
        if isinstance(definition, AlarmRule):
            return False
        interval = int(now // definition.interval)
        if alarm.evaluated == interval:
            return False
        alarm.evaluated = interval
        if definition.has_too_few_samples(self._store, now):
            return False
        points = definition.points(self._store, now)
        value = definition.condition.state([point for _, point in points], alarm.state.value)
        if value == alarm.state.value:
            return False
        return self._enter(alarm, metric_state(definition, value, points, now))

    def _enter(self, alarm: Alarm, state: State) -> bool:
        previous, alarm.state = alarm.state, state
        if state.value == previous.value:
            return False
        self._outbox.append(Transition.of(alarm, previous))
        self._run_policies(alarm, self._clock.now())
        return True

    def _run_policies(self, alarm: Alarm, now: float) -> None:
        alarm.acted_at = now
        definition = alarm.definition
        if isinstance(definition, MetricDefinition) and policy_actions(alarm):
            self._outbox.append(PolicyRuns.of(alarm, definition, definition.points(self._store, now)))

    def _propagate(self, changed: set[str]) -> None:
        """Evaluate new composite alarms and those above changed alarms, children before parents."""
        for name in self._composites({}):
            alarm = self._alarms[name]
            rule = alarm.definition
            if not isinstance(rule, AlarmRule):
                continue
            causes = [self._alarms[child] for child in rule.children if child in changed]
            if alarm.evaluated is not None and not causes:
                continue
            alarm.evaluated = 0
            value: StateValue = "ALARM" if rule.holds(lambda child: self._alarms[child].state.value) else "OK"
            cause = (causes[0].arn, causes[0].state.value, causes[0].state.at) if causes else None
            state = composite_state(alarm.arn, value, cause, self._clock.now())
            if value != alarm.state.value and self._enter(alarm, state):
                changed.add(name)

    def _composites(self, extra: Mapping[str, AlarmRule]) -> list[str]:
        """Return every alarm, children before the composite alarms above them."""
        needs = {name: set(_children(alarm)) for name, alarm in self._alarms.items()}
        needs |= {name: set(rule.children) for name, rule in extra.items()}
        return list(TopologicalSorter(needs).static_order())


def _children(alarm: Alarm) -> tuple[str, ...]:
    return alarm.definition.children if isinstance(alarm.definition, AlarmRule) else ()

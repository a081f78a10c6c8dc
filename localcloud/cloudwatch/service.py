"""CloudWatch: metrics and alarms on the cloud clock.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Operations.html
"""

from collections.abc import Mapping
from typing import Any

from localcloud.clock import CloudClock
from localcloud.cloudwatch import alarms_api, metrics_api
from localcloud.cloudwatch.alarm_events import Emit, Notify
from localcloud.cloudwatch.alarm_scaling import RunPolicy
from localcloud.cloudwatch.alarms import Alarms
from localcloud.cloudwatch.store import MetricStore
from localcloud.cloudwatch.wire import Response, answer
from localcloud.protocol import JsonService

Params = Mapping[str, Any]


class CloudWatch(JsonService):
    """Metrics and alarms; safe to use from any thread.

    Args:
        clock: the cloud clock.
        emit: puts an event on the default bus (source, detail type, detail, resources).
        notify: publishes to an SNS topic (topic ARN, subject, message); without it, alarms with actions are
            refused.
        store: where samples are kept; a new store by default.

    Example:
        cloudwatch = CloudWatch(clock, emit)
        cloudwatch.call("DescribeAlarms", {"AlarmNames": ["digits-candidate-5xx"]})

    """

    validation_code = "ValidationError"

    def __init__(
        self,
        clock: CloudClock,
        emit: Emit,
        *,
        notify: Notify | None = None,
        store: MetricStore | None = None,
    ) -> None:
        super().__init__("cloudwatch")
        self.metrics = store if store is not None else MetricStore()
        self._clock = clock
        self._alarms = Alarms(clock, self.metrics, emit, notify)

    async def handle(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query: Mapping[str, list[str]],
    ) -> Response:
        """Answer one HTTP request, in AWS JSON 1.0 (what boto3 speaks) or in the query protocol."""
        del method, path  # neither protocol uses them
        return answer(self, headers, body, query)

    def attach_scaling(self, run_policy: RunPolicy) -> None:
        """Let alarms run scaling policies; before, alarms with such actions are refused.

        Args:
            run_policy: runs the policy with this ARN for the alarm that is described.

        """
        self._alarms.run_policy = run_policy

    def evaluate_alarms(self) -> None:
        """Evaluate every alarm whose interval has passed; the clock does this every 10 cloud seconds."""
        self._alarms.evaluate()

    def op_put_metric_data(self, params: Params) -> dict[str, Any]:
        """Store samples."""
        return metrics_api.put_metric_data(self.metrics, self._clock, params)

    def op_get_metric_data(self, params: Params) -> dict[str, Any]:
        """Answer queries, metric math included."""
        return metrics_api.get_metric_data(self.metrics, self._clock, params)

    def op_get_metric_statistics(self, params: Params) -> dict[str, Any]:
        """Answer statistics of one metric."""
        return metrics_api.get_metric_statistics(self.metrics, self._clock, params)

    def op_list_metrics(self, params: Params) -> dict[str, Any]:
        """List metrics."""
        return metrics_api.list_metrics(self.metrics, self._clock, params)

    def op_put_metric_alarm(self, params: Params) -> dict[str, Any]:
        """Create or update a metric alarm."""
        self._alarms.put_metric(params)
        return {}

    def op_put_composite_alarm(self, params: Params) -> dict[str, Any]:
        """Create or update a composite alarm."""
        return alarms_api.put_composite_alarm(self._alarms, params)

    def op_describe_alarms(self, params: Params) -> dict[str, Any]:
        """List alarms."""
        return alarms_api.describe_alarms(self._alarms, params)

    def op_delete_alarms(self, params: Params) -> dict[str, Any]:
        """Delete alarms."""
        self._alarms.delete(params["AlarmNames"])
        return {}

    def op_set_alarm_state(self, params: Params) -> dict[str, Any]:
        """Set a state for testing."""
        return alarms_api.set_alarm_state(self._alarms, self._clock, params)

    def op_enable_alarm_actions(self, params: Params) -> dict[str, Any]:
        """Switch actions on."""
        self._alarms.enable_actions(params["AlarmNames"], enabled=True)
        return {}

    def op_disable_alarm_actions(self, params: Params) -> dict[str, Any]:
        """Switch actions off; state change events are still sent."""
        self._alarms.enable_actions(params["AlarmNames"], enabled=False)
        return {}

    def op_list_tags_for_resource(self, params: Params) -> dict[str, Any]:
        """List the tags of an alarm."""
        return alarms_api.list_tags(self._alarms, params)

    def op_tag_resource(self, params: Params) -> dict[str, Any]:
        """Tag an alarm."""
        return alarms_api.tag(self._alarms, params)

    def op_untag_resource(self, params: Params) -> dict[str, Any]:
        """Remove tags of an alarm."""
        return alarms_api.untag(self._alarms, params)

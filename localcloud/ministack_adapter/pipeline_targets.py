"""EventBridge rules whose target is a pipeline, which ministack does not know.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/triggering.html (the input of the target may
give variables and source revisions as StartPipelineExecution has them)
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.services import eventbridge

from localcloud.errors import AwsError

Start = Callable[[str, str, Mapping[str, Any]], None]
"""Starts a pipeline: name, ARN of the rule, request."""

_logger: Final = logging.getLogger(__name__)
_PIPELINE: Final = "arn:aws:codepipeline:"
_INPUTS: Final = ("Input", "InputPath", "InputTransformer")
_MEMBERS: Final = frozenset({"variables", "sourceRevisions"})


def install(start: Start) -> None:
    """Let rules start pipelines.

    Args:
        start: starts one.

    """
    original_invoke, original_lambda = eventbridge._invoke_target, eventbridge._dispatch_to_lambda
    current = threading.local()

    def invoke(target: Mapping[str, Any], event: Any, rule: Mapping[str, Any], view: Any = None) -> None:
        current.pipeline = None
        arn = target.get("Arn", "")
        if arn.startswith(_PIPELINE):
            _, _, _, region, account, name = arn.split(":", 5)
            current.pipeline = (name, rule.get("Arn", ""), any(each in target for each in _INPUTS))
            # ministack prepares the input of a function's event; the function is never looked up.
            target = {**target, "Arn": f"arn:aws:lambda:{region}:{account}:function:pipeline"}
        original_invoke(target, event, rule, view)

    def dispatch(arn: str, payload: str) -> None:
        if current.pipeline is None:
            original_lambda(arn, payload)
            return
        name, rule_arn, has_input = current.pipeline
        try:
            start(name, rule_arn, _request(payload) if has_input else {})
        except AwsError as error:
            _logger.warning("the rule %s could not start the pipeline %s: %s", rule_arn, name, error)

    eventbridge._invoke_target = invoke
    eventbridge._dispatch_to_lambda = dispatch


def _request(payload: str) -> Mapping[str, Any]:
    try:
        document = json.loads(payload)
    except ValueError:
        return {}
    known = isinstance(document, dict) and set(document) <= _MEMBERS
    return document if known else {}

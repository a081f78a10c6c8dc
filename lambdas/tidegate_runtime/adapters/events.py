"""The `Events` port on the default event bus."""

import json
from collections.abc import Mapping
from typing import Any, Final

from tidegate_runtime.adapters.aws import translated
from tidegate_runtime.errors import Transient
from tidegate_runtime.notice_ports import ROLLOUT_CHANGED

SOURCE: Final = "tidegate"


class EventBus:
    """Publishes the state changes of rollouts."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def publish(self, detail: Mapping[str, Any], *, kind: str = ROLLOUT_CHANGED) -> None:
        """Put one event.

        Args:
            detail: What happened.
            kind: The event's detail type.

        Raises:
            Transient: the bus did not take it.

        """
        entry = {"Source": SOURCE, "DetailType": kind, "Detail": json.dumps(detail, sort_keys=True)}
        with translated():
            answer = self._client.put_events(Entries=[entry])
        if answer.get("FailedEntryCount"):
            raise Transient(f"the event bus refused the event: {answer['Entries'][0].get('ErrorMessage')}")

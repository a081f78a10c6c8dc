"""Rollouts over the wire, and what they have come to."""

from dataclasses import dataclass

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome
from tests.lambdas.fakes.world import package
from tests.lambdas.wire.connect import connect
from tests.lambdas.wire.transport import Script, Wire
from tidegate_runtime.ports import CANDIDATE, LIVE
from tidegate_runtime.state import Suspended


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """A service with version 1 live, whose handlers talk to AWS over a wire."""

    service: Service
    wire: Wire

    @classmethod
    def ready(cls) -> "Rollout":
        """Return one that is about to be approved."""
        service = Service().deployed()
        return cls(service=service, wire=connect(service))

    @classmethod
    def in_first_step(cls) -> "Rollout":
        """Return one whose candidate has its first share of the traffic."""
        rollout = cls.ready()
        rollout.service.approve(2)
        rollout.service.run(until=lambda: rollout.service.ledger.kinds(V2)[-1:] == ["SHIFTED"])
        return rollout

    def scripted(self, operation: str, *answers: Script) -> "Rollout":
        """Script the next answers to an operation."""
        self.wire.script(operation, *answers)
        return self

    def run(self) -> "Rollout":
        """Approve version 2 and let everything end."""
        self.service.approve(2)
        self.service.run()
        return self

    @property
    def outcome(self) -> str:
        """How the rollout of version 2 ended."""
        return outcome(self.service)

    @property
    def reason(self) -> str:
        """Why."""
        return str(self.service.ledger.runs[V2].body["reason"])

    def assert_promoted(self) -> None:
        """Check that version 2 is live, everywhere and alone, and that nothing of the rollout is left."""
        service, view = self.service, self.service.endpoint.view()
        assert self.outcome == "PROMOTED", self.reason
        assert (view.status, view.config_name) == ("InService", service.stack.config)
        assert view.variant(CANDIDATE) is None
        named = {service.endpoint.served_by(LIVE), service.pointer.value, service.stack.package}
        assert named == {package(2)}
        assert service.ledger.held is None
        assert service.scaling.state == Suspended()

    def assert_rolled_back(self, *, reason: str = "", traffic: bool = True) -> None:
        """Check that version 1 is live, everywhere and alone, and that nothing of the rollout is left.

        Args:
            reason: What the reason must hold.
            traffic: Whether the candidate may have had any.

        """
        assert self.outcome == "ROLLED_BACK", self.outcome
        assert reason in self.reason
        assert_back_on_baseline(self.service)
        assert traffic or self.service.highest_share == 0

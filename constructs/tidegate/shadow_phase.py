"""The phase of a rollout in which the candidate answers nobody."""

from dataclasses import dataclass

from tidegate.bake import Bake


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowPhase(Bake):
    """The first phase of a rollout: copies of live's requests, and the evidence needed before real ones.

    SageMaker sends the copies to a shadow variant and drops its answers. They are judged beside all of live's
    requests. An endpoint with a shadow has exactly one production variant; multi-model and multi-container
    endpoints, Marketplace containers and Inf1 instances have none.

    Attributes:
        traffic_percent: Share of live's requests that the candidate gets copies of, 1 to 100.

    Example:
        ShadowPhase(traffic_percent=50, min_bake_seconds=600, max_bake_seconds=3600, min_requests=1000)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/model-shadow-deployment.html

    """

    traffic_percent: int

    def faults(self, *, judged: bool = True) -> list[str]:
        """Return what is wrong with these numbers by themselves, one sentence each."""
        found = Bake.faults(self, judged=judged)
        if not 1 <= self.traffic_percent <= 100:
            found.append(f"traffic_percent must be 1 to 100, got {self.traffic_percent}")
        return found

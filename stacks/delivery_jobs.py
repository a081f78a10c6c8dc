"""The jobs of one service in one environment, as the code pipeline runs them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from stacks.deployment import Deployment
from stacks.fields.managed import ManagedService
from stacks.promotion import Promotions
from tidegate._job import Job, JobPlace, namespace

EXECUTION: Final = "#{codepipeline.PipelineExecutionId}"
"""How an action says the execution that it belongs to.

Source:
    https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryJobs:
    """The jobs of a deployment in the code pipeline.

    Attributes:
        deployment: The service in the environment.
        promotions: The ways of the service's models.
        commit: How actions say the commit of an execution.

    """

    deployment: Deployment[ManagedService]
    promotions: Promotions
    commit: str

    @property
    def trains(self) -> bool:
        """Whether a model is trained here at each execution."""
        return self.promotions.trains(self._environment)

    @property
    def _environment(self) -> str:
        return self.deployment.environment_name

    def first(self) -> Job:
        """Return the job that hosting waits for: until there is a live version, which it brings about."""
        if self.trains:
            return self._job("first", **self._training())
        source, part = self.promotions.source(self._environment), self.deployment.service.delivery
        if source is None or part is None:
            return self._job("first", execution=EXECUTION)
        package = self._job_at(source, "first").variable("PackageArn")
        return self._job("first", execution=EXECUTION, package=package, artifact=part.artifact)

    def after(self) -> list[Job]:
        """Return the jobs after the deployment, one after the other."""
        part, jobs = self.deployment.service.delivery, []
        if part is not None and part.smoke is not None:
            jobs.append(self._job("smoke"))
        if self.trains:
            train = self._job("train", **self._training())
            package = {"package": train.variable("PackageArn"), "execution": EXECUTION}
            gate = ["validate"] if part is not None and part.validation is not None else []
            jobs += [train, *(self._job(do, **package) for do in (*gate, "approve", "follow"))]
        return jobs

    def bake(self, minutes: int) -> Job:
        """Return the job that watches what has been deployed."""
        service, place = self.deployment.service, self.promotions.place(self._environment)
        name = namespace(self._environment, "bake", service=service.service)
        return bake_job(service, place, namespace=name, minutes=minutes)

    def _training(self) -> Mapping[str, Any]:
        part = self.deployment.service.delivery
        training = None if part is None else part.training
        if training is None:
            raise LookupError(f"{self.deployment.name} has no training")
        stage = self.promotions.pipeline.stage_of(self._environment).name
        return {
            "training": training.pipeline,
            "parameters": dict(training.parameters.get(stage, {})),
            "commit": self.commit,
            "execution": EXECUTION,
        }

    def _job(self, do: str, **more: Any) -> Job:
        return self._job_at(self._environment, do, **more)

    def _job_at(self, environment: str, do: str, **more: Any) -> Job:
        name = namespace(environment, do, service=self.deployment.service.service)
        return Job(do=do, at=self.promotions.place(environment), namespace=name, more=more)


def bake_job(service: ManagedService, place: JobPlace, *, namespace: str, minutes: int) -> Job:
    """Return the job that waits, under the alarms that there are.

    Args:
        service: The service.
        place: Where.
        namespace: Under which name later actions read its answers.
        minutes: How long.

    """
    alarms = [f"{place.name}-live-{signal}" for signal in service.rollout.signals]
    if service.alarms is not None:
        alarms.append(f"{place.name}-service")
    return Job(do="bake", at=place, namespace=namespace, more={"minutes": minutes, "alarms": alarms})

"""Where the models of a service come from, and where they go: worked out from the files alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from stacks.deployment import Delivered, Deployment
from stacks.fields.delivery import DeliveryPart
from stacks.fields.managed import ManagedService
from tidegate._delivery_permissions import ModelOrigin
from tidegate._job import JobPlace
from tidegate._targets import Place, partition_of
from tidegate.delivery_role import delivery_role_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotions:
    """The ways of one service's models through the environments of a pipeline.

    Attributes:
        service: The service.
        delivered: The pipeline, and where the environments lie.

    """

    service: ManagedService
    delivered: Delivered

    @classmethod
    def of(cls, deployment: Deployment[ManagedService]) -> "Promotions | None":
        """Return those of a deployment; None where no pipeline delivers."""
        delivered = deployment.delivered
        return None if delivered is None else cls(service=deployment.service, delivered=delivered)

    @property
    def promotes(self) -> bool:
        """Whether a pipeline of its own promotes the service's models."""
        part = self.service.delivery
        return part is not None and part.promotes and bool(self.chain)

    def trains(self, environment: str) -> bool:
        """Tell whether a model is trained in an environment at each execution of the code pipeline."""
        part = self.service.delivery
        if part is None or part.training is None:
            return False
        return part.train_in is None or part.train_in == self.pipeline.stage_of(environment).name

    def source(self, environment: str) -> str | None:
        """Return the environment that an environment's models come from: the nearest where the service is."""
        return source_of(self.service, self.pipeline, environment)

    @property
    def chain(self) -> Sequence[tuple[str, str]]:
        """Environments that get models, each with the one they come from, in the order of promotion."""
        return [(name, source) for name in self.environments if (source := self.source(name)) is not None]

    @property
    def roots(self) -> Sequence[str]:
        """Environments whose models are promoted and come from no other one."""
        targets = {name for name, _ in self.chain}
        return list(dict.fromkeys(source for _, source in self.chain if source not in targets))

    def takers(self, environment: str) -> Sequence[str]:
        """Return the environments whose models come from an environment."""
        return [name for name, source in self.chain if source == environment]

    def place(self, environment: str) -> JobPlace:
        """Return where jobs work in an environment."""
        lies, name = self.delivered.environments[environment], self.name(environment)
        partition = partition_of(lies.region)
        return JobPlace(
            environment=environment,
            name=name,
            region=lies.region,
            role=f"arn:{partition}:iam::{lies.account}:role/{delivery_role_name(name)}",
            pointer=f"/tidegate/{environment}/{self.service.service}/live-model-package",
        )

    def origin(self, environment: str) -> ModelOrigin:
        """Return an environment's group, for whoever reads it from outside."""
        lies = self.delivered.environments[environment]
        place = Place(partition=partition_of(lies.region), region=lies.region, account=lies.account)
        return ModelOrigin(name=self.name(environment), place=place)

    def name(self, environment: str) -> str:
        """Return the name of the endpoint in an environment, and of everything that is called after it."""
        return f"{self.service.service}-{environment}"

    def own_role(self, function_name: str) -> str:
        """Return the ARN of the role of one of the pipeline's functions."""
        partition = partition_of(self.delivered.region)
        return f"arn:{partition}:iam::{self.delivered.account}:role/{function_name}"

    def own_name(self, kind: str) -> str:
        """Return the name of what the pipeline has for this service: `deliver`, `start` or `models`."""
        return own_name(self.pipeline.name, self.service.service, kind)

    @property
    def pipeline(self) -> DeliveryPart:
        """The section `delivery`."""
        return self.delivered.pipeline

    @property
    def environments(self) -> Sequence[str]:
        """The environments of the service that the pipeline delivers, in its order."""
        return [name for name in self.pipeline.environments if name in self.service.environments]


def deliver_name(pipeline: str, service: str) -> str:
    """Return the name of the function that does a service's jobs."""
    return own_name(pipeline, service, "deliver")


def released_key(service: str) -> str:
    """Return the key of the object that says which commit of a service is released."""
    return f"{service}/released.zip"


def own_name(pipeline: str, service: str, kind: str) -> str:
    """Return the name of what a pipeline has for a service: `deliver`, `start` or `models`."""
    return f"{pipeline}-{service}-{kind}"


def source_of(service: ManagedService, pipeline: DeliveryPart, environment: str) -> str | None:
    """Return the environment that an environment's models come from: the nearest where the service is."""
    if service.delivery is None or not service.delivery.promotes:
        return None
    stages = {stage.name: stage for stage in pipeline.stages}
    wanted = pipeline.stage_of(environment).models_from
    while wanted is not None:
        for name in stages[wanted].environments:
            if name in service.environments:
                return name
        wanted = stages[wanted].models_from
    return None


def jobs_in(promotions: Promotions, environment: str) -> Sequence[str]:
    """Return what an environment's role calls the jobs that work there, of either pipeline."""
    part, jobs = promotions.service.delivery, ["first", "bake"]
    if part is not None and part.smoke is not None:
        jobs.append("smoke")
    gate = [] if part is None or part.validation is None else [part.validation.needs]
    if promotions.trains(environment):
        jobs += ["train", *gate, "approve", "follow"]
    if promotions.source(environment) is not None:
        jobs += ["register", *gate, "approve", "follow", "reject"]
    if environment in promotions.roots:
        jobs.append("follow")
    return list(dict.fromkeys(jobs))

"""The stages of a pipeline as values: environments, waves, and what is done around them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from aws_cdk import Stack, Stage, Token, pipelines

from tidegate._validation import Faults

LONGEST_TEXT: Final = 1000
"""Characters of an approval's text.

Source:
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ManualApproval.html

"""


ONE_REGION_FIRST: Final = (
    "must lie in one region, so that a bad commit meets one before the others; move the others to later waves"
)
"""What is said of a first wave over several regions.

Source:
    https://docs.aws.amazon.com/wellarchitected/latest/framework/ops_mit_deploy_risks_deploy_mgmt_sys.html

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredEnvironment:
    """One environment: its stacks, and the steps before and after.

    Attributes:
        stage: The stacks.
        before: Steps that a single stack waits for.
        after: Chains of steps once all stacks are there; chains run side by side.

    """

    stage: Stage
    before: Sequence[tuple[Stack, pipelines.Step]] = ()
    after: Sequence[Sequence[pipelines.Step]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryWave:
    """Environments that are deployed together.

    Attributes:
        environments: The environments, all at once.
        bake: Steps that watch them before the next wave begins, once everything else is done.

    """

    environments: Sequence[DeliveredEnvironment]
    bake: Sequence[pipelines.Step] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStage:
    """One step of the promotion.

    Attributes:
        name: Its name, in lower case.
        waves: Waves, one after the other; the first lies in one region.
        approval: Text for the person who lets a commit in, at most 1,000 characters; it may hold variables of
            earlier actions. Nobody is asked when None.
        roll_back: Whether a wave that fails goes back to its last successful execution.

    Raises:
        ValueError: naming every fault at once.

    Example:
        DeliveryStage(name="production", waves=[DeliveryWave(environments=[one])], approval="Go live?")

    """

    name: str
    waves: Sequence[DeliveryWave] = field(default_factory=list)
    approval: str | None = None
    roll_back: bool = False

    def __post_init__(self) -> None:
        faults = Faults(f"stage {self.name!r}")
        faults.require(ok=bool(self.waves), message="must have at least one wave, got none")
        faults.require(
            ok=self.name == self.name.lower(), message=f"name must be in lower case, got {self.name!r}"
        )
        regions = self._first_regions()
        faults.require(
            ok=len(regions) <= 1,
            message=f"the first wave {ONE_REGION_FIRST}, got {', '.join(regions)}",
        )
        length = len(self.approval or "")
        faults.require(
            ok=length <= LONGEST_TEXT,
            message=f"approval must be at most {LONGEST_TEXT} characters, got {length}",
        )
        faults.raise_if_any()

    def _first_regions(self) -> Sequence[str]:
        """Return the regions of the first wave, as far as they are known at synth."""
        wave = next(iter(self.waves), DeliveryWave(environments=[]))
        regions = dict.fromkeys(one.stage.region for one in wave.environments)
        return [region for region in regions if region is not None and not Token.is_unresolved(region)]

    def named_waves(self) -> Iterator[tuple[str, DeliveryWave]]:
        """Yield the waves with the names of their stages in CodePipeline.

        A wave of one environment is called like it, as CDK Pipelines does; one of several like this stage,
        with its number when there are more waves.
        """
        for number, wave in enumerate(self.waves, start=1):
            if len(wave.environments) == 1:
                yield wave.environments[0].stage.node.id, wave
            else:
                yield self.name if len(self.waves) == 1 else f"{self.name}-{number}", wave

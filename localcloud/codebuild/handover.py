"""What a pipeline hands over to a build, past CodeBuild's public API, as CodePipeline does."""

from dataclasses import dataclass

from localcloud.artifact import Artifact


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Sources and outputs of one build.

    Attributes:
        primary: becomes CODEBUILD_SRC_DIR.
        secondary: become CODEBUILD_SRC_DIR_<name>.
        outputs: where output artifacts are to lie; a single one is the primary artifact.
        initiator: for CODEBUILD_INITIATOR.

    """

    primary: Artifact
    secondary: tuple[Artifact, ...]
    outputs: tuple[Artifact, ...]
    initiator: str

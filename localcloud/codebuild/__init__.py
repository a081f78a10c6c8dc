"""CodeBuild: the commands of a buildspec as local processes.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/concepts.html
"""

from localcloud.codebuild.handover import Handover
from localcloud.codebuild.service import CodeBuild

__all__ = ["CodeBuild", "Handover"]

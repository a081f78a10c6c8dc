"""CodePipeline: stages and actions of type V2 pipelines.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
"""

from localcloud.codepipeline.service import CodePipeline

__all__ = ["CodePipeline"]

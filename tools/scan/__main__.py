"""Run every scanner over every template: `python -m tools.scan [FOLDER]`, where the templates are kept."""

import os
import sys

# Before the CDK is imported: what the unit tests turn off for speed is what is asked for here.
os.environ["CDK_VALIDATION"] = "true"

from tools.scan.run import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

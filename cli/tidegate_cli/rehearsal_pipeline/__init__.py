"""`tidegate rehearse-pipeline`: a delivery pipeline, from commit and from approval, on this machine."""

"""The control plane: datasets, trainings, jobs and models over HTTP."""

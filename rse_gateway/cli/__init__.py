"""The command line `rse-gateway`: one file per group of verbs."""

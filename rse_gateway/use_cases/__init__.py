"""What the gateway does, one file per use case, through ports only."""

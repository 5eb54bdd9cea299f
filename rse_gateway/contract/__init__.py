"""The contract between bytes and domain: schemas, mapper, messages, faults, error catalogue."""

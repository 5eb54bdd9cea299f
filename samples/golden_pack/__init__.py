"""The generator of the golden sample pack: fixed clock, ids and test keys, one module per family."""

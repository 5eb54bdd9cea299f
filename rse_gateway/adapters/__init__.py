"""Where the core meets the world: clock, ids, encryption, the holding CPAS."""

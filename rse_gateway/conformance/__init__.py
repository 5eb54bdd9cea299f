"""Does a partner keep the contract? What the gateway can find out about a partner by itself, in words."""

"""Security: what may enter (gate), whose signature counts (trust), how our own messages are signed (signing).

Everything here decides on bytes and times that are passed in: no file but a key file at start-up, no clock,
no network, no database.
"""

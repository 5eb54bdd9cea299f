"""Why is a message wrong? Checks without a running gateway, and the explanation of a broken signature."""

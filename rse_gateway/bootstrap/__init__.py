"""The only place that builds real things: `store` for every command, `server` for `serve`."""

"""Stopping is safe at any moment: also when the loop saw it before it was woken, and is over."""

from .fakes import Fakes, serving


def test_a_server_that_has_ended_may_be_told_to_stop_again(fakes: Fakes, monkeypatch):
    from rse_gateway.serving import server as module

    made = []
    opened = module.Server.__init__

    def remember(self, *arguments, **options):
        opened(self, *arguments, **options)
        made.append(self)

    monkeypatch.setattr(module.Server, "__init__", remember)
    with serving(fakes):
        pass
    assert [server.stop(grace) for server in made for grace in (1, 0)] == [None, None]

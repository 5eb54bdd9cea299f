"""A CPAS put together from its settings (holder, receiver, promises), and several of them served together."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rse_cpas_stub import contract
from rse_cpas_stub.configuration import Settings
from rse_cpas_stub.delivery import Deliverer, Promises
from rse_cpas_stub.errors import SetupRefused
from rse_cpas_stub.exchange import Exchange
from rse_cpas_stub.failures import Failure, stranger
from rse_cpas_stub.holder import Holder
from rse_cpas_stub.identity import Identity
from rse_cpas_stub.log import OwnLog
from rse_cpas_stub.persons import load_persons
from rse_cpas_stub.receiver import Receiver
from rse_cpas_stub.server import PATH, RECEIVER_PATH, CpasApplication, Place, StubServer


@dataclass(frozen=True, slots=True)
class ServedCpas:
    """One CPAS that is served: its number, and the addresses to register at the gateway."""

    cbe_number: str
    url: str
    receiver_url: str


class Partners:
    """One or several CPAS of one process, each with its own number, files, log and switches."""

    def __init__(
        self,
        every: Sequence[Settings],
        *,
        clock: Callable[[], datetime],
        tell: Callable[[str], None],
    ) -> None:
        """Open files, logs and sockets; nothing is served before ``start``.

        Raises:
            SetupRefused: a setting or file is missing or wrong, two CPAS are the same, or a port is taken.
        """
        contract.compile_schemas()
        numbers = Counter(settings.text("cbe_number") for settings in every)
        logs = Counter(settings.file("log") for settings in every)
        if max(numbers.values()) > 1 or max(logs.values()) > 1:
            raise SetupRefused("each CPAS of a process has a number and a log of its own")
        self._promises: list[Promises] = []
        ports = Counter((settings.host, settings.port) for settings in every)
        applications = []
        for settings in every:
            place = Place(settings.host, settings.port)
            together = bool(settings.port) and ports[place.host, place.port] > 1
            applications.append((self._application(settings, together, clock, tell), place))
        prefixes = Counter((place, one.prefix) for one, place in applications if place.port)
        if any(count > 1 for count in prefixes.values()):
            raise SetupRefused("two CPAS have the same port and the same path")
        try:
            self._server = StubServer(applications)
        except OSError as error:
            raise SetupRefused(f"cannot listen: {error.strerror}") from error
        self.served = tuple(
            ServedCpas(settings.text("cbe_number"), url + PATH, url + RECEIVER_PATH)
            for settings, url in zip(every, self._server.urls, strict=True)
        )

    def start(self) -> None:
        """Serve on threads of their own until ``close``."""
        self._server.start()

    def close(self) -> None:
        """Stop listening, and forget what is promised."""
        for promises in self._promises:
            promises.close()
        self._server.close()

    def _application(
        self,
        settings: Settings,
        together: bool,
        clock: Callable[[], datetime],
        tell: Callable[[str], None],
    ) -> CpasApplication:
        identity, gateway, log = settings.identity(), settings.gateway(), settings.own_log(clock)
        switches = settings.switches()
        promises = None
        if settings.promise is not None:
            promises = Promises(
                Deliverer(exchange_of(settings, identity, log, clock), identity.cbe_number),
                seconds=settings.promise,
                variant=switches.deliver,
                tell=tell,
            )
            self._promises.append(promises)
        wrong = switches.failure is Failure.WRONG_SIGNER
        holder = Holder(
            identity,
            gateway,
            persons=load_persons(settings.file("persons"), identity.cbe_number),
            log=log,
            environment=settings.environment,
            clock=clock,
            switches=switches,
            signs_as=settings.wrong_signer() or stranger(identity) if wrong else None,
            promise=None if promises is None else promises.promise,
        )
        receiver = Receiver(
            identity,
            gateway,
            log=log,
            environment=settings.environment,
            clock=clock,
            folder=settings.received,
        )
        prefix = f"/{identity.cbe_number}" if together else ""
        if settings.path is not None:
            prefix = "/" + settings.path.strip("/") if settings.path.strip("/") else ""
        return CpasApplication(holder.handle, receiver.handle, switches=switches, prefix=prefix)


def exchange_of(
    settings: Settings, identity: Identity, log: OwnLog, clock: Callable[[], datetime]
) -> Exchange:
    """Return the way of one CPAS to the gateway.

    Raises:
        SetupRefused: a setting is missing.
    """
    return Exchange(
        identity,
        settings.gateway(),
        gateway_url=settings.text("gateway_url"),
        log=log,
        environment=settings.environment,
        clock=clock,
    )

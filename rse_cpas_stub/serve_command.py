"""``rse-cpas-stub serve``: be one or several CPAS until interrupted, well or badly on purpose."""

import json
import sys
import threading
from pathlib import Path
from typing import Any

import click

from rse_cpas_stub.configuration import read_all_settings, utc_now
from rse_cpas_stub.failures import DeliveryVariant, Failure
from rse_cpas_stub.options import FILE, configs_option, identity_options, json_option, talk
from rse_cpas_stub.partner import Partners


@click.command()
@configs_option
@identity_options
@json_option
@click.option("--persons", type=FILE, help="The invented persons' files of this CPAS, JSON.")
@click.option("--received", type=click.Path(path_type=Path), help="Folder that keeps what is pushed to us.")
@click.option("--host", help="Default: 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), help="0, the default: the system chooses.")
@click.option(
    "--path", metavar="PATH", help="Before the services' own path; default on a shared port: /NUMBER."
)
@click.option("--delay", type=click.FloatRange(0, 3600), help="Seconds before each answer.")
@click.option("--fail", type=click.Choice([failure.value for failure in Failure]), help="Fail on purpose.")
@click.option("--refuse-code", metavar="CODE", help="Code of --fail refuse. Default: MSG00027.")
@click.option("--drip-rate", type=click.IntRange(1), help="Bytes a second of --fail drip. Default: 8.")
@click.option("--other-key", type=FILE, help="Another institution's key for --fail wrong-signer, PEM.")
@click.option("--other-certificate", type=FILE, help="Its certificate, PEM.")
@click.option(
    "--promise", type=click.FloatRange(0, 86400), help="Answer ACCEPTED, deliver after these seconds."
)
@click.option(
    "--deliver",
    type=click.Choice([variant.value for variant in DeliveryVariant]),
    help="How what was promised is delivered. Default: once.",
)
def serve(configs: tuple[Path, ...], as_json: bool, **options: Any) -> None:
    """Be a holding CPAS and a receiver, or several: answer until interrupted; options hold for each."""
    partners = Partners(read_all_settings(configs, options), clock=utc_now, tell=talk)
    partners.start()
    for cpas in partners.served:
        if as_json:
            content = {"cbeNumber": cpas.cbe_number, "url": cpas.url, "receiverUrl": cpas.receiver_url}
            click.echo(json.dumps(content))
            sys.stdout.flush()
        talk(f"CPAS {cpas.cbe_number} answers at {cpas.url}")
    talk("stop with Ctrl+C")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        partners.close()

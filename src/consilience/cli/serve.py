"""`consilience serve`."""

from __future__ import annotations

import click

from consilience.cli.options import case_option, json_option
from consilience.cli.output import document, note


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=8061, show_default=True, help="Where it listens.")
@click.option("--host", metavar="H", default="127.0.0.1", show_default=True, help="For whom it listens.")
@click.option("--tls-cert", metavar="FILE", default="", help="The certificate, in PEM.")
@click.option("--tls-key", metavar="FILE", default="", help="Its key, in PEM.")
@click.option("--behind-proxy", is_flag=True, help="A proxy in front of it has the certificate.")
@case_option
@json_option
def command(
    port: int, host: str, tls_cert: str, tls_key: str, behind_proxy: bool, location: str, as_json: bool
) -> None:
    """Give partners over TAXII 2.1 what was published for them.

    A partner gets what `consilience partner publish` put out for them, and nothing else of the case; with a key of
    `consilience partner key`. What they send is kept under their own name and told to nobody until it is mapped.
    Without --tls-cert or --behind-proxy it listens on this machine only.

    \b
    Examples:
      consilience serve --port 8061
      consilience serve --host 0.0.0.0 --tls-cert server.pem --tls-key server.key
    """
    from consilience.case import Case
    from consilience.server.running import Address, serve

    address = Address(host=host, port=port, certificate=tls_cert, key=tls_key, behind_proxy=behind_proxy)
    address.check()
    with Case.open(location) as case:
        scheme = "https" if tls_cert else "http"
        discovery = f"{scheme}://{host}:{port}/taxii2/"
        note(f"serving {discovery}; end it with Ctrl-C")
        if as_json:
            document({"discovery": discovery, "host": host, "port": port})
        serve(case, address)

"""`consilience serve`."""

from __future__ import annotations

import click

from consilience.cli.options import case_option, json_option
from consilience.cli.output import document, note


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=8061, show_default=True, help="The port to listen on.")
@click.option("--host", metavar="H", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--tls-cert", metavar="FILE", default="", help="The certificate, in PEM.")
@click.option("--tls-key", metavar="FILE", default="", help="Its key, in PEM.")
@click.option("--behind-proxy", is_flag=True, help="A proxy in front of the server has the certificate.")
@case_option
@json_option
def command(
    port: int, host: str, tls_cert: str, tls_key: str, behind_proxy: bool, location: str, as_json: bool
) -> None:
    """Serve partners over TAXII 2.1 what was published for them.

    A partner signs in with a key of `consilience partner key` and gets what `consilience partner publish` made
    available to them, and nothing else of the case. What they send is kept under their own name and shared with nobody
    until its marking is mapped. Without --tls-cert or --behind-proxy only this machine can connect.

    \b
    Examples:
      consilience serve
      consilience serve --port 8062 --behind-proxy
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

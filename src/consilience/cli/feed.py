"""`consilience feed`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from consilience.cli.options import by_option, case_option, json_option
from consilience.cli.output import Line, note_all, result
from consilience.cli.progress import bar
from consilience.cli.read import exit_after_reading, read_record
from consilience.cli.rendering import FAINT, STRONG, wrapped
from consilience.model.marking import COLOURS
from consilience.vocab.phrases import shift_words
from consilience.vocab.sentences import sentence

if TYPE_CHECKING:
    from consilience.case import ReadResult

ACTS = ("add", "list", "pull")


@click.command()
@click.argument("act", metavar="add|list|pull", type=click.Choice(ACTS))
@click.argument("name", metavar="[NAME]", default="")
@click.option("--url", "root", metavar="URL", default="", help="The API root of the TAXII 2.1 server.")
@click.option("--collection", metavar="ID", default="", help="The id of the collection.")
@click.option("--publisher", metavar="P", default="", help="Whose the objects are that name no maker.")
@click.option("--tlp", type=click.Choice(COLOURS), default=None, help="The marking, where an object has none.")
@click.option("--user", metavar="U", default="", help="Our name at the server.")
@click.option("--password-env", metavar="VAR", default="", help="The environment variable that holds the password.")
@click.option("--allow-http", is_flag=True, help="Also without encryption: in a network of your own only.")
@click.option("--allow-private", metavar="HOST", multiple=True, help="A host that may lie in your own network.")
@click.option("--despite-shift", is_flag=True, help="Also read what would move an assessment by more than 20%.")
@click.option("--because", metavar="TEXT", default="", help="With --despite-shift: your reason.")
@by_option
@case_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    act: str,
    name: str,
    root: str,
    collection: str,
    publisher: str,
    tlp: str | None,
    user: str,
    password_env: str,
    allow_http: bool,
    allow_private: tuple[str, ...],
    despite_shift: bool,
    because: str,
    by: str,
    location: str,
    as_json: bool,
) -> None:
    """Read collections of TAXII servers, each from where the last reading ended.

    `add` names a collection of a TAXII 2.1 server; `pull` reads what is new in it, as `read` reads a file: in one
    import, held when it would move your assessments much; `list` prints the feeds. The password stays in your
    environment. Servers in your own network must be allowed by name.

    \b
    Examples:
      consilience feed add partner --url https://taxii.example/api --collection 91a7b528 --publisher "Vendor B"
      consilience feed list --json
    """
    from consilience.case import Case
    from consilience.model.feed import Feed
    from consilience.model.shift import Decision

    _check_act(act, name, all((root, collection, publisher.strip())))
    if bool(because.strip()) != despite_shift:
        raise click.UsageError("--despite-shift needs --because, and it needs --despite-shift")
    with Case.open(location) as case:
        if act == "list":
            feeds = [each.as_record() for each in case.feeds.all()]
            result(feeds, as_json, lambda: _listed(feeds))
            return
        if act == "add":
            wanted = Feed(
                name=name.strip(),
                root=root,
                collection=collection,
                publisher=publisher.strip(),
                tlp=tlp or "",
                user=user,
                password_env=password_env,
                plain=allow_http,
                private=allow_private,
            )
            added = case.feeds.add(wanted, by).as_record()
            result(added, as_json, lambda: _listed([added]))
            return
        decision = Decision(because.strip(), by) if despite_shift else None
        with bar("objects") as progress:
            pulled = case.feeds.pull(name.strip(), decision, progress)
        digest = case.digest()
    read = read_record([pulled.read] if pulled.read else [], digest)
    record = {"feed": pulled.feed.name, "objects": pulled.objects, "pages": pulled.pages, **read}
    result(record, as_json, lambda: _pulled(record))
    _note_read(pulled.read)
    exit_after_reading(ctx, record)


def _check_act(act: str, name: str, is_described: bool) -> None:
    """Raise a usage error where an act lacks what it needs; `is_described` says that the collection and its publisher
    are given."""
    if act != "list" and not name.strip():
        raise click.UsageError(f"{act} needs the NAME of a feed")
    if act == "add" and not is_described:
        raise click.UsageError("add needs --url, --collection and --publisher")


def _note_read(read: ReadResult | None) -> None:
    """Print what is to be said of what was read: notes, refusals, and what is held."""
    if read:
        note_all(read.notices, "note")
        note_all(read.refusals, "refused")
        note_all([shift_words(row) for row in read.held], "held")


def _listed(feeds: list[dict[str, Any]]) -> Iterator[Line]:
    if not feeds:
        yield (sentence("reading.no_feeds"), FAINT)
    for feed in feeds:
        yield (feed["name"], STRONG)
        place = {name: feed[name] for name in ("root", "collection", "publisher")}
        if feed["tlp"]:
            yield from wrapped(sentence("reading.feed_marked", tlp=feed["tlp"], **place), "    ")
        else:
            yield from wrapped(sentence("reading.feed", **place), "    ")
        added = feed["added"]
        read = sentence("reading.feed_read", recorded=added) if added else sentence("reading.feed_not_read")
        yield from wrapped(read, "    ", FAINT)


def _pulled(record: dict[str, Any]) -> Iterator[Line]:
    if not record["objects"]:
        yield (sentence("reading.nothing_new", feed=record["feed"]), "")
        return
    counts = {name: record[name] for name in ("feed", "objects", "pages")}
    if record["held"]:
        yield (sentence("reading.pulled_held", **counts), STRONG)
    else:
        yield (sentence("reading.pulled", new=record["new"], known=record["known"], **counts), STRONG)

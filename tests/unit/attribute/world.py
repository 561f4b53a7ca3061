"""An invented world of actors with habits: documentation addresses and names under .example and .test."""

import random
from datetime import date

from consilience.attribute.activity import Activity

START = date(2018, 1, 1).toordinal()
HABITS = {
    "alder": (("update", "cloud", "sync"), "example", "192.0.2"),
    "birch": (("news", "daily", "press"), "test", "198.51.100"),
    "cedar": (("bank", "secure", "login"), "example", "203.0.113"),
    "dogwood": (("game", "play", "mod"), "test", "192.0.2"),
    "elm": (("jobs", "career", "hr"), "example", "198.51.100"),
}
STRANGERS = ("fir", "ginkgo", "hazel")
WORDS = {
    "fir": ("zinc", "opal", "quartz"),
    "ginkgo": ("tango", "waltz", "polka"),
    "hazel": ("north", "south", "zenith"),
}


def report(actor: str, day: int, number: int, draw: random.Random) -> Activity:
    """One report of three hosts and an address, made by the actor's habits."""
    words, suffix, network = HABITS.get(actor) or (WORDS[actor], "invalid", "233.252.0")
    hosts = {f"{draw.choice(words)}-{draw.choice(words)}{draw.randrange(100)}.{suffix}" for _ in range(3)}
    traits = {("domain-name", host) for host in hosts} | {("ipv4-addr", f"{network}.{draw.randrange(1, 255)}")}
    return Activity(f"P/{actor}", day, f"report {actor} {number}", tuple(sorted(traits)))


def world(reports: int = 420, seed: int = 7) -> list[Activity]:
    """Reports over six years; now and then one by an actor who was never reported before."""
    draw = random.Random(seed)
    actors = list(HABITS)
    made = [report(draw.choice(actors), START + 5 * number, number, draw) for number in range(reports)]
    for place, stranger in enumerate(STRANGERS):
        made.append(report(stranger, START + 5 * (reports - 30 - 60 * place), 9000 + place, draw))
    return sorted(made)

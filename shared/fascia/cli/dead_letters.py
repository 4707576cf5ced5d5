"""`fascia dead-letters`: see what came to rest, try it again in order, or give it up."""

from __future__ import annotations

import argparse
import sys
import time

from fascia.backbone.dead_letters import DeadLetter, DeadLetters, State
from fascia.backbone.event import UndecodableEvent, decode
from fascia.backbone.replay import replay_group
from fascia.cli.surroundings import add_arguments as add_surroundings
from fascia.cli.surroundings import runtime_of
from fascia.contracts import contract
from fascia.crypto.keyring import Keyring

_REDRIVE_SECONDS = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`list`, `show ID`, `redrive [ID...]`, `discard ID --reason TEXT`."""
    commands = parser.add_subparsers(dest="action", required=True)
    listing = commands.add_parser("list", help="what rests, oldest first")
    show = commands.add_parser("show", help="one letter: where from, why, and its fields without personal data")
    redrive = commands.add_parser("redrive", help="have the worker try letters again, each lane in order")
    discard = commands.add_parser("discard", help="give up one letter; those behind it are tried again")
    for command in (listing, show, redrive, discard):
        add_surroundings(command)
        command.add_argument("--replay", metavar="NAME", help="the letters of this replay, not those of the worker")
    show.add_argument("id", help="the letter's or the event's id")
    redrive.add_argument("ids", nargs="*", metavar="ID", help="by default every letter that failed")
    redrive.add_argument("--no-wait", action="store_true", help="do not wait for the worker")
    discard.add_argument("id", help="the letter's or the event's id")
    discard.add_argument("--reason", required=True, help="kept in the command's output, for the operator's log")


def run(options: argparse.Namespace) -> int:
    """Exit code 0 when the wish was met, 1 when not, 2 for an unknown id."""
    with runtime_of(options) as runtime:
        group = replay_group(options.service, options.replay) if options.replay else options.service
        letters = DeadLetters(runtime.database, group)
        if options.action == "list":
            return _list(letters)
        if options.action == "redrive":
            return _redrive(letters, options)
        letter = letters.get(options.id)
        if letter is None:
            print(f"no dead letter {options.id!r} in {options.service}", file=sys.stderr)
            return 2
        if options.action == "show":
            return _show(letter, runtime.keyring)
        letters.discard(letter, runtime.clock.now())
        return _after_discard(letters, letter, options.reason)


def _list(letters: DeadLetters) -> int:
    resting = letters.resting()
    print(f"{'STATE':8} {'SINCE (UTC)':20} {'TYPE':24} {'KEY':37} {'TRIES':5} ERROR  EVENT")
    for letter in resting:
        type_ = letter.record.headers.get("ce_type", "?")
        print(
            f"{letter.state:8} {letter.at:%Y-%m-%d %H:%M:%S}  {type_:24} {letter.record.key:37} "
            f"{letter.attempts:5} {letter.error}  {letter.record.id}"
        )
    print(f"{len(resting)} at rest")
    return 0


def _show(letter: DeadLetter, keyring: Keyring) -> int:
    record = letter.record
    print(
        f"id        {letter.id}\nstate     {letter.state}, {letter.attempts} tries since {letter.at:%Y-%m-%dT%H:%M:%SZ}"
    )
    print(f"error     {letter.error}\nplace     {record.topic}[{record.partition}]@{record.offset}, key {record.key}")
    for name, value in sorted(record.headers.items()):
        print(f"header    {name}: {value}")
    try:
        event = decode(record.key, record.value, record.headers, keyring)
    except UndecodableEvent as error:
        print(f"payload   does not decode: {error}")
        return 0
    if contract(event.type).phi:
        print(f"payload   identifies a person; its fields are: {', '.join(sorted(event.data))}")
        return 0
    for name, value in event.data.items():
        print(f"payload   {name}: {value}")
    return 0


def _redrive(letters: DeadLetters, options: argparse.Namespace) -> int:
    if options.replay:
        print(f"run the replay again under the name {options.replay}: it first tries what failed", file=sys.stderr)
        return 1
    wanted = {letter.id for letter in letters.resting(State.DEAD)}
    if options.ids:
        found = {id_: letters.get(id_) for id_ in options.ids}
        unknown = [id_ for id_, letter in found.items() if letter is None]
        if unknown:
            print(f"no dead letter {', '.join(unknown)} in {options.service}", file=sys.stderr)
            return 2
        wanted = {letter.id for letter in found.values() if letter}
    if not wanted:
        print("nothing to redrive")
        return 0
    letters.ask_redrive(sorted(wanted))
    if options.no_wait:
        print(f"asked for {len(wanted)}")
        return 0
    return _wait(letters, wanted)


def _wait(letters: DeadLetters, wanted: set[str]) -> int:
    deadline = time.monotonic() + _REDRIVE_SECONDS
    while time.monotonic() < deadline:
        if not any(letter.id in wanted for letter in letters.resting(State.REDRIVE)):
            break
        time.sleep(0.2)
    else:
        print("the worker has not answered: is it running? The wish stays.", file=sys.stderr)
        return 1
    still = [letter for letter in letters.resting() if letter.id in wanted]
    print(f"{len(wanted) - len(still)} took effect, {len(still)} failed again")
    for letter in still:
        print(f"  {letter.record.id}: {letter.error}")
    return 1 if still else 0


def _after_discard(letters: DeadLetters, letter: DeadLetter, reason: str) -> int:
    rest = letters.lane(letter.record.lane) if letter.in_lane else []
    letters.ask_redrive([waiting.id for waiting in rest[:1]])
    print(f"discarded {letter.record.id} ({reason}); {len(rest)} of its key are tried now")
    return 0

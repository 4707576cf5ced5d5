"""`fascia topics`."""

from __future__ import annotations

import argparse
import os
import sys

from kafka.errors import KafkaError

from fascia.backbone.kafka import create_topics
from fascia.contracts import topics


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where, and how many partitions and copies."""
    parser.add_argument(
        "--kafka", default=os.environ.get("KAFKA_BOOTSTRAP"), metavar="BOOTSTRAP", help="broker addresses"
    )
    parser.add_argument(
        "--partitions", type=int, default=12, help="most consumers of one service that can share the work"
    )
    parser.add_argument(
        "--replication", type=int, help="copies of each record (default: one on each broker, at most 3)"
    )


def run(args: argparse.Namespace) -> int:
    """Create the topics that are missing; running it again changes nothing."""
    if not args.kafka:
        print("fascia: say where Kafka is: --kafka HOST:PORT", file=sys.stderr)
        return 2
    try:
        made = create_topics(args.kafka, topics(), args.partitions, args.replication)
    except KafkaError as error:
        print(f"fascia: the broker at {args.kafka} does not make topics: {error}", file=sys.stderr)
        return 1
    print(f"{len(made)} topics made, {len(topics()) - len(made)} were there")
    return 0

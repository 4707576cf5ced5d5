"""Progress of an episode: its scores over time, what they suggest, and the report after every sixth visit."""

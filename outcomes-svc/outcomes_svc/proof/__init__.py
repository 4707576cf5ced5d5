"""Proof for anyone: published answers and scores, held against what ships."""

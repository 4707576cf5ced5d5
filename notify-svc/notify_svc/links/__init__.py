"""Short links: a signed link is too long to share a text of 160 characters with its sender's name."""

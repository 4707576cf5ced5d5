"""Who read or wrote which clinical data: an append-only trail, chained by hashes per practice."""

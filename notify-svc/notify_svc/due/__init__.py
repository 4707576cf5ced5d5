"""Work that is due: buckets of message ids that workers claim."""

"""The dispatcher's board: a day of all therapists, what would happen if a visit moved, and what is kept where it is."""

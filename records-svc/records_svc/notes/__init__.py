"""What happened in a visit: session notes, signed by the therapist of the visit."""

"""`fascia score check`: check vectors of answers and expected scores against what ships."""

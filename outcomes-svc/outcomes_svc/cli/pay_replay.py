"""`fascia pay replay`: compute a pay statement again and compare its bytes."""

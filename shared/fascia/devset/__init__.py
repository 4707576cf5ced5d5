"""The embedded set: what a laptop, a demo and the tests run instead of Kafka and MongoDB. Not for production."""

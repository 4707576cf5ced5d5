"""Episodes of care: which sessions belong together, and which instrument they are judged by."""

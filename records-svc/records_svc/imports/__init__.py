"""What other systems hold about patients, taken in as FHIR R4 NDJSON: again and again without doubling anything."""

"""The parts of openapi.yaml that FastAPI does not write: texts, examples and shared parts."""

"""What openapi.yaml says beside what FastAPI finds: texts, examples, and what is shared."""

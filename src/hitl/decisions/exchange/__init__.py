"""Decision logs from the exports of other tools: one module a shape, one way from there to a row."""

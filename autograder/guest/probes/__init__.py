"""What is asked of a submission: plain functions `probe(api, **inputs)` that return arrays and know no answer."""

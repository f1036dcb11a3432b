"""One submission from intake to results.json. Imports `feedback` and what lies below."""

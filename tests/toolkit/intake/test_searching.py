"""Regular expressions over a student's text: what is handed to them is bounded, and none takes more than its share."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CALLS = ("compile", "search", "match", "sub", "findall", "finditer", "fullmatch", "split")

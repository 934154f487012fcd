"""The live preview in a real browser."""

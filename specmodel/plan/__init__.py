"""From a graph of known sizes to a plan: every decision made, every buffer placed, one flat list of calls."""

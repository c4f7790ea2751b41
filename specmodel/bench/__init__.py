"""What a model costs while it runs: its time, layer by layer, and its memory."""

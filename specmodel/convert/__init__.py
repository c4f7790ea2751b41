"""Other formats: models that come in from them, and specs that leave for them."""

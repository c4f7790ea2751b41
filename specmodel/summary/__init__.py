"""What a model is, in figures (`figures`) and as Keras' table (`table`)."""

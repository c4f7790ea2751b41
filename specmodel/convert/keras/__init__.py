"""Keras: model configs of Keras 2 and 3 and of tf.keras.

`tree` looks into JSON, `network` is what a config says as records, `reading` and `calls` make them of all dialects,
`dialects` is the table of what has had other names, `objects`, `arguments` and `operations` turn each layer into one of
the catalogue, `document` writes the spec.
"""

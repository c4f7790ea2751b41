"""A dozen good specs to break: the project's own, and some that use every form of the language."""

from tests.diagnostics.reports import HERE

SPECS = HERE.parents[1] / "specs"
OWN = {path.stem: path.read_text() for path in sorted(SPECS.rglob("*.yaml")) if path.parent.name != "zoo"}

WRITTEN = {
    "sequential": "inputs: [4]\nlayers:\n  - Dense: {units: 2, activation: relu}\n  - Dropout: 0.5\n  - Dense: 3\n",
    "unbuilt": "name: small\nlayers:\n  - name: layer1\n    Dense: {units: 2, use_bias: false}\n  - Flatten\n",
    "image": """\
inputs: {image: {shape: [28, 28, 1], dtype: float32}}
layers:
  - Conv2D: {filters: 8, kernel_size: [3, 3], padding: same, activation: {leaky_relu: {negative_slope: 0.1}}}
  - MaxPooling2D: 2
  - BatchNormalization: {momentum: 0.9}
  - Reshape: [7, 4, -1]
  - Flatten:
  - name: head
    trainable: false
    dtype: float64
    Dense: {units: 10, kernel_initializer: {RandomNormal: {stddev: 0.02}}}
""",
    "graph": """\
specmodel: 1
seed: 7
dtype: float32
x-mine: {note: nothing}
inputs:
  title: {shape: [seq], dtype: int32}
  tags: [12]
layers:
  - name: title_vector
    inputs: title
    Embedding: {input_dim: 100, output_dim: 8, mask_zero: true}
  - name: lstm
    LSTM: {units: 6, return_state: true}
  - name: features
    inputs: [_, tags, lstm/1]
    Concatenate: {axis: -1}
  - name: priority
    Dense: {units: 1, activation: sigmoid}
  - name: again
    inputs: features
    reuse: priority
outputs: {score: priority, other: again}
""",
    "attention": """\
inputs: {query: [10, 16], memory: [12, 16]}
layers:
  - name: mha
    inputs: {query: query, value: memory}
    MultiHeadAttention: {num_heads: 2, key_dim: 8, use_causal_mask: false}
  - inputs: [_, query]
    Add:
  - LayerNormalization: {epsilon: 1e-6}
  - TimeDistributed: {layer: {Dense: {units: 4}}}
  - Bidirectional: {layer: {GRU: 3}, merge_mode: sum}
""",
}
GOOD = OWN | WRITTEN

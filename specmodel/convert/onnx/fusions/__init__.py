"""Groups of ops that ONNX has one operator for.

A matcher looks at an instruction and tells, if it is the last of such a group, which values the group reads and how it
is lowered. What stands between is then lowered only where others need it. Values of 16 bits are rounded after each op
and never grouped.
"""

from collections.abc import Mapping, Sequence

from specmodel.convert.onnx.fusions.activation import activation
from specmodel.convert.onnx.fusions.broadcasting import broadcasting
from specmodel.convert.onnx.fusions.convolution import convolution, convolution_with_bias
from specmodel.convert.onnx.fusions.dense import dense
from specmodel.convert.onnx.fusions.normalization import batch_normalization, layer_normalization
from specmodel.convert.onnx.fusions.pooling import pooling
from specmodel.convert.onnx.fusions.reading import Matcher
from specmodel.convert.onnx.fusions.recurrent import recurrent
from specmodel.convert.onnx.fusions.upsampling import upsampling
from specmodel.ops.conv import Conv, DepthwiseConv
from specmodel.ops.elementwise import Binary, Where
from specmodel.ops.pool import Pool
from specmodel.ops.scan import Scan
from specmodel.ops.shape import Repeat
from specmodel.ops.value import Op

MATCHERS: Mapping[type[Op], Sequence[Matcher]] = {
    Binary: (batch_normalization, layer_normalization, activation, convolution_with_bias, dense, broadcasting),
    Where: (broadcasting,),
    Conv: (convolution,),
    DepthwiseConv: (convolution,),
    Pool: (pooling,),
    Repeat: (upsampling,),
    Scan: (recurrent,),
}
"""The matchers for the last op of a group; the first that finds one has it."""

/** The network as an ONNX file, weights inside. Written with protobufjs from ONNX's message format. */
import protobuf from 'protobufjs';
import type { Layer } from '../../layers.ts';
import { type Operations, unet } from '../network.ts';
import type { Tensors } from '../tensor_file.ts';
import { NORM_EPS } from '../workload.ts';

/** The part of onnx.proto that is needed; numbers and names are the format's. */
const FORMAT = `
syntax = "proto3";
message Attribute {
  string name = 1; float f = 2; int64 i = 3; repeated int64 ints = 8; int32 type = 20;
}
message Node {
  repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
  repeated Attribute attribute = 5;
}
message Tensor { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
message Shape { repeated Dimension dim = 1; }
message TensorType { int32 elem_type = 1; Shape shape = 2; }
message Type { TensorType tensor_type = 1; }
message ValueInfo { string name = 1; Type type = 2; }
message Graph {
  repeated Node node = 1; string name = 2; repeated Tensor initializer = 5;
  repeated ValueInfo input = 11; repeated ValueInfo output = 12;
}
message OperatorSet { string domain = 1; int64 version = 2; }
message Model {
  int64 ir_version = 1; string producer_name = 2; Graph graph = 7; repeated OperatorSet opset_import = 8;
}`;

/** Codes of onnx.proto: AttributeProto.AttributeType and TensorProto.DataType. */
const ATTRIBUTE = { float: 1, int: 2, ints: 7 } as const;
const FLOAT = 1;
/** Versions that any runtime of the last years reads. */
const IR_VERSION = 8;
const OPSET = 17;

const ints = (name: string, values: readonly number[]) => ({
  name,
  ints: values,
  type: ATTRIBUTE.ints,
});

/** Collects nodes; a value is the name of its edge. */
class GraphBuilder implements Operations<string> {
  readonly nodes: object[] = [];
  readonly constants = new Map<string, { shape: readonly number[]; data: Float32Array }>();

  private node(type: string, input: readonly string[], attribute: readonly object[] = []): string {
    const output = `${type}_${this.nodes.length}`;
    this.nodes.push({ name: output, op_type: type, input, output: [output], attribute });
    return output;
  }

  private convolution(type: string, x: string, layer: Layer, more: readonly object[]): string {
    const { kernel, stride, parameter } = layer;
    const around = (kernel - 1) / 2;
    return this.node(
      type,
      [x, `${parameter}.weight`, `${parameter}.bias`],
      [
        ints('kernel_shape', [kernel, kernel, kernel]),
        ints('strides', [stride, stride, stride]),
        ints(
          'pads',
          Array.from({ length: 6 }, () => around),
        ),
        ...more,
      ],
    );
  }

  /** A parameter without effect that InstanceNormalization asks for. */
  private constant(channels: number, value: number): string {
    const name = `${value}x${channels}`;
    this.constants.set(name, {
      shape: [channels],
      data: new Float32Array(channels).fill(value),
    });
    return name;
  }

  conv(x: string, layer: Layer): string {
    return this.convolution('Conv', x, layer, []);
  }

  convTranspose(x: string, layer: Layer): string {
    return this.convolution('ConvTranspose', x, layer, [ints('output_padding', [1, 1, 1])]);
  }

  instanceNorm(x: string, channels: number): string {
    const input = [x, this.constant(channels, 1), this.constant(channels, 0)];
    const epsilon = { name: 'epsilon', f: NORM_EPS, type: ATTRIBUTE.float };
    return this.node('InstanceNormalization', input, [epsilon]);
  }

  prelu(x: string, slope: string): string {
    return this.node('PRelu', [x, slope]);
  }

  add(a: string, b: string): string {
    return this.node('Add', [a, b]);
  }

  concat(a: string, b: string): string {
    return this.node('Concat', [a, b], [{ name: 'axis', i: 1, type: ATTRIBUTE.int }]);
  }
}

const valueInfo = (name: string, dims: readonly (number | string)[]) => ({
  name,
  type: {
    tensor_type: {
      elem_type: FLOAT,
      shape: {
        dim: dims.map((dim) => (typeof dim === 'number' ? { dim_value: dim } : { dim_param: dim })),
      },
    },
  },
});

/** Name of the model's input, [1, 1, D, H, W]. */
export const INPUT = 'image';

/**
 * @param weights by the network's parameter names
 * @returns the file, and the name of the logits in it, [1, 2, D, H, W]; sizes are left open
 */
export function onnxModel(weights: Tensors): { bytes: Uint8Array; output: string } {
  const builder = new GraphBuilder();
  const output = unet(builder, INPUT);
  const initializer = [...weights, ...builder.constants].map(([name, { shape, data }]) => ({
    name,
    dims: shape,
    data_type: FLOAT,
    raw_data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  }));
  const model = protobuf.parse(FORMAT, { keepCase: true }).root.lookupType('Model');
  const bytes = model
    .encode(
      model.fromObject({
        ir_version: IR_VERSION,
        producer_name: 'voxgrad bench/peers',
        opset_import: [{ domain: '', version: OPSET }],
        graph: {
          name: 'unet',
          node: builder.nodes,
          initializer,
          input: [valueInfo(INPUT, [1, 1, 'd', 'h', 'w'])],
          output: [valueInfo(output, [1, 2, 'd', 'h', 'w'])],
        },
      }),
    )
    .finish();
  return { bytes, output };
}

import type { NetworkRow, Row } from '../../bench/report.ts';

/** A measured row of an op; what a test is about is overridden. */
export function opRow(fields: Partial<Row>): Row {
  return {
    op: 'add',
    pass: 'forward',
    layer: 'enc0.conv0',
    variant: 'shipped',
    kernel: null,
    stride: null,
    in_channels: 16,
    out_channels: 16,
    shape: [8, 8, 8],
    batch: 1,
    ms: 2,
    spread: 0.1,
    gflops: null,
    gbps: 1,
    percent_of_ceiling: null,
    ...fields,
  };
}

export function networkRow(fields: Partial<NetworkRow>): NetworkRow {
  return {
    name: 'unet',
    shape: [32, 32, 32],
    batch: 1,
    what: 'forward',
    ms: 100,
    spread: 0.1,
    gflops: 1,
    percent_of_ceiling: null,
    non_convolution_share: 0.2,
    peak_bytes: 2 ** 20,
    dispatches: 80,
    submits: 2,
    bytes_moved: 2 ** 21,
    base_bytes: null,
    kernels: [],
    ...fields,
  };
}

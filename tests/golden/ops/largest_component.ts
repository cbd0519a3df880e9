import { keepLargestComponent, labelComponents } from '../../../src/patch/largest_component.ts';
import { toTriple } from '../../../src/shape.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => {
  const { data: mask, shape: given } = c.input('mask');
  const shape = toTriple(given, 'mask');
  const six = labelComponents(mask, shape, 6);
  const largest6 = keepLargestComponent(mask, shape, 6);
  return {
    largest_6: { data: largest6 },
    labels_6: { data: six.labels },
    n_6: { data: [six.count] },
    monai_conn1: { data: largest6 },
    monai_conn3: { data: keepLargestComponent(mask, shape, 26) },
    labels_26: { data: labelComponents(mask, shape, 26).labels },
  };
};

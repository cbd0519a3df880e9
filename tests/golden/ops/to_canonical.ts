import { toCanonical, toOrientation } from '../../../src/io/orientation.ts';
import { volume } from '../../../src/io/volume.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => {
  const { data, shape } = c.input('data');
  const affines = c.input('affine').data;
  const codes: string[] = c.params.codes;
  const canonical = codes.map((code, n) => {
    const affine = [...affines.subarray(16 * n, 16 * n + 16)];
    const original = volume(Float32Array.from(data), shape, affine);
    const result = toCanonical(original);
    // The case's note: ToOrientation(code) inverts exactly.
    const back = toOrientation(result, code).data;
    if (!back.every((value, at) => value === data[at])) {
      throw new Error(`toOrientation('${code}') does not undo toCanonical`);
    }
    return result;
  });
  return {
    data_out: { data: canonical.flatMap((v) => [...v.data]) },
    affine_out: { data: canonical.flatMap((v) => v.affine) },
  };
};

import { readNifti } from '../../../src/io/nifti.ts';
import { axisCodes, toOrientation } from '../../../src/io/orientation.ts';
import { volume } from '../../../src/io/volume.ts';
import { patchConfig } from '../../../src/patch/patch_config.ts';
import { preprocess, preprocessingOf } from '../../../src/patch/preprocessing.ts';
import { resize } from '../../../src/patch/transforms/resize.ts';
import { inferScan, labelsOf, largestComponentOf } from '../../../src/train/patch_inference.ts';
import { slidingWindow } from '../../../src/train/sliding_window.ts';
import type { GoldenHandler } from '../case.ts';
import { goldenNetwork } from '../network.ts';

/** One scan from its file to a label map on its own grid, with the stages in between. */
export const handler: GoldenHandler = async (c) => {
  const { params } = c;
  const network = goldenNetwork(c);
  try {
    const image = readNifti(c.file(params.nifti));
    const config = patchConfig({
      patchSize: params.patch,
      patchOverlap: params.overlap,
      targetSpacing: params.target,
      aggregationMode: params.aggregation ?? 'hann',
      normalization: [{ name: 'ZNormalization', params: {} }],
      keepLargestComponent: true,
    });
    const scan = preprocess({ name: c.name, image }, preprocessingOf(config));
    const input = scan.subject.image;
    const probability = await slidingWindow(c.gpu, network, input, config);
    const labels = labelsOf(probability);
    // As fastMONAI: only between background and one class.
    const largest = probability.shape[0] > 2 ? labels : largestComponentOf(labels);
    // What fastMONAI does: the padding stays, and is squeezed into the scan's size.
    const squeezed = resize(
      volume(largest.data, largest.shape, scan.unpadded.affine),
      scan.reordered.shape,
      'nearest',
    );
    const upstream = toOrientation(squeezed, params.code ?? axisCodes(image.affine));
    const inference = await inferScan(c.gpu, network, image, {
      config: { ...config, keepLargestComponent: probability.shape[0] <= 2 },
      swBatchSize: 4,
    });
    const final = inference.labels();
    const where = (mask: string) => {
      if (!c.outputNames.includes(mask)) return {};
      const ties = c.output(mask).data;
      return { where: (n: number) => ties[n] === 0 };
    };
    return {
      preprocessed: { data: input.data },
      probability: { data: probability.data },
      label_largest: { data: largest.data },
      final_upstream: { data: upstream.data, ...where('tie_upstream') },
      final_cropped: { data: final.data, ...where('tie_cropped') },
      affine: { data: final.affine },
      input_affine: { data: scan.unpadded.affine },
    };
  } finally {
    network.dispose();
  }
};

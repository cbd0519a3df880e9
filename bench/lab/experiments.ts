/** What can be tried in the kernel lab: each op's passes, on awkward sizes and on a network's layers. */
import type { Triple } from '../../src/shape.ts';
import { ADVERSARIAL_SHAPES, CHECKS_OF } from '../checks/all.ts';
import type { Check, VolumeShape } from '../checks/check.ts';
import { convTranspose3dCheck } from '../checks/conv_transpose3d.check.ts';
import { conv3dCheck } from '../checks/conv3d.check.ts';
import { distinctLayers } from '../kernels/convolution.ts';
import { activations } from '../kernels/elementwise.ts';
import { TUTORIAL, unetLayers } from '../layers.ts';

export interface Experiment extends Check {
  /** `awkward sizes`, or `layers of a 32x32x32 patch`. */
  readonly group: string;
}

/** Edges of the patches whose layers can be chosen. */
const PATCHES = [32, 64, 128] as const;

/** Ops that see what the network puts out, and ops that see the image. */
const ON_LOGITS = ['softmax', 'sigmoid', 'dice_ce', 'cross_entropy', 'aggregate', 'cast'];
const ON_IMAGES = ['affine', 'flip', 'blur', 'noise', 'gamma', 'bias_field'];

function layerChecks(op: string, edge: number): Check[] {
  const patch: Triple = [edge, edge, edge];
  const layers = unetLayers(patch);
  if (op === 'conv3d' || op === 'conv_transpose3d') {
    const checksOf = op === 'conv3d' ? conv3dCheck : convTranspose3dCheck;
    return distinctLayers(layers)
      .filter((layer) => layer.op === op)
      .flatMap(({ name, inChannels, input, ...kind }) =>
        checksOf([1, inChannels, ...input], kind).map((check) => ({
          ...check,
          title: `${name}: ${check.title}`,
        })),
      );
  }
  const checksOf = CHECKS_OF[op]!;
  // dice_ce and cross_entropy take one class more than x has channels.
  const classes = op === 'dice_ce' || op === 'cross_entropy' ? 1 : TUTORIAL.outChannels;
  if (ON_LOGITS.includes(op)) return checksOf([1, classes, ...patch]);
  if (ON_IMAGES.includes(op)) return checksOf([1, 1, ...patch]);
  return activations(layers).flatMap(({ layer, channels, size }) => {
    const shape: VolumeShape = [1, channels, ...size];
    return checksOf(shape).map((check) => ({ ...check, title: `${layer}: ${check.title}` }));
  });
}

/** Everything that can be tried with an op; the same title twice in a pass does not occur. */
export function experimentsOf(op: string): Experiment[] {
  const awkward = ADVERSARIAL_SHAPES.flatMap((shape) => CHECKS_OF[op]!(shape)).map((check) => ({
    ...check,
    group: 'awkward sizes',
  }));
  const layers = PATCHES.flatMap((edge) =>
    layerChecks(op, edge).map((check) => ({
      ...check,
      group: `layers of a ${edge}x${edge}x${edge} patch`,
    })),
  );
  const seen = new Set<string>();
  return [...awkward, ...layers].filter(({ pass, title }) => {
    const key = `${pass} ${title}`;
    return !seen.has(key) && seen.add(key);
  });
}

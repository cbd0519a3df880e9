/** Moved volumes. ITK's LinearInterpolateImageFunction and NearestNeighborInterpolateImageFunction. */

/** Position in x, in voxels, of each voxel of y; undefined where that is outside of x. */
function* positions(
  [samples, , D, H, W]: readonly number[],
  motions: ArrayLike<number>,
): Generator<{ sample: number; voxel: number; p: [number, number, number] | undefined }> {
  const size = [D!, H!, W!];
  for (let sample = 0; sample < samples!; sample++) {
    for (let voxel = 0; voxel < D! * H! * W!; voxel++) {
      const at = [Math.floor(voxel / (H! * W!)), Math.floor(voxel / W!) % H!, voxel % W!, 1];
      const p = [0, 1, 2].map((row) =>
        at.reduce((sum, value, n) => sum + motions[12 * sample + 4 * row + n]! * value, 0),
      ) as [number, number, number];
      const isInside = p.every((value, axis) => value >= -0.5 && value < size[axis]! - 0.5);
      yield { sample, voxel, p: isInside ? p : undefined };
    }
  }
}

const clamp = (index: number, size: number): number => Math.min(Math.max(index, 0), size - 1);

/**
 * y[n,c,v] = x[n,c] at p = motions[n]·(v, 1), linear between the 8 neighbours, those beyond the border
 * clamped; `outside` where p is not within half a voxel of x. moved[n,v] = labels[n] at the voxel
 * nearest to p, halves rounded up; 0 outside.
 *
 * @param x [N, C, D, H, W]
 * @param labels [N, 1, D, H, W]
 * @param motions [N, 3, 4]
 */
export function affineForward(
  x: ArrayLike<number>,
  shape: readonly number[],
  labels: ArrayLike<number>,
  motions: ArrayLike<number>,
  outside: number,
): { y: Float32Array; moved: Uint32Array } {
  const [, C, D, H, W] = shape as [number, number, number, number, number];
  const voxels = D * H * W;
  const y = new Float32Array(x.length).fill(outside);
  const moved = new Uint32Array(labels.length);
  const voxelAt = (at: readonly number[]): number => {
    const [i, j, k] = at.map((index, axis) => clamp(index, shape[axis + 2]!));
    return (i! * H + j!) * W + k!;
  };
  for (const { sample, voxel, p } of positions(shape, motions)) {
    if (!p) continue;
    const nearest = voxelAt(p.map((value) => Math.floor(value + 0.5)));
    moved[sample * voxels + voxel] = labels[sample * voxels + nearest]!;
    const low = p.map(Math.floor);
    for (let channel = 0; channel < C; channel++) {
      const base = (sample * C + channel) * voxels;
      let sum = 0;
      for (let corner = 0; corner < 8; corner++) {
        const step = [corner >> 2, (corner >> 1) & 1, corner & 1];
        const weight = p.reduce((all, value, axis) => {
          const fraction = value - low[axis]!;
          return all * (step[axis] === 1 ? fraction : 1 - fraction);
        }, 1);
        sum += weight * x[base + voxelAt(low.map((index, axis) => index + step[axis]!))]!;
      }
      y[base + voxel] = sum;
    }
  }
  return { y, moved };
}

/** Mirrored volumes. */

/**
 * y[n,c,i,j,k] = x[n,c,i',j',k'], i' = D - 1 - i where bit 0 of axes[n] is set, j' and k' by bits 1
 * and 2.
 *
 * @param x [N, C, D, H, W]
 */
export function flipInPlace<T extends Float32Array | Uint32Array>(
  x: T,
  [, C, D, H, W]: readonly number[],
  axes: ArrayLike<number>,
): T {
  const size = [D!, H!, W!];
  const voxels = D! * H! * W!;
  return x.map((_, n) => {
    const voxel = n % voxels;
    const bits = axes[Math.floor(n / (C! * voxels))]!;
    const at = [Math.floor(voxel / (H! * W!)), Math.floor(voxel / W!) % H!, voxel % W!];
    const [i, j, k] = at.map((index, axis) =>
      (bits >> axis) & 1 ? size[axis]! - 1 - index : index,
    );
    return x[n - voxel + (i! * H! + j!) * W! + k!]!;
  }) as T;
}

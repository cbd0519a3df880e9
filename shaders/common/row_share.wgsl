// A thread's part of a batch of volumes [N,C,D,H,W]: up to 8 voxels of a row along W, every `step`-th
// from `first_k` on, so that neighbouring threads take neighbouring voxels. Whole divisions are slow;
// this way a voxel costs an eighth of them. `rowShares` of src/gpu/row_shares.ts counts the threads.
struct RowShare {
  sample: u32,
  i: u32,
  j: u32,
  first_k: u32,
  step: u32,
}

fn row_share(index: u32, size: vec3<u32>) -> RowShare {
  let step = (size.z + 7u) / 8u;
  let row = index / step;
  let plane = row / size.y;
  let sample = plane / size.x;
  return RowShare(sample, plane - sample * size.x, row - plane * size.y, index - row * step, step);
}

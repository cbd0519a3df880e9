// What the Dice and cross-entropy losses need to know of the logits, in one reading pass.
//   p[c] = softmax over classes, t = label, w[c] = class weight (1 without)
//   partial[n, 0 C + c] = sum of p[c] where t = c          intersection
//   partial[n, 1 C + c] = sum of p[c], or p[c]^2           prediction
//   partial[n, 2 C + c] = number of voxels where t = c     ground truth
//   partial[n, 3 C]     = sum of -w[t] * log p[t]          cross-entropy
// logits: [N, C, voxels]   labels: [N, voxels]   weight: [C]   partial: [N, 3 C + 1, splits]
// One thread per (n, split) reads the voxels split, split + splits, ...; `sum_rows` adds the
// splits in a fixed order. log p = x - max - log(sum of exp(x - max)): no overflow for any x.
// MONAI DiceLoss and DiceCELoss; Milletari et al. 2016.
//#include "common/linear_index.wgsl"
//#include "common/log1p.wgsl"

struct Params {
  batch: u32,
  voxels: u32,
  splits: u32,
  squared: u32,
  weighted: u32,
  not_a_number: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read_write> partial: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;
const CLASSES: u32 = 2u; // rewritable

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.batch * params.splits) {
    return;
  }
  let sample = index / params.splits;
  let split = index % params.splits;
  var intersection: array<f32, CLASSES>;
  var prediction: array<f32, CLASSES>;
  var ground_truth: array<f32, CLASSES>;
  var cross_entropy = 0.0;
  for (var voxel = split; voxel < params.voxels; voxel += params.splits) {
    let start = sample * CLASSES * params.voxels + voxel;
    let label = labels[sample * params.voxels + voxel];
    var p: array<f32, CLASSES>;
    p[0] = logits[start];
    var top = 0u;
    var largest = p[0];
    for (var c = 1u; c < CLASSES; c++) {
      p[c] = logits[start + c * params.voxels];
      if (p[c] > largest) {
        largest = p[c];
        top = c;
      }
    }
    // The largest class contributes exactly 1; the others are summed apart for log1p.
    var others = 0.0;
    var log_numerator = 0.0;
    for (var c = 0u; c < CLASSES; c++) {
      let below = p[c] - largest;
      p[c] = exp(below);
      others += select(p[c], 0.0, c == top);
      log_numerator = select(log_numerator, below, c == label);
    }
    let scale = 1.0 / (1.0 + others);
    for (var c = 0u; c < CLASSES; c++) {
      p[c] *= scale;
      let here = c == label;
      intersection[c] += select(0.0, p[c], here);
      prediction[c] += select(p[c], p[c] * p[c], params.squared != 0u);
      ground_truth[c] += select(0.0, 1.0, here);
    }
    var w = 1.0;
    if (params.weighted != 0u) {
      w = weight[min(label, CLASSES - 1u)];
    }
    // A label that is no class must not pass silently: the loss becomes NaN.
    cross_entropy += select(
      w * (log1p(others) - log_numerator),
      params.not_a_number,
      label >= CLASSES,
    );
  }
  let row = sample * (3u * CLASSES + 1u);
  for (var c = 0u; c < CLASSES; c++) {
    partial[(row + c) * params.splits + split] = intersection[c];
    partial[(row + CLASSES + c) * params.splits + split] = prediction[c];
    partial[(row + 2u * CLASSES + c) * params.splits + split] = ground_truth[c];
  }
  partial[(row + 3u * CLASSES) * params.splits + split] = cross_entropy;
}

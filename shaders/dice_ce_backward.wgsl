// logits[c] = dloss * (p[c] * (g[c] - sum over k of p[k] g[k]) + s * w[t] * (p[c] - [c = t]))
//   p = softmax of the logits, t = label, w = class weight (1 without), s = slopes[2 N C]
//   g[c] = d loss / d p[c] = slopes[n, c] * [c = t] + slopes[n, C + c] * (1, or 2 p[c] if squared)
// logits: [N, C, voxels], overwritten by their gradient   labels: [N, voxels]   weight: [C]
// slopes: [2 N C + 1] of dice_ce_forward   dloss: [1]
// One thread per voxel and sample; p is computed again rather than kept.
//#include "common/linear_index.wgsl"

struct Params {
  batch: u32,
  voxels: u32,
  squared: u32,
  weighted: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> logits: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> slopes: array<f32>;
@group(0) @binding(5) var<storage, read> dloss: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;
const CLASSES: u32 = 2u; // rewritable

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.batch * params.voxels) {
    return;
  }
  let sample = index / params.voxels;
  let start = sample * CLASSES * params.voxels + index % params.voxels;
  let label = labels[index];
  var largest = logits[start];
  for (var c = 1u; c < CLASSES; c++) {
    largest = max(largest, logits[start + c * params.voxels]);
  }
  var p: array<f32, CLASSES>;
  var total = 0.0;
  for (var c = 0u; c < CLASSES; c++) {
    p[c] = exp(logits[start + c * params.voxels] - largest);
    total += p[c];
  }
  let scale = 1.0 / total;
  var g: array<f32, CLASSES>;
  var mean = 0.0;
  let row = sample * 2u * CLASSES;
  for (var c = 0u; c < CLASSES; c++) {
    p[c] *= scale;
    g[c] = slopes[row + CLASSES + c] * select(1.0, 2.0 * p[c], params.squared != 0u);
    g[c] += select(0.0, slopes[row + c], c == label);
    mean += p[c] * g[c];
  }
  var ce_slope = slopes[2u * params.batch * CLASSES];
  if (params.weighted != 0u) {
    ce_slope *= weight[min(label, CLASSES - 1u)];
  }
  for (var c = 0u; c < CLASSES; c++) {
    let residual = p[c] - select(0.0, 1.0, c == label);
    logits[start + c * params.voxels] = dloss[0] * (p[c] * (g[c] - mean) + ce_slope * residual);
  }
}

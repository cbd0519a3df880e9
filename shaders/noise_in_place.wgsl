// x = x + mean_n + std_n z; z of element e of sample n is a standard normal number, that of the
// counter (0, e) under the sample's key
// x [N,...]; moments [N,2]: mean, std; keys [N,2]
// `share` threads per sample, each for every share-th element; mean and std 0 leave them alone.
//#include "common/linear_index.wgsl"
//#include "common/threefry.wgsl"
//#include "common/log1p.wgsl"
//#include "common/normal.wgsl"

struct Params {
  threads: u32,
  share: u32,
  sample_size: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> moments: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> keys: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read_write> x: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.threads) {
    return;
  }
  let sample = index / params.share;
  let moment = moments[sample];
  if (all(moment == vec2<f32>(0.0))) {
    return;
  }
  let key = keys[sample];
  let first = sample * params.sample_size;
  for (var at = index - sample * params.share; at < params.sample_size; at += params.share) {
    x[first + at] += moment.x + moment.y * threefry_normal(key, vec2<u32>(0u, at));
  }
}

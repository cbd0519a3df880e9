// A grid longer than 65,535 workgroups is folded into x and y; this is the position along it.
fn linear_workgroup(workgroup: vec3<u32>, workgroups: vec3<u32>) -> u32 {
  return workgroup.x + workgroup.y * workgroups.x;
}

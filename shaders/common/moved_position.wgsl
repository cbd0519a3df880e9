// Where a voxel of a moved volume takes its value: M (i, j, k, 1), M of 3 rows and 4 columns.
struct Motion {
  rows: array<vec4<f32>, 3>,
}

fn moved_position(motion: Motion, voxel: u32, size_j: u32, size_k: u32) -> vec3<f32> {
  let place = vec4<f32>(
    f32(voxel / (size_j * size_k)),
    f32(voxel / size_k % size_j),
    f32(voxel % size_k),
    1.0,
  );
  return vec3<f32>(
    dot(motion.rows[0], place),
    dot(motion.rows[1], place),
    dot(motion.rows[2], place),
  );
}

// ITK's rule: half a voxel beyond the outermost voxels' centres still belongs to the volume.
fn inside_volume(position: vec3<f32>, size: vec3<f32>) -> bool {
  return all(position >= vec3<f32>(-0.5)) && all(position < size - 0.5);
}

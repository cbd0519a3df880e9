/** A label map into a texture, in pieces between which the page can do something else. */
import type { Triple } from './scan_image.ts';

const PIECE_BYTES = 2 ** 21;

/** Resolves when the GPU has done all that it was told. */
export function finished(gl: WebGL2RenderingContext): Promise<void> {
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.flush();
  return new Promise((resolve) => {
    const look = () => {
      const isOpen = fence && !gl.isContextLost();
      if (isOpen && gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED) setTimeout(look, 4);
      else {
        gl.deleteSync(fence);
        resolve();
      }
    };
    look();
  });
}

/**
 * @param isWanted asked before every piece
 * @returns a texture of bytes without interpolation, in texture unit 7, where NiiVue has its drawing; undefined
 * if it was not wanted any more
 */
export async function uploadLabels(
  gl: WebGL2RenderingContext,
  indices: Uint8Array,
  [width, height, depth]: Triple,
  isWanted: () => boolean,
): Promise<WebGLTexture | undefined> {
  await finished(gl);
  const texture = gl.createTexture();
  const bind = () => {
    gl.activeTexture(gl.TEXTURE7);
    gl.bindTexture(gl.TEXTURE_3D, texture);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  };
  const before = gl.getParameter(gl.ACTIVE_TEXTURE);
  gl.activeTexture(gl.TEXTURE7);
  const drawn = gl.getParameter(gl.TEXTURE_BINDING_3D);
  const release = () => {
    gl.bindTexture(gl.TEXTURE_3D, drawn);
    gl.activeTexture(before);
  };
  bind();
  for (const side of [gl.TEXTURE_WRAP_R, gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
    gl.texParameteri(gl.TEXTURE_3D, side, gl.CLAMP_TO_EDGE);
  }
  gl.texParameteri(gl.TEXTURE_3D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_3D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  gl.texStorage3D(gl.TEXTURE_3D, 1, gl.R8, width, height, depth);
  const plane = width * height;
  const step = Math.max(1, Math.floor(PIECE_BYTES / plane));
  for (let z = 0; z < depth; z += step) {
    const planes = Math.min(step, depth - z);
    const piece = indices.subarray(z * plane, (z + planes) * plane);
    bind();
    gl.texSubImage3D(
      gl.TEXTURE_3D,
      0,
      0,
      0,
      z,
      width,
      height,
      planes,
      gl.RED,
      gl.UNSIGNED_BYTE,
      piece,
    );
    if (z + planes >= depth) break;
    // What is drawn meanwhile is what was there before.
    release();
    await finished(gl);
    if (isWanted()) continue;
    gl.deleteTexture(texture);
    return undefined;
  }
  return texture;
}

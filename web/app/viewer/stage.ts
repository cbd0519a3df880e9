/** NiiVue on a canvas: a scan with one label map over it. A large package; loaded with the first scan. */
import { MULTIPLANAR_TYPE, Niivue, NVImage, SHOW_RENDER, SLICE_TYPE } from '@niivue/niivue';
import type { Grid, ScanImage, Triple } from './scan_image.ts';
import { SLICE_SHADER } from './slice_shader.ts';
import { finished, uploadLabels } from './upload_labels.ts';
import type { Range } from './windows.ts';

export const VIEWS = ['All', 'Axial', 'Coronal', 'Sagittal', '3D'] as const;
export type ViewName = (typeof VIEWS)[number];

const SLICES: Record<ViewName, SLICE_TYPE> = {
  All: SLICE_TYPE.MULTIPLANAR,
  Axial: SLICE_TYPE.AXIAL,
  Coronal: SLICE_TYPE.CORONAL,
  Sagittal: SLICE_TYPE.SAGITTAL,
  '3D': SLICE_TYPE.RENDER,
};

export interface LabelStyle {
  /** Of the filling, from 0 to 1. */
  readonly opacity: number;
  /** Lines instead of filled areas. */
  readonly isOutline: boolean;
  /** Of the scan in 3D, from 0 to 1. */
  readonly scanIn3d: number;
}

type Rgb = readonly [number, number, number];

/** NIfTI's codes of what is drawn, by bytes per voxel. */
const DATATYPES = { 1: 2, 2: 4, 4: 16 } as const;
const LINE_PIXELS = 1.6;
/** Of the crosshair, as a share of the longest side of the scan. */
const LINE_SHARE = 0.0038;
const START = { azimuth: 110, elevation: 15 };
const COLOURS = 256;

/** A NIfTI file of one voxel of this size. Its axes are R, A, S. */
function oneVoxel(spacing: Triple): ArrayBuffer {
  const file = new ArrayBuffer(356);
  const view = new DataView(file);
  view.setInt32(0, 348, true);
  for (let n = 0; n < 8; n++) view.setInt16(40 + 2 * n, n === 0 ? 3 : 1, true);
  view.setInt16(70, 16, true);
  view.setInt16(72, 32, true);
  view.setFloat32(76, 1, true);
  view.setFloat32(108, 352, true);
  view.setFloat32(112, 1, true);
  view.setInt16(254, 1, true);
  spacing.forEach((size, axis) => {
    view.setFloat32(80 + 4 * axis, size, true);
    view.setFloat32(280 + 20 * axis, size, true);
  });
  new Uint8Array(file, 344).set([0x6e, 0x2b, 0x31]);
  return file;
}

/**
 * A NiiVue image of `image`. NiiVue would read all voxels for their range on the page's own thread; so it
 * gets a file of one voxel, and its header and voxels are exchanged. An oblique scan is drawn along the axes of
 * its voxels, so that NiiVue's millimetres are the voxels' own.
 */
async function niivueImage(image: ScanImage, name: string): Promise<NVImage> {
  const { dims, spacing } = image.grid;
  const made = await NVImage.loadFromUrl({
    url: `${name}.nii`,
    name: `${name}.nii`,
    buffer: oneVoxel(spacing),
    colormap: 'gray',
  });
  const header = made.hdr!;
  header.dims.splice(1, 3, ...dims);
  const bytes = image.data.BYTES_PER_ELEMENT as 1 | 2 | 4;
  header.datatypeCode = DATATYPES[bytes];
  header.numBitsPerVoxel = 8 * bytes;
  made.img = image.data;
  made.nVox3D = image.data.length;
  made.global_min = image.min;
  made.global_max = image.max;
  made.calculateRAS();
  return made;
}

export class Stage {
  private readonly niivue: Niivue;
  private readonly canvas: HTMLCanvasElement;
  private grid: Grid | undefined;
  private range: Range = [0, 1];
  private style: LabelStyle = { opacity: 0.5, isOutline: false, scanIn3d: 1 };
  private wanted: Uint8Array | undefined;
  private frame = 0;
  private hasNewWindow = false;

  private constructor(niivue: Niivue, canvas: HTMLCanvasElement) {
    this.niivue = niivue;
    this.canvas = canvas;
  }

  /**
   * Takes a canvas over.
   *
   * @param onMove hears the voxel under the crosshair
   * @throws Error where the browser has no WebGL 2
   */
  static async attach(canvas: HTMLCanvasElement, onMove: (voxel: Triple) => void): Promise<Stage> {
    const niivue = new Niivue({
      backColor: [0, 0, 0, 1],
      crosshairColor: [0.5, 0.72, 1, 0.8],
      fontColor: [1, 0.66, 0.16, 1],
      isCornerOrientationText: true,
      crosshairWidthUnit: 'mm',
      multiplanarShowRender: SHOW_RENDER.ALWAYS,
      multiplanarLayout: MULTIPLANAR_TYPE.GRID,
      multiplanarPadPixels: 3,
      dragAndDropEnabled: false,
      scrollRequiresFocus: true,
      smoothDrawing: 1,
      show3Dcrosshair: true,
      logLevel: 'silent',
      loadingText: '',
    });
    niivue.onLocationChange = (location: unknown) => {
      const { vox } = location as { vox: ArrayLike<number> };
      onMove([vox[0]!, vox[1]!, vox[2]!]);
    };
    await niivue.attachToCanvas(canvas);
    const { gl } = niivue;
    // Asked before each slice that is rendered into a texture; the answer waits for the GPU every time.
    gl.checkFramebufferStatus = () => gl.FRAMEBUFFER_COMPLETE;
    // Textures are zero from the start; NiiVue would send their zeros from here. In units 6 and 8 it keeps
    // gradients, for a kind of lighting that is not used: eight bytes per voxel that shrink to a column.
    const { rgbaTex } = niivue;
    niivue.rgbaTex = (texture, unit, dims) => {
      const isGradient = unit === gl.TEXTURE6 || unit === gl.TEXTURE8;
      const size = isGradient ? [dims[0]!, 1, 1, dims[3]!] : dims;
      return rgbaTex.call(niivue, texture, unit, size, false);
    };
    niivue.setCustomSliceShader(SLICE_SHADER);
    const stage = new Stage(niivue, canvas);
    stage.restyle();
    return stage;
  }

  /**
   * Shows another scan, without labels.
   *
   * @throws Error where the graphics device cannot hold it
   */
  async open(image: ScanImage, name: string, range: Range): Promise<void> {
    const { niivue } = this;
    const { gl } = niivue;
    const { dims } = image.grid;
    const most: number = gl.getParameter(gl.MAX_3D_TEXTURE_SIZE);
    if (Math.max(...dims) > most) {
      throw new Error(
        `it has ${dims.join(' × ')} voxels, and this graphics device draws at most ${most} along an axis.`,
      );
    }
    const extents = dims.map((size, axis) => size * image.grid.spacing[axis]!);
    niivue.opts.crosshairWidth = LINE_SHARE * Math.max(...extents);
    const made = await niivueImage(image, name);
    made.cal_min = range[0];
    made.cal_max = range[1];
    this.range = range;
    this.grid = image.grid;
    for (const volume of [...niivue.volumes]) niivue.removeVolume(volume);
    niivue.closeDrawing();
    niivue.addVolume(made);
    this.reset();
    await finished(gl);
    if (gl.getError() === gl.OUT_OF_MEMORY) {
      throw new Error(`the graphics device has no memory left for ${dims.join(' × ')} voxels.`);
    }
  }

  /** Takes the scan away. */
  clear(): void {
    const { niivue } = this;
    this.grid = undefined;
    this.wanted = undefined;
    for (const volume of [...niivue.volumes]) niivue.removeVolume(volume);
    niivue.closeDrawing();
  }

  /**
   * Shows other labels, once they have reached the GPU piece by piece: the page stays responsive meanwhile.
   *
   * @param indices numbers of classes, 0 where nothing is drawn; undefined for no labels
   * @param colours red, green and blue from 0 to 255 of class 1, 2, ...
   */
  async labels(indices: Uint8Array | undefined, colours: readonly Rgb[]): Promise<void> {
    const { niivue, grid } = this;
    this.wanted = indices;
    if (!grid) return;
    if (indices === niivue.drawBitmap) {
      this.colours(colours);
      return;
    }
    if (!indices) {
      niivue.closeDrawing();
      return;
    }
    const isCurrent = () => this.wanted === indices && this.grid === grid;
    const texture = await uploadLabels(niivue.gl, indices, grid.dims, isCurrent);
    if (!texture) return;
    niivue.gl.deleteTexture(niivue.drawTexture);
    niivue.drawTexture = texture;
    niivue.drawBitmap = indices;
    niivue.blurDrawingGL([3, ...grid.dims]);
    this.colours(colours);
  }

  /** @param colours red, green and blue from 0 to 255 of class 1, 2, ... */
  colours(colours: readonly Rgb[]): void {
    const lut = new Uint8ClampedArray(4 * COLOURS);
    colours.forEach((rgb, n) => {
      lut.set([...rgb, 255], 4 * (n + 1));
    });
    this.niivue.drawLut = { ...this.niivue.drawLut, lut };
    this.niivue.refreshColormaps();
    this.draw();
  }

  set labelStyle(style: LabelStyle) {
    this.style = style;
    this.restyle();
    this.draw();
  }

  /** Which values are black and white. */
  set window(range: Range) {
    this.range = range;
    this.hasNewWindow = true;
    this.draw();
  }

  set view(name: ViewName) {
    this.niivue.setSliceType(SLICES[name]);
  }

  /** Moves the crosshair by voxels to the right, to the front and up. */
  step(by: Triple): void {
    this.niivue.moveCrosshairInVox(...by);
  }

  moveTo(voxel: Triple): void {
    const { niivue } = this;
    niivue.scene.crosshairPos = niivue.vox2frac([...voxel]);
    niivue.createOnLocationChange();
    this.draw();
  }

  /** Turns the 3D rendering by degrees. */
  turn(azimuth: number, elevation: number): void {
    const { renderAzimuth, renderElevation } = this.niivue.scene;
    this.niivue.setRenderAzimuthElevation(renderAzimuth + azimuth, renderElevation + elevation);
  }

  /** Enlarges the slices and the rendering, or makes them smaller. */
  zoom(by: number): void {
    const { scene } = this.niivue;
    const [x, y, z, scale] = scene.pan2Dxyzmm as unknown as number[];
    const next = Math.min(8, Math.max(0.5, scale! * by));
    this.niivue.setPan2Dxyzmm([x!, y!, z!, next]);
    this.niivue.setScale(Math.min(8, Math.max(0.3, scene.volScaleMultiplier * by)));
  }

  /** Middle of the scan, no enlargement, the first direction of view. */
  reset(): void {
    const { niivue } = this;
    niivue.setPan2Dxyzmm([0, 0, 0, 1]);
    niivue.setScale(1);
    niivue.setRenderAzimuthElevation(START.azimuth, START.elevation);
    niivue.scene.crosshairPos = [0.5, 0.5, 0.5];
    niivue.createOnLocationChange();
    this.restyle();
    this.draw();
  }

  /** A PNG of what is seen. */
  picture(): Promise<Blob> {
    this.niivue.drawScene();
    return new Promise((resolve, reject) => {
      this.canvas.toBlob((blob) => {
        if (blob) resolve(blob);
        else reject(new Error('the browser could not make a picture'));
      }, 'image/png');
    });
  }

  /** Frees the graphics context. */
  close(): void {
    cancelAnimationFrame(this.frame);
    this.niivue.cleanup();
    this.niivue.gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  private restyle(): void {
    const { niivue } = this;
    const { opacity, isOutline, scanIn3d } = this.style;
    niivue.overlayOutlineWidth = LINE_PIXELS * devicePixelRatio;
    niivue.overlayAlphaShader = isOutline ? 0 : opacity;
    niivue.drawRimOpacity = Math.min(1, (isOutline ? 2 : 1.4) * opacity);
    niivue.drawOpacity = opacity === 0 ? 0 : 1;
    const shader = niivue.renderShader;
    if (shader) {
      shader.use(niivue.gl);
      niivue.gl.uniform1f(shader.uniforms.backOpacity ?? null, scanIn3d);
    }
  }

  /** Before the next frame, once however much has changed. */
  private draw(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const [scan] = this.niivue.volumes;
      if (scan && this.hasNewWindow) {
        [scan.cal_min, scan.cal_max] = this.range;
        this.niivue.refreshLayers(scan, 0);
        this.restyle();
      }
      this.hasNewWindow = false;
      this.niivue.drawScene();
    });
  }
}

/** NiiVue with an image and label maps over it. */
import { MULTIPLANAR_TYPE, Niivue, NVImage, SHOW_RENDER, SLICE_TYPE } from '@niivue/niivue';
import { channels } from '../common/palette.ts';
import type { ViewName } from './case_browser.ts';
import type { LayerStyle, OverlayKind, OverlayStyle } from './layer_controls.ts';
import type { VolumeKind } from './server.ts';

export interface Layer {
  readonly kind: VolumeKind;
  /** File name; its ending says how to read it. */
  readonly name: string;
  readonly bytes: ArrayBuffer;
}

const SLICES: Record<ViewName, SLICE_TYPE> = {
  all: SLICE_TYPE.MULTIPLANAR,
  axial: SLICE_TYPE.AXIAL,
  coronal: SLICE_TYPE.CORONAL,
  sagittal: SLICE_TYPE.SAGITTAL,
  '3D': SLICE_TYPE.RENDER,
};

/** NIfTI's code of unsigned bytes. */
const UINT8 = 2;
const MAX_LABEL = 255;

/** Labels as bytes: NiiVue colours label maps of whole numbers only. */
function makeLabelMap(volume: NVImage): void {
  const { img, hdr } = volume;
  if (!img || !hdr) return;
  const { scl_slope: slope, scl_inter: inter } = hdr;
  const scale = Number.isFinite(slope) && slope !== 0 ? slope : 1;
  const labels = Uint8Array.from(img as ArrayLike<number>, (value) =>
    Math.min(MAX_LABEL, Math.max(0, Math.round(value * scale + (inter || 0)))),
  );
  volume.img = labels;
  hdr.datatypeCode = UINT8;
  hdr.numBitsPerVoxel = 8;
  hdr.scl_slope = 1;
  hdr.scl_inter = 0;
}

function colourMap({ colours }: OverlayStyle) {
  const values = [0, ...colours.keys()];
  const rgb = values.map((value) => channels(colours.get(value) ?? '#000000'));
  return {
    R: rgb.map(([red]) => red),
    G: rgb.map(([, green]) => green),
    B: rgb.map(([, , blue]) => blue),
    A: values.map((value) => (value === 0 ? 0 : 255)),
    I: values,
    labels: values.map(String),
  };
}

/** Position in millimetres and the values of image and label maps there. */
function locationText(location: unknown): string {
  const { mm, values } = location as { mm?: ArrayLike<number>; values?: { value: number }[] };
  if (!mm || !values) return '';
  const position = [0, 1, 2].map((axis) => (mm[axis] ?? 0).toFixed(0)).join(', ');
  const shown = values.map(({ value }) => String(Number(value.toPrecision(5)))).join(' · ');
  return `(${position}) mm: ${shown}`;
}

export class CaseViewer {
  private readonly niivue: Niivue;
  private kinds: VolumeKind[] = [];

  private constructor(niivue: Niivue) {
    this.niivue = niivue;
  }

  /**
   * Takes a canvas over.
   *
   * @param onLocation receives position and values under the crosshair
   */
  static async attach(
    canvas: HTMLCanvasElement,
    onLocation: (text: string) => void,
  ): Promise<CaseViewer> {
    if (!document.createElement('canvas').getContext('webgl2')) {
      throw new Error('this browser has no WebGL 2. Switch graphics acceleration on');
    }
    const niivue = new Niivue({
      backColor: [0, 0, 0, 1],
      crosshairColor: [0.45, 0.68, 1, 0.7],
      crosshairWidth: 0.4,
      crosshairWidthUnit: 'percent',
      isColorbar: false,
      isOrientCube: false,
      multiplanarShowRender: SHOW_RENDER.ALWAYS,
      multiplanarLayout: MULTIPLANAR_TYPE.GRID,
      multiplanarPadPixels: 4,
      dragAndDropEnabled: false,
      isNearestInterpolation: false,
      // What fails is thrown, too, and shown on the page.
      logLevel: 'silent',
      loadingText: '',
      show3Dcrosshair: true,
    });
    niivue.onLocationChange = (location: unknown) => onLocation(locationText(location));
    await niivue.attachToCanvas(canvas);
    return new CaseViewer(niivue);
  }

  /** Shows the layers, the first one at the bottom. */
  async open(layers: readonly Layer[]): Promise<void> {
    const { niivue } = this;
    const volumes = await Promise.all(
      layers.map(({ name, bytes, kind }) =>
        NVImage.loadFromUrl({
          url: name,
          name,
          buffer: bytes,
          colormap: kind === 'image' ? 'gray' : 'red',
        }),
      ),
    );
    for (const volume of [...niivue.volumes]) niivue.removeVolume(volume);
    this.kinds = layers.map(({ kind }) => kind);
    volumes.forEach((volume, n) => {
      if (this.kinds[n] !== 'image') makeLabelMap(volume);
      niivue.addVolume(volume);
    });
  }

  /** Label values above 0 in any of the label maps, ascending. */
  classValues(): number[] {
    const found = new Set<number>();
    this.niivue.volumes.forEach(({ img }, n) => {
      if (this.kinds[n] === 'image' || !img) return;
      for (const value of img as Uint8Array) if (value > 0) found.add(value);
    });
    return [...found].sort((a, b) => a - b);
  }

  style(style: LayerStyle): void {
    const { niivue } = this;
    niivue.overlayOutlineWidth = style.isOutline ? 1 : 0;
    niivue.volumes.forEach((volume, n) => {
      const kind = this.kinds[n];
      if (kind === 'image') return;
      const overlay = style[kind as OverlayKind];
      volume.setColormapLabel(colourMap(overlay));
      volume.opacity = overlay.opacity;
    });
    niivue.updateGLVolume();
  }

  view(name: ViewName): void {
    this.niivue.setSliceType(SLICES[name]);
    // The crosshair has its place once the scene is drawn.
    requestAnimationFrame(() => this.niivue.createOnLocationChange());
  }

  close(): void {
    this.niivue.cleanup();
    this.niivue.gl.getExtension('WEBGL_lose_context')?.loseContext();
  }
}

import type { Volume } from '../io/volume.ts';

/** One scan with, for training, its label map on the same grid (TorchIO's Subject). */
export interface Subject {
  readonly name: string;
  readonly image: Volume;
  readonly label?: Volume;
}

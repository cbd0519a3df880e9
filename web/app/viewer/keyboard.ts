/** What keys do while the drawn scan has the focus. */
import type { Triple } from './scan_image.ts';
import type { ViewName } from './stage.ts';

export interface KeyActions {
  readonly view: () => ViewName;
  step(by: Triple): void;
  turn(azimuth: number, elevation: number): void;
  zoom(by: number): void;
  choose(view: ViewName): void;
  reset(): void;
  toggleOutline(): void;
  toggleLabels(): void;
  nextLayer(): void;
}

/** For the page to tell. */
export const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['← →', 'to the left and right'],
  ['↑ ↓', 'to the front and back; in a single plane, its next slice'],
  ['Page ↑ ↓', 'up and down; in a single plane, its next slice'],
  ['Shift', 'with these: ten voxels at once. In 3D the arrows turn the picture'],
  ['1 … 5', 'all, axial, coronal, sagittal, 3D'],
  ['+ −', 'larger, smaller'],
  ['L', 'labels on and off'],
  ['O', 'filled or outlines'],
  ['T', 'prediction, ground truth, differences'],
  ['0', 'back to the start'],
];

const VIEW_KEYS: Readonly<Record<string, ViewName>> = {
  '1': 'All',
  '2': 'Axial',
  '3': 'Coronal',
  '4': 'Sagittal',
  '5': '3D',
};

/** Axis that a plane's slices follow one another along. */
const THROUGH: Partial<Record<ViewName, 0 | 1 | 2>> = { Sagittal: 0, Coronal: 1, Axial: 2 };

const ARROWS: Readonly<Record<string, readonly [axis: 0 | 1 | 2, sign: 1 | -1]>> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [1, 1],
  ArrowDown: [1, -1],
  PageUp: [2, 1],
  PageDown: [2, -1],
};

const TURN_DEGREES = 5;
const FAST = 10;
const ZOOM = 1.2;

/** @returns whether the key meant something here */
export function handleKey({ key, shiftKey }: KeyboardEvent, actions: KeyActions): boolean {
  const view = actions.view();
  const arrow = ARROWS[key];
  const chosen = VIEW_KEYS[key];
  if (arrow) {
    const [axis, sign] = arrow;
    const by = sign * (shiftKey ? FAST : 1);
    if (view === '3D') {
      if (axis === 0) actions.turn(by * TURN_DEGREES, 0);
      else actions.turn(0, by * TURN_DEGREES);
      return true;
    }
    const along = axis === 0 ? 0 : (THROUGH[view] ?? axis);
    const step: [number, number, number] = [0, 0, 0];
    step[along] = by;
    actions.step(step);
  } else if (chosen) actions.choose(chosen);
  else if (key === '+' || key === '=') actions.zoom(ZOOM);
  else if (key === '-') actions.zoom(1 / ZOOM);
  else if (key === '0') actions.reset();
  else if (key === 'o' || key === 'O') actions.toggleOutline();
  else if (key === 'l' || key === 'L') actions.toggleLabels();
  else if (key === 't' || key === 'T') actions.nextLayer();
  else return false;
  return true;
}

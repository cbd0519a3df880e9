import { describe, expect, it } from 'vitest';
import { handleKey, KEYS } from '../../../web/app/viewer/keyboard.ts';
import type { ViewName } from '../../../web/app/viewer/stage.ts';

function press(key: string, view: ViewName = 'All', shiftKey = false) {
  const done: unknown[] = [];
  const record =
    (name: string) =>
    (...args: unknown[]): void => {
      done.push([name, ...args]);
    };
  const isKnown = handleKey({ key, shiftKey } as KeyboardEvent, {
    view: () => view,
    step: record('step'),
    turn: record('turn'),
    zoom: record('zoom'),
    choose: record('choose'),
    reset: record('reset'),
    toggleOutline: record('outline'),
    toggleLabels: record('labels'),
    nextLayer: record('layer'),
  });
  return { isKnown, done: done[0] };
}

describe('handleKey', () => {
  it('moves the crosshair along the three axes, ten voxels with Shift', () => {
    expect(press('ArrowLeft').done).toEqual(['step', [-1, 0, 0]]);
    expect(press('ArrowUp').done).toEqual(['step', [0, 1, 0]]);
    expect(press('PageDown', 'All', true).done).toEqual(['step', [0, 0, -10]]);
  });

  it('goes through the slices of a single plane with up and down', () => {
    expect(press('ArrowUp', 'Axial').done).toEqual(['step', [0, 0, 1]]);
    expect(press('ArrowDown', 'Sagittal').done).toEqual(['step', [-1, 0, 0]]);
    expect(press('PageUp', 'Coronal').done).toEqual(['step', [0, 1, 0]]);
  });

  it('turns the 3D picture', () => {
    expect(press('ArrowRight', '3D').done).toEqual(['turn', 5, 0]);
    expect(press('ArrowUp', '3D').done).toEqual(['turn', 0, 5]);
  });

  it('leaves keys alone that it does not know, Tab above all', () => {
    for (const key of ['Tab', 'Enter', 'x']) expect(press(key)).toEqual({ isKnown: false });
  });

  it('does what the page says of letters and digits', () => {
    const texts = KEYS.map(([keys]) => keys).join(' ');
    for (const [key, name] of Object.entries({
      L: 'labels',
      O: 'outline',
      T: 'layer',
      0: 'reset',
    })) {
      expect(texts).toContain(key);
      expect(press(key).done).toEqual([name]);
    }
    expect(press('5').done).toEqual(['choose', '3D']);
    expect(press('-').done).toEqual(['zoom', 1 / 1.2]);
  });
});

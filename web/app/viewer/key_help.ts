/** What keys and the mouse do in the viewer, for people to open. */
import { element } from '../../common/element.ts';
import { KEYS } from './keyboard.ts';

export function keyHelp(): HTMLElement {
  return element(
    'details',
    { class: 'viewer-keys' },
    element('summary', {}, 'Keys and mouse'),
    element(
      'dl',
      {},
      ...KEYS.flatMap(([keys, what]) => [element('dt', {}, keys), element('dd', {}, what)]),
    ),
    element(
      'p',
      { class: 'quiet' },
      'Keys work once the picture has been clicked or reached by Tab. Drag to move the crosshair or turn the 3D picture; the wheel goes through slices.',
    ),
  );
}

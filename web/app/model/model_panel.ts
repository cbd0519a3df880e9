/** What is known of the model that is loaded. */
import { classColour } from '../../common/class_colours.ts';
import { element, swatch } from '../../common/element.ts';
import { sizes, spacings, whole } from '../../common/format.ts';
import type { AppStore, LoadedModel } from '../state/app_state.ts';

const DEMO =
  'The demo model: anterior and posterior hippocampus in T1-weighted MRI that is cropped to them.';

function fact(name: string, value: string | Node): HTMLElement {
  return element('div', {}, element('dt', {}, name), element('dd', {}, value));
}

function classList({ classNames }: LoadedModel, colours: ReadonlyMap<number, string>): HTMLElement {
  const names = classNames.slice(1).map((name, n) => {
    const value = n + 1;
    return element('li', {}, swatch(colours.get(value) ?? classColour(value - 1)), name);
  });
  return element('ul', { class: 'classes' }, ...names);
}

function facts(model: LoadedModel, colours: ReadonlyMap<number, string>): HTMLElement {
  const { inChannels, channels, patchSize, spacing, parameters } = model.facts;
  return element(
    'dl',
    { class: 'model-facts' },
    fact('Classes', classList(model, colours)),
    ...(inChannels > 1 ? [fact('Reads', `${inChannels} channels`)] : []),
    fact('Network', `UNet ${channels.join(', ')} · ${whole(parameters)} weights`),
    fact('Patch', `${sizes(patchSize)} voxels${spacing ? ` of ${spacings(spacing)}` : ''}`),
  );
}

function about({ isDemo, fileName }: LoadedModel): HTMLElement {
  if (!isDemo) return element('p', { class: 'model-name' }, fileName);
  const licence = element('a', { href: './models/LICENSE.md', target: '_blank', rel: 'noopener' });
  licence.append('CC BY-SA 4.0');
  return element('p', { class: 'quiet' }, DEMO, ' ', licence);
}

/** Draws the model of the store; the button brings the demo back. */
export function createModelPanel(root: HTMLElement, demo: HTMLElement, store: AppStore): void {
  let shown: unknown;
  let colour: unknown;
  store.subscribe(() => {
    const { model, colours } = store.get();
    demo.hidden = model === undefined || model.isDemo;
    if (model === shown && colours === colour) return;
    shown = model;
    colour = colours;
    if (model) root.replaceChildren(about(model), facts(model, colours));
    else root.replaceChildren(element('p', { class: 'quiet' }, 'No model is loaded.'));
  });
}

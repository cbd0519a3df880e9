/** The page of `voxgrad ui`: an address after # chooses between all runs and one of them. */
import type { RunSummary } from '../../src/index.ts';
import { element } from '../common/element.ts';
import { CurveStore } from './curve_store.ts';
import { Overview } from './overview.ts';
import { RunView } from './run_view.ts';
import { listenToRuns, rootFolder } from './server.ts';
import type { View } from './view.ts';

const place = document.querySelector<HTMLElement>('#main')!;
const connection = document.querySelector<HTMLElement>('#connection')!;
const curves = new CurveStore();
/** Places in the palette of the runs that are compared. */
const selected = new Map<string, number>();
let runs: readonly RunSummary[] | undefined;
let view: View | undefined;

function route(): void {
  const [, kind, id] = location.hash.split('/');
  view?.leave();
  view =
    kind === 'run' && id
      ? new RunView(decodeURIComponent(id), curves)
      : new Overview(curves, selected);
  document.title = view.title;
  place.replaceChildren(view.root);
  scrollTo(0, 0);
  if (runs) view.update(runs);
}

function showConnection(isOpen: boolean): void {
  connection.textContent = isOpen ? 'live' : 'no connection, trying again';
  connection.dataset.open = String(isOpen);
}

addEventListener('hashchange', () => {
  route();
  place.focus();
});
route();
listenToRuns({
  onRuns: (news) => {
    runs = news;
    view?.update(news);
  },
  onFailure: (message) => place.prepend(element('p', { class: 'notice' }, message)),
  onConnection: showConnection,
});
rootFolder().then(
  (folder) => {
    document.querySelector('#folder')!.textContent = folder;
  },
  () => showConnection(false),
);

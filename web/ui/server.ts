/** What the page asks its server for. */
import type { RunCurves, RunDetail, RunSummary } from '../../src/index.ts';

async function get(path: string, parameters: Record<string, string>): Promise<Response> {
  const response = await fetch(`api/${path}?${new URLSearchParams(parameters)}`);
  if (response.ok) return response;
  throw new Error((await response.text()).trim() || response.statusText);
}

export const runDetail = async (id: string): Promise<RunDetail> =>
  (await get('run', { id })).json();

export const runCurves = async (id: string, from: number): Promise<RunCurves> =>
  (await get('curves', { id, from: String(from) })).json();

export const figureAddress = (id: string, name: string): string =>
  `api/figure?${new URLSearchParams({ id, name })}`;

export type VolumeKind = 'image' | 'label' | 'prediction';

export const volumeBytes = async (
  id: string,
  name: string,
  kind: VolumeKind,
): Promise<ArrayBuffer> => (await get('volume', { id, case: name, kind })).arrayBuffer();

export interface Listener {
  onRuns(runs: readonly RunSummary[]): void;
  onFailure(message: string): void;
  onConnection(isOpen: boolean): void;
}

/** Tells the runs now and whenever they change; a lost connection is tried again. */
export function listenToRuns({ onRuns, onFailure, onConnection }: Listener): void {
  const source = new EventSource('api/events');
  source.addEventListener('runs', ({ data }) => onRuns(JSON.parse(data)));
  source.addEventListener('failure', ({ data }) => onFailure(JSON.parse(data)));
  source.addEventListener('open', () => onConnection(true));
  source.addEventListener('error', () => onConnection(false));
}

/** The folder whose runs are shown. */
export const rootFolder = async (): Promise<string> => (await (await get('runs', {})).json()).root;

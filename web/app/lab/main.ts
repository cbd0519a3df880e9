/** The kernel lab: read a kernel, change it, see what this adapter makes of it. */
import type { Edit, Edits } from '../../../bench/lab/edited_scope.ts';
import type { Choice, LaunchFacts } from '../../../bench/lab/session.ts';
import { element } from '../../common/element.ts';
import { asksForCheck, readAddress, writeAddress } from './address.ts';
import { createCheckPanel } from './check_panel.ts';
import { createChooser } from './chooser.ts';
import { createCodeView, createEditor } from './editor.ts';
import { createKnobPanel, type Knobs } from './knobs.ts';
import { LabClient } from './lab_client.ts';
import type { Entry } from './lab_protocol.ts';
import { showReadingOrder } from './reading_order.ts';
import { createResultPanel } from './result_panel.ts';
import {
  furtherFilesOf,
  headerOf,
  shadersOf,
  shaderText,
  sourcesOf,
  withIncludes,
} from './sources.ts';
import { createTabs } from './tabs.ts';

const byId = <E extends HTMLElement>(id: string): E => document.querySelector<E>(`#${id}`)!;
const inWords = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Seconds without an answer after which somebody should be told what may be the matter. */
const PATIENCE = 20;

const client = new LabClient();
/** What somebody wrote, by shader. */
const texts = new Map<string, string>();
const knobs = new Map<string, Knobs>();
let entries: readonly Entry[] = [];
let choice: Choice = readAddress(location.hash);
let facts: LaunchFacts | undefined;
let shader = '';
let isRunning = false;

const result = createResultPanel(({ file, line }) => {
  const name = file.replace(/^shaders\/|\.wgsl$/g, '');
  if (shaderNames().includes(name)) showShader(name);
  editor.goTo(line);
});
const editor = createEditor((text) => {
  if (text === shaderText(shader)) texts.delete(shader);
  else texts.set(shader, text);
  showChanges();
});
const knobPanel = createKnobPanel((changed) => {
  knobs.set(shader, changed);
  showChanges();
});
const chooser = createChooser((chosen) => choose(chosen));
const shaderTabs = createTabs('Shaders of this launch', (name) => showShader(name));
const sourceView = createCodeView();
const sourceTabs = createTabs('Files of this op', (path) => showSource(path));

const runButton = byId<HTMLButtonElement>('run');
const stopButton = byId<HTMLButtonElement>('stop');
const resetButton = byId<HTMLButtonElement>('reset');

const shaderNames = (): string[] =>
  facts?.shaders.map(({ name }) => name) ?? shadersOf(choice.op, choice.pass);

function edits(): Edits {
  const found: Record<string, Edit> = {};
  for (const name of shaderNames()) {
    const text = texts.get(name);
    const edit: Edit = {
      ...(text === undefined ? {} : { code: withIncludes(name, text) }),
      ...knobs.get(name),
    };
    if (Object.keys(edit).length > 0) found[name] = edit;
  }
  return found;
}

const isChanged = (name: string): boolean => {
  const { overrides = {}, consts = {} } = knobs.get(name) ?? {};
  return texts.has(name) || Object.keys({ ...overrides, ...consts }).length > 0;
};

function showChanges(): void {
  const changed = shaderNames().filter(isChanged);
  shaderTabs.mark(new Set(changed));
  resetButton.disabled = changed.length === 0;
}

function showShader(name: string): void {
  shader = name;
  shaderTabs.select(name);
  byId('formula').textContent = headerOf(name);
  editor.show(texts.get(name) ?? shaderText(name), `shaders/${name}.wgsl`);
  knobPanel.show(
    facts?.shaders.find((each) => each.name === name),
    knobs.get(name) ?? {},
  );
  showChanges();
}

function showSource(path: string): void {
  const file = sourcesOf(choice.op).find((each) => each.path === path);
  if (!file) return;
  sourceTabs.select(path);
  sourceView.show(file.text, 'typescript', path);
}

function showLaunch(): void {
  const names = shaderNames();
  shaderTabs.show(names.map((name) => ({ id: name, title: `${name}.wgsl` })));
  showShader(names.includes(shader) ? shader : (names.at(-1) ?? ''));
}

function showOp(): void {
  const sources = sourcesOf(choice.op);
  sourceTabs.show(sources.map(({ path, title }) => ({ id: path, title })));
  if (sources[0]) showSource(sources[0].path);
  const paths = [...sources.map(({ path }) => path), ...furtherFilesOf(choice.op)];
  byId('files').replaceChildren(
    ...paths.map((path) => element('li', {}, element('code', {}, path))),
  );
}

async function choose(wanted: Choice): Promise<void> {
  const before = choice.op;
  choice = chooser.show(entries, wanted);
  if (before !== choice.op || byId('files').childElementCount === 0) showOp();
  history.replaceState(null, '', writeAddress(choice));
  const asked = choice;
  facts = undefined;
  runButton.disabled = true;
  try {
    const told = await client.call('describe', choice);
    // Somebody may have chosen on.
    if (asked !== choice) return;
    facts = told;
    chooser.allow(told);
    runButton.disabled = isRunning;
    if (!isRunning) result.say('idle', 'Press Run: compile, compare with the plain loops, time.');
  } catch (error) {
    if (asked !== choice) return;
    result.say('fail', inWords(error));
  }
  showLaunch();
}

async function run(): Promise<void> {
  if (isRunning || !facts) return;
  isRunning = true;
  runButton.disabled = true;
  stopButton.hidden = false;
  editor.mark(new Set());
  let stage = 'starting';
  let seconds = 0;
  const say = (): void =>
    result.say(
      'busy',
      seconds < PATIENCE
        ? `${stage} … ${seconds} s`
        : `${stage} … ${seconds} s without an answer. Either the kernel is slow on this size, or it never ends. Browsers stop a kernel that does not end after some seconds, and the next run then has a new device; a software adapter may take until the tab is closed. Stop leaves it behind.`,
    );
  say();
  const clock = setInterval(() => {
    seconds++;
    say();
  }, 1000);
  try {
    const found = await client.call('run', { choice, edits: edits() }, (note) => {
      stage = note.stage ?? stage;
      say();
    });
    result.show(found);
    const bad = found.messages.filter(({ file }) => file === `shaders/${shader}.wgsl`);
    editor.mark(new Set(bad.map(({ line }) => line)));
  } catch (error) {
    result.say('fail', `FAIL ${inWords(error)}`);
  } finally {
    clearInterval(clock);
    isRunning = false;
    runButton.disabled = false;
    stopButton.hidden = true;
  }
}

function reset(): void {
  for (const name of shaderNames()) {
    texts.delete(name);
    knobs.delete(name);
  }
  showLaunch();
  result.say('idle', 'The shipped text again.');
}

async function showAdapter(): Promise<void> {
  const line = byId('adapter');
  try {
    const { name, software, half } = await client.call('adapter', null);
    line.textContent = `${name}${software ? ', software' : ''}${half ? ', f16' : ''}`;
  } catch (error) {
    line.textContent = 'none';
    const notice = byId('notice');
    notice.hidden = false;
    notice.textContent = `${inWords(error)} Shaders and loops can be read all the same.`;
  }
}

async function start(): Promise<void> {
  const panel = createCheckPanel(byId('checks'), client);
  showReadingOrder(byId('reading'));
  byId('choices').append(chooser.root);
  byId('shader').append(shaderTabs.root, editor.root, knobPanel.root);
  byId('source').prepend(sourceTabs.root, sourceView.root);
  byId('outcome').append(result.root);
  runButton.addEventListener('click', () => void run());
  resetButton.addEventListener('click', reset);
  stopButton.addEventListener('click', () =>
    client.restart('Stopped. The next run starts in a new worker, with a new device.'),
  );
  entries = await client.call('catalogue', null);
  await showAdapter();
  const follow = async (): Promise<void> => {
    if (!asksForCheck(location.hash)) {
      await choose(readAddress(location.hash));
      return;
    }
    byId('checks').scrollIntoView();
    await panel.run();
  };
  window.addEventListener('hashchange', () => void follow());
  if (asksForCheck(location.hash)) {
    choice = chooser.show(entries, readAddress(''));
    showOp();
    showLaunch();
  }
  await follow();
}

start().catch((error: unknown) => result.say('fail', inWords(error)));

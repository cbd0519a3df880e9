/** Choices that were measured before, kept as JSON where a `ChoiceStore` puts it. */
import * as z from 'zod';
import type { Gpu } from '../../gpu/device.ts';

/** A place for one text: a file, or a browser's storage. */
export interface ChoiceStore {
  /** Where it is, for people. */
  readonly place: string;
  /** undefined where nothing is stored. */
  load(): Promise<string | undefined>;
  /** Replaces what is stored, all of it or nothing. */
  save(text: string): Promise<void>;
}

const VERSION = 1;

const choiceSchema = z.strictObject({
  variant: z.string(),
  /** Hash of the kernels among which it was chosen. */
  kernels: z.string(),
  /** Time of the default over that of the choice. */
  gain: z.number(),
});

const schema = z.strictObject({
  version: z.literal(VERSION),
  /** By adapter, by `problemKey` with batch 1. */
  adapters: z.record(z.string(), z.record(z.string(), choiceSchema)),
});

export type StoredChoice = z.infer<typeof choiceSchema>;
type Content = z.infer<typeof schema>;

/** Names the hardware and its driver; other ones, other choices. */
export function adapterKey({ info }: Pick<Gpu, 'info'>): string {
  const { vendor, architecture, device, description } = info;
  return [vendor, architecture, device, description].join(' | ');
}

export class ChoiceCache {
  private readonly store: ChoiceStore;
  private readonly adapter: string;
  private readonly onNote: (note: string) => void;

  /** @param onNote is told, as a sentence, when the store is not readable, not writable or no such file */
  constructor(store: ChoiceStore, gpu: Pick<Gpu, 'info'>, onNote: (note: string) => void) {
    this.store = store;
    this.adapter = adapterKey(gpu);
    this.onNote = onNote;
  }

  /** What is stored for the adapter, by problem with batch 1. */
  async read(): Promise<Readonly<Record<string, StoredChoice>>> {
    return (await this.content(true)).adapters[this.adapter] ?? {};
  }

  /** Adds choices to what is stored by now: another process may have written since `read`. */
  async add(choices: Readonly<Record<string, StoredChoice>>): Promise<void> {
    const { adapters } = await this.content(false);
    const content: Content = {
      version: VERSION,
      adapters: { ...adapters, [this.adapter]: { ...adapters[this.adapter], ...choices } },
    };
    try {
      await this.store.save(`${JSON.stringify(content, null, 1)}\n`);
    } catch (error) {
      this.onNote(
        `kernel choices are not kept, ${this.store.place} cannot be written: ${(error as Error).message}`,
      );
    }
  }

  private async content(speaks: boolean): Promise<Content> {
    const nothing: Content = { version: VERSION, adapters: {} };
    try {
      const text = await this.store.load();
      return text === undefined ? nothing : schema.parse(JSON.parse(text));
    } catch (error) {
      const what = error instanceof z.ZodError ? 'it has another form' : (error as Error).message;
      if (speaks) {
        this.onNote(`kernel choices in ${this.store.place} are not used and replaced: ${what}`);
      }
      return nothing;
    }
  }
}

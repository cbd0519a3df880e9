import { describe, expect, it } from 'vitest';
import { ByteBudget } from '../../src/patch/byte_budget.ts';
import { LabelSampler } from '../../src/patch/label_sampler.ts';
import { type PatchBatch, PatchQueue, type PatchQueueOptions } from '../../src/patch/queue.ts';
import type { SubjectSource } from '../../src/patch/subject_cache.ts';
import { randomFlip } from '../../src/patch/transforms/random_flip.ts';
import { UniformSampler } from '../../src/patch/uniform_sampler.ts';
import { fakeSubjects } from '../helpers/fake_subjects.ts';

const SIZE = 8;
const SUBJECT_BYTES = 2 * 4 * SIZE ** 3;
const PATCH_BYTES = 2 * 4 * 4 ** 3;

const source = (count: number, size = SIZE) => fakeSubjects(count, { size });

function queue(options: Partial<PatchQueueOptions> = {}): PatchQueue {
  return new PatchQueue({
    source: source(6),
    sampler: new UniformSampler([4, 4, 4]),
    batchSize: 4,
    samplesPerVolume: 5,
    queueLength: 12,
    ...options,
  });
}

async function all(q: PatchQueue, epoch = 0): Promise<PatchBatch[]> {
  const batches: PatchBatch[] = [];
  for await (const batch of q.epoch(epoch)) batches.push(batch);
  return batches;
}

const summary = (batches: PatchBatch[]) =>
  batches.flatMap((b) => b.names.map((name, n) => `${name}@${b.locations[n]!.start}`));

describe('PatchQueue', () => {
  it('hands out every sample of every subject once per epoch', async () => {
    const batches = await all(queue({ dropLast: false }));
    expect(batches.map((b) => b.names.length)).toEqual([4, 4, 4, 4, 4, 4, 4, 2]);
    const counts = new Map<string, number>();
    for (const name of batches.flatMap((b) => b.names)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect([...counts.values()]).toEqual([5, 5, 5, 5, 5, 5]);
  });

  it('drops an incomplete last batch in training and counts its batches accordingly', async () => {
    expect(queue().length).toBe(7);
    expect(await all(queue())).toHaveLength(7);
    expect(queue({ dropLast: false }).length).toBe(8);
  });

  it('cuts image and label from the place that it reports', async () => {
    const [batch] = await all(queue());
    for (const [n, { start }] of batch!.locations.entries()) {
      const index = Number(batch!.names[n]!.slice(4));
      const first = (start[0] * SIZE + start[1]) * SIZE + start[2];
      expect(batch!.image[n * 64]).toBe(1000 * index + first);
      expect(batch!.image[n * 64 + 63]).toBe(1000 * index + first + 3 * (64 + 8 + 1));
      expect(batch!.label![n * 64]).toBe(first % 5 === 0 ? 1 : 0);
    }
    expect(batch!.imageShape).toEqual([4, 1, 4, 4, 4]);
  });

  it('gives the same patches for the same seed and epoch, and others for another epoch', async () => {
    const q = queue();
    const first = summary(await all(q, 3));
    await all(q, 4);
    expect(summary(await all(q, 3))).toEqual(first);
    expect(summary(await all(queue(), 3))).toEqual(first);
    expect(summary(await all(queue(), 4))).not.toEqual(first);
    expect(summary(await all(queue({ seed: 1 }), 3))).not.toEqual(first);
  });

  it('gives the same bytes however little memory it has', async () => {
    const bytes = (batches: PatchBatch[]) => batches.map((b) => [...b.image, ...b.label!]);
    const plenty = bytes(await all(queue(), 1));
    for (const room of [1, 2, 5, 11]) {
      const maxBytes = SUBJECT_BYTES + (5 + room) * PATCH_BYTES;
      const q = queue({ maxBytes });
      expect(bytes(await all(q, 1))).toEqual(plenty);
      expect(q.peakBytes).toBeLessThanOrEqual(maxBytes);
    }
  });

  it('stays within its bytes whatever the number of subjects', async () => {
    const maxBytes = 4 * SUBJECT_BYTES;
    const peaks: number[] = [];
    for (const count of [3, 40, 120]) {
      const q = queue({ source: source(count), maxBytes, queueLength: 1000 });
      await all(q, 0);
      await all(q, 1);
      peaks.push(q.peakBytes);
      expect(q.bytes).toBeLessThanOrEqual(maxBytes);
    }
    for (const peak of peaks) expect(peak).toBeLessThanOrEqual(maxBytes);
  });

  it('stays within its bytes for subjects of different sizes when their bytes are announced', async () => {
    const sizes = [6, 12, 8, 5, 12, 4, 9, 11];
    const load = (index: number) => source(sizes.length, sizes[index]!).load(index);
    const bytes = (index: number) => 8 * sizes[index]! ** 3;
    const maxBytes = bytes(1) + 8 * PATCH_BYTES;
    const q = queue({
      source: {
        count: sizes.length,
        name: String,
        load,
        bytes: (index) => ({ loaded: bytes(index), loading: bytes(index) }),
      },
      maxBytes,
    });
    expect(await all(q)).toHaveLength(q.length);
    expect(q.peakBytes).toBeLessThanOrEqual(maxBytes);
  });

  it('reads each subject once in all if they fit', async () => {
    const subjects = source(6);
    const q = queue({ source: subjects, dropLast: false });
    await all(q, 0);
    await all(q, 1);
    expect(subjects.loads.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('keeps cut patches instead of reading a subject for each of them if subjects do not fit', async () => {
    const subjects = source(30);
    const maxBytes = 2 * SUBJECT_BYTES + 40 * PATCH_BYTES;
    const q = queue({ source: subjects, maxBytes, queueLength: 30, dropLast: false });
    expect(30 * SUBJECT_BYTES).toBeGreaterThan(maxBytes);
    await all(q);
    expect(subjects.loads.length).toBeLessThan(45);
  });

  it('needs only the first subjects for the first batch, then reads one ahead', async () => {
    const subjects = source(50);
    const q = queue({ source: subjects, queueLength: 300 });
    const batches = q.epoch(0);
    await batches.next();
    const afterFirst = subjects.loads.length;
    expect(afterFirst).toBeLessThanOrEqual(5);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(subjects.loads.length).toBeLessThanOrEqual(5);
    await batches.return();
  });

  it('gives patches and batch back when the consumer leaves early', async () => {
    const q = queue({ maxBytes: SUBJECT_BYTES + 9 * PATCH_BYTES });
    for await (const _ of q.epoch(0)) break;
    expect(q.bytes % SUBJECT_BYTES).toBe(0);
    expect(await all(q)).toHaveLength(7);
  });

  it('names the subject that could not be loaded', async () => {
    const subjects = source(4);
    const broken: SubjectSource = {
      ...subjects,
      load: (index) =>
        index === 2 ? Promise.reject(new Error('readNifti: truncated')) : subjects.load(index),
    };
    await expect(all(queue({ source: broken }))).rejects.toThrow(
      /'scan2' could not be loaded\. readNifti: truncated/,
    );
  });

  it('refuses a budget that cannot hold a subject and a batch, with the numbers', async () => {
    const q = queue({ maxBytes: SUBJECT_BYTES + PATCH_BYTES });
    await expect(all(q)).rejects.toThrow(/maxBytes is too small.*4096 bytes.*512.*4608/);
  });

  it('stops when aborted', async () => {
    const controller = new AbortController();
    const seen: PatchBatch[] = [];
    const run = async () => {
      for await (const batch of queue().epoch(0, controller.signal)) {
        seen.push(batch);
        if (seen.length === 2) controller.abort();
      }
    };
    await expect(run()).rejects.toThrow(/abort/i);
    expect(seen).toHaveLength(2);
  });

  it('keeps the order of subjects and samples without shuffling', async () => {
    const batches = await all(queue({ shuffle: false, dropLast: false }));
    const names = batches.flatMap((b) => b.names);
    expect(names).toEqual([...names].sort());
  });

  it('augments each patch on its own, reproducibly, image and label alike', async () => {
    const transforms = [randomFlip({ axes: [2], flipProbability: 0.5 })];
    const plain = await all(queue());
    const flipped = await all(queue({ transforms }));
    expect(flipped).toEqual(await all(queue({ transforms })));
    let changed = 0;
    for (const [b, batch] of plain.entries()) {
      for (let n = 0; n < 4; n++) {
        const line = [...batch.image.subarray(n * 64, n * 64 + 4)];
        const labels = [...batch.label!.subarray(n * 64, n * 64 + 4)];
        const got = [...flipped[b]!.image.subarray(n * 64, n * 64 + 4)];
        const same = got[0] === line[0];
        if (!same) changed++;
        expect(got).toEqual(same ? line : line.reverse());
        expect([...flipped[b]!.label!.subarray(n * 64, n * 64 + 4)]).toEqual(
          same ? labels : labels.reverse(),
        );
      }
    }
    expect(changed).toBeGreaterThan(7);
    expect(changed).toBeLessThan(21);
  });

  it('samples by label from the label map', async () => {
    const sampler = new LabelSampler([1, 1, 1], { '1': 1 });
    const batches = await all(queue({ sampler }));
    for (const batch of batches) expect([...batch.label!]).toEqual([1, 1, 1, 1]);
  });

  it('begins an epoch at any batch with the batches that follow there', async () => {
    const whole = await all(queue());
    for (const first of [1, 3, 6, 7]) {
      const rest: PatchBatch[] = [];
      for await (const batch of queue().epoch(0, undefined, first)) rest.push(batch);
      expect(rest).toEqual(whole.slice(first));
    }
  });
});

const bytesIn = (batches: PatchBatch[]) => batches.map((b) => [...b.image, ...b.label!]);

describe('PatchQueue with several readers', () => {
  it('gives the same bytes for any number of them, however long each subject takes', async () => {
    const plain = bytesIn(await all(queue({ dropLast: false }), 2));
    for (const readers of [1, 2, 4]) {
      for (const pace of [3, 7]) {
        const slow = fakeSubjects(6, { delay: (index) => (index * pace) % 5 });
        const q = queue({ source: slow, readers, dropLast: false });
        expect(bytesIn(await all(q, 2))).toEqual(plain);
      }
    }
  });

  it('reads as many subjects at once as it has readers, and never more than a few ahead', async () => {
    for (const readers of [1, 2, 4]) {
      const slow = fakeSubjects(40, { delay: () => 1 });
      const q = queue({ source: slow, readers, queueLength: 200 });
      const batches = q.epoch(0);
      const { value } = await batches.next();
      const used = new Set((value as PatchBatch).names).size;
      await new Promise((resolve) => setTimeout(resolve, 40));
      expect(slow.loads.length).toBeLessThanOrEqual(used + 2 * readers - 1);
      for await (const _ of batches);
      expect(slow.mostAtOnce).toBeLessThanOrEqual(readers + 1);
      expect(slow.mostAtOnce).toBeGreaterThanOrEqual(readers);
      expect(new Set(slow.loads).size).toBe(slow.loads.length);
    }
  });

  it('stays within its bytes, those of reading included', async () => {
    const announced = (delay: (index: number) => number) => ({
      ...fakeSubjects(24, { delay }),
      bytes: () => ({ loaded: SUBJECT_BYTES, loading: 3 * SUBJECT_BYTES }),
    });
    const plain = bytesIn(await all(queue({ source: source(24) })));
    for (const [readers, subjects] of [
      [1, 3.5],
      [2, 4.5],
      [4, 4],
      [4, 14],
    ] as const) {
      const maxBytes = subjects * SUBJECT_BYTES + 6 * PATCH_BYTES;
      const q = queue({ source: announced((index) => index % 3), readers, maxBytes });
      expect(bytesIn(await all(q))).toEqual(plain);
      expect(q.peakBytes).toBeLessThanOrEqual(maxBytes);
    }
  });

  it('takes the same memory for any number of subjects if it does not keep them', async () => {
    const peaks: number[] = [];
    for (const count of [30, 300]) {
      const q = queue({ source: source(count), readers: 2, keepLoaded: false, queueLength: 40 });
      await all(q);
      peaks.push(q.peakBytes);
      expect(q.bytes).toBe(0);
    }
    expect(Math.abs(peaks[1]! - peaks[0]!)).toBeLessThanOrEqual(2 * SUBJECT_BYTES);
    expect(peaks[1]).toBeLessThan(20 * SUBJECT_BYTES);
  });

  it('shares a budget: what one queue keeps goes when the other needs room', async () => {
    const budget = new ByteBudget(8 * SUBJECT_BYTES);
    const [one, other] = [source(6), source(6)];
    for (let epoch = 0; epoch < 2; epoch++) {
      for (const subjects of [one, other]) await all(queue({ source: subjects, budget }), epoch);
    }
    expect(budget.peakBytes).toBeLessThanOrEqual(budget.maxBytes);
    expect(budget.bytes).toBeGreaterThan(5 * SUBJECT_BYTES);
  });
});

describe('PatchQueue and subjects that cannot be read', () => {
  const broken = (...indices: number[]) =>
    fakeSubjects(6, {
      delay: (index) => index % 3,
      fail: (index) => {
        if (indices.includes(index)) throw new Error('readNifti: truncated');
      },
    });

  it('skips them with one warning each, in full epochs that are the same for any number of readers', async () => {
    const runs: number[][][] = [];
    for (const readers of [1, 2, 4]) {
      const warnings: string[] = [];
      const onWarning = (message: string) => warnings.push(message);
      const source = broken(1, 2, 5);
      const q = queue({ source, readers, onUnreadable: 'skip', onWarning, dropLast: false });
      const batches = [...(await all(q, 0)), ...(await all(q, 1))];
      expect(batches).toHaveLength(2 * q.length);
      expect(new Set(batches.flatMap((b) => b.names))).toEqual(
        new Set(['scan0', 'scan3', 'scan4']),
      );
      expect(warnings.toSorted()).toEqual(
        [1, 2, 5].map(
          (n) =>
            `PatchQueue: subject 'scan${n}' could not be loaded. readNifti: truncated It is skipped.`,
        ),
      );
      runs.push(bytesIn(batches));
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });

  it('leaves the patches of the others where they are', async () => {
    const whole = await all(queue());
    const skipping = await all(queue({ source: broken(3), onUnreadable: 'skip' }));
    const places = [whole, skipping].map((batches) => summary(batches));
    for (const [n, place] of places[0]!.entries()) {
      if (place.startsWith('scan3')) expect(places[1]![n]).toMatch(/^scan4/);
      else expect(places[1]![n]).toBe(place);
    }
    expect(new Set(places[1]).size).toBeGreaterThan(20);
  });

  it('ends the epoch at the same batch for any number of readers when it is fatal', async () => {
    for (const readers of [1, 2, 4]) {
      const q = queue({ source: broken(2), readers });
      const seen: PatchBatch[] = [];
      const run = async () => {
        for await (const batch of q.epoch(0)) seen.push(batch);
      };
      await expect(run()).rejects.toThrow(/'scan2' could not be loaded/);
      const expected = (await all(queue())).findIndex((b) => b.names.includes('scan2'));
      expect(seen).toHaveLength(expected);
    }
  });

  it('reads a subject again in the next epoch after a fatal failure', async () => {
    let isBroken = true;
    const source = fakeSubjects(4, {
      fail: () => {
        if (isBroken) throw new Error('the disk is away');
      },
    });
    const q = queue({ source });
    await expect(all(q)).rejects.toThrow(/the disk is away/);
    isBroken = false;
    expect(await all(q)).toHaveLength(q.length);
  });

  it('says when no subject is left', async () => {
    const q = queue({ source: broken(0, 1, 2, 3, 4, 5), onUnreadable: 'skip', readers: 2 });
    await expect(all(q)).rejects.toThrow(/no subject can be read.*readNifti: truncated/);
  });

  it('answers an abort at once though a subject never arrives', async () => {
    const stuck: SubjectSource = { ...source(4), load: () => new Promise(() => {}) };
    for (const readers of [1, 4]) {
      const controller = new AbortController();
      const reason = new Error('enough');
      setTimeout(() => controller.abort(reason), 20);
      const batches = queue({ source: stuck, readers }).epoch(0, controller.signal);
      await expect(batches.next()).rejects.toBe(reason);
    }
  });
});

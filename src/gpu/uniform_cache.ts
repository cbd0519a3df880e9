/**
 * Uniform blocks by content: same bytes, same place in one buffer. A step whose parameters are those
 * of the step before writes nothing; what changes from step to step takes the place of what was not
 * used for longest.
 */
import { ShaderError } from '../errors.ts';

/** Bytes of a place: the alignment of offsets that every adapter has. */
export const UNIFORM_BLOCK_BYTES = 256;

/**
 * More places than a submission has dispatches, many times: the place that was not used for longest
 * is never one that a recorded but unsubmitted pass reads, which a write would change.
 */
const PLACES = 4096;

export class UniformCache {
  private readonly device: GPUDevice;
  private readonly places: number;
  /** Offsets by content, the one that was not used for longest first. */
  private readonly offsets = new Map<string, number>();
  private storage: GPUBuffer | undefined;

  constructor(device: GPUDevice, places = PLACES) {
    this.device = device;
    this.places = places;
  }

  get buffer(): GPUBuffer {
    this.storage ??= this.device.createBuffer({
      label: 'params',
      size: UNIFORM_BLOCK_BYTES * this.places,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    return this.storage;
  }

  /** Offset in `buffer` of a block with this content. Throws ShaderError if it is larger than a place. */
  get(words: Uint32Array<ArrayBuffer>): number {
    const key = words.join();
    const known = this.offsets.get(key);
    const offset = known ?? this.write(words);
    this.offsets.delete(key);
    this.offsets.set(key, offset);
    return offset;
  }

  /** In order with submissions: those before see the old content, those after the new. */
  private write(words: Uint32Array<ArrayBuffer>): number {
    if (words.byteLength > UNIFORM_BLOCK_BYTES) {
      throw new ShaderError(
        `UniformCache: a shader has too many parameters. They take ${words.byteLength} bytes, there is room for ${UNIFORM_BLOCK_BYTES}. Use fewer.`,
      );
    }
    let offset = UNIFORM_BLOCK_BYTES * this.offsets.size;
    if (this.offsets.size === this.places) {
      const [oldest, freed] = this.offsets.entries().next().value!;
      this.offsets.delete(oldest);
      offset = freed;
    }
    this.device.queue.writeBuffer(this.buffer, offset, words);
    return offset;
  }
}

/**
 * Every message has the form `function: what is wrong. what arrived. what to do.` Names are written out,
 * since a page's build shortens those of classes.
 */
export class VoxgradError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Tensors or volumes whose shapes do not fit the operation. */
export class ShapeError extends VoxgradError {
  override name = 'ShapeError';
}

/** A shader that does not compile, or a rewrite of a line that it does not have. */
export class ShaderError extends VoxgradError {
  override name = 'ShaderError';
}

/** The adapter, the device, its memory, or a command that it refused. */
export class GpuError extends VoxgradError {
  override name = 'GpuError';
}

/** The device is gone, and all that was on it: a driver reset, a GPU taken away, or `destroy`. */
export class DeviceLostError extends GpuError {
  override name = 'DeviceLostError';
}

/** Bytes that are not what their format promises. */
export class FormatError extends VoxgradError {
  override name = 'FormatError';
}

/** A setting outside its legal values. */
export class ConfigError extends VoxgradError {
  override name = 'ConfigError';
}

/** What would fit where something did not. */
export interface MemorySuggestion {
  /** Voxels. */
  readonly patchSize: readonly [number, number, number];
  /** Patches per forward pass. */
  readonly swBatchSize: number;
  /** GPU memory that it takes. */
  readonly gpuBytes: number;
}

/** More GPU memory than may be taken, or than the adapter binds at once; noticed before anything ran. */
export class GpuMemoryError extends ConfigError {
  override name = 'GpuMemoryError';
  /** Undefined where nothing smaller would fit. */
  readonly suggestion: MemorySuggestion | undefined;

  constructor(message: string, options: ErrorOptions & { suggestion?: MemorySuggestion } = {}) {
    super(message, options);
    this.suggestion = options.suggestion;
  }
}

/** Threads: one that cannot be started, or a pool that is closed. Nothing is wrong with the data then. */
export class WorkerError extends VoxgradError {
  override name = 'WorkerError';
}

/** An error as it crosses from a thread to another. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  /** What else the error says in fields of its own. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** What was thrown, ready to be posted to another thread. Fields that JSON does not know stay behind. */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) {
    const { name = 'Error', message = String(error) } = (error ?? {}) as Partial<Error>;
    return { name, message };
  }
  const { name, message } = error;
  if (!(error instanceof VoxgradError)) return { name, message };
  const { name: _, cause: __, ...fields } = error;
  const facts = JSON.parse(JSON.stringify(fields)) as Record<string, unknown>;
  return Object.keys(facts).length > 0 ? { name, message, facts } : { name, message };
}

const CLASSES = {
  VoxgradError,
  ShapeError,
  ShaderError,
  GpuError,
  DeviceLostError,
  FormatError,
  ConfigError,
  GpuMemoryError,
  WorkerError,
} as const;

/** The error that another thread threw, of the same class where it is one of these. */
export function errorOf({ name, message, facts = {} }: PlainError): Error {
  const fields = { ...facts, name };
  if (!Object.hasOwn(CLASSES, name)) return Object.assign(new Error(message), fields);
  return Object.assign(new CLASSES[name as keyof typeof CLASSES](message), fields);
}

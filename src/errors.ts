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

/** Threads: one that cannot be started, or a pool that is closed. Nothing is wrong with the data then. */
export class WorkerError extends VoxgradError {
  override name = 'WorkerError';
}

/** An error as it crosses from a thread to another: class and message. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
}

/** What was thrown, ready to be posted to another thread. */
export function plainError(error: unknown): PlainError {
  const { name = 'Error', message = String(error) } = (error ?? {}) as Partial<Error>;
  return { name, message };
}

const CLASSES = {
  VoxgradError,
  ShapeError,
  ShaderError,
  GpuError,
  DeviceLostError,
  FormatError,
  ConfigError,
  WorkerError,
} as const;

/** The error that another thread threw, of the same class where it is one of these. */
export function errorOf({ name, message }: PlainError): Error {
  if (!Object.hasOwn(CLASSES, name)) return Object.assign(new Error(message), { name });
  return new CLASSES[name as keyof typeof CLASSES](message);
}

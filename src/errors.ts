/**
 * Every message has the form `function: what is wrong. what arrived. what to do.`
 */
export class VoxgradError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Tensors or volumes whose shapes do not fit the operation. */
export class ShapeError extends VoxgradError {}

/** A shader that does not compile, or a rewrite of a line that it does not have. */
export class ShaderError extends VoxgradError {}

/** The adapter, the device, its memory, or a command that it refused. */
export class GpuError extends VoxgradError {}

/** The device is gone, and all that was on it: a driver reset, a GPU taken away, or `destroy`. */
export class DeviceLostError extends GpuError {}

/** Bytes that are not what their format promises. */
export class FormatError extends VoxgradError {}

/** A setting outside its legal values. */
export class ConfigError extends VoxgradError {}

/** Threads: one that cannot be started, or a pool that is closed. Nothing is wrong with the data then. */
export class WorkerError extends VoxgradError {}

import type { Gpu } from '../gpu/device.ts';

/** What runs the kernels, as plain data. */
export interface AdapterFacts {
  /** The best name that the browser gives away. */
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** The processor plays the GPU: right, but slow. */
  readonly software: boolean;
  /** Of the device that was opened. */
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

/** What is known of an open GPU. */
export function adapterFacts({ info, device }: Pick<Gpu, 'info' | 'device'>): AdapterFacts {
  const { vendor, architecture, device: model, description, isFallbackAdapter } = info;
  const limits: Record<string, number> = {};
  for (const name in device.limits) {
    const value = device.limits[name as keyof GPUSupportedLimits];
    if (typeof value === 'number') limits[name] = value;
  }
  const parts = [vendor, description || model || architecture].filter(Boolean);
  return {
    name: parts.join(' ') || 'WebGPU adapter without a name',
    vendor,
    architecture,
    description,
    software: isFallbackAdapter,
    features: [...device.features].sort(),
    limits,
  };
}

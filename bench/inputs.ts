/** Inputs of benchmarks: those that the autotuner tries kernels on. */
export { noise } from '../src/kernels/tuning/noise.ts';

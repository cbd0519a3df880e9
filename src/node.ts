/** `voxgrad/node`: the public API with what only Node can do, files and Dawn's GPU device. */
export * from './index.ts';
export { dawn, openGpu, requestAdapter } from './node/dawn.ts';
export { readNiftiFile, readNiftiHeaderFile, writeNiftiFile } from './node/nifti_file.ts';

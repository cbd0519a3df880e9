/**
 * What the browser application may load: files of its own, and pictures that it made itself.
 * The built page carries the same policy, so that any static host has it.
 */
export const CONTENT_POLICY = [
  "default-src 'none'",
  // dcm2niix is a WASM module.
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

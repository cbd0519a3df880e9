import type { Plugin } from 'vite';

/**
 * What the application may load: files of its own, and pictures that it made itself. The server
 * of `voxgrad web` sends the same as a header.
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

/** Writes the policy into every built page, before anything that it rules. */
export function contentPolicy(): Plugin {
  return {
    name: 'content-policy',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: () => [
        {
          tag: 'meta',
          attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT_POLICY },
          injectTo: 'head-prepend',
        },
      ],
    },
  };
}

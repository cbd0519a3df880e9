/**
 * Headers of every answer: what the page may load, that it shares no process with pages of other
 * sites, and that nothing is told to or kept by anyone.
 *
 * @param policy its Content-Security-Policy
 * @param isolated whether everything that the page loads is refused unless it says that it may be
 *   loaded (COEP), which browsers ask for before they let threads share memory
 */
export function pageHeaders(
  policy: string,
  { isolated = false }: { isolated?: boolean } = {},
): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': policy,
    'Cross-Origin-Opener-Policy': 'same-origin',
    ...(isolated ? { 'Cross-Origin-Embedder-Policy': 'require-corp' } : {}),
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
}

/** Whether the application is kept on this machine; if not, why, in plain words. */
export type Offline = { readonly ready: true } | { readonly ready: false; readonly why: string };

const failed = (why: string): Offline => ({ ready: false, why });

/** The end of an installation; false where a file could not be fetched or stored. */
function installed(worker: ServiceWorker): Promise<boolean> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (worker.state === 'activated' || worker.state === 'redundant') {
        worker.removeEventListener('statechange', look);
        resolve(worker.state === 'activated');
      }
    };
    worker.addEventListener('statechange', look);
    look();
  });
}

/**
 * Keeps the whole application on this machine, so that it works without a network from now on; a new
 * version is fetched in the background and shown when the page is next loaded. Never throws: where the
 * application cannot be kept, it still works while its server does.
 */
export async function registerOffline(): Promise<Offline> {
  if (!('serviceWorker' in navigator)) {
    return failed(
      'this browser keeps applications only of pages that come by https or from localhost',
    );
  }
  try {
    const script = new URL('service_worker.js', document.baseURI);
    const registration = await navigator.serviceWorker.register(script);
    const { active, installing, waiting } = registration;
    const worker = active ?? waiting ?? installing;
    if (worker && (await installed(worker))) return { ready: true };
    return failed('a file of it could not be fetched or stored');
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

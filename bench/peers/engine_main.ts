/** A process that serves one engine: `engine_main.ts tensorflow`. */
import { type OpenEngine, serve } from './serve.ts';

const { open } = (await import(`./engines/${process.argv[2]}.ts`)) as { open: OpenEngine };
await serve(open);

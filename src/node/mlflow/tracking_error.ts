import { VoxgradError } from '../../errors.ts';

export interface TrackingErrorFacts extends ErrorOptions {
  readonly status?: number;
  readonly code?: string;
}

/** A tracking server that gives no answer, or refuses. */
export class TrackingError extends VoxgradError {
  /** HTTP status; undefined without an answer. */
  readonly status: number | undefined;
  /** MLflow's own code, e.g. RESOURCE_DOES_NOT_EXIST; undefined if there was none. */
  readonly code: string | undefined;

  constructor(message: string, { status, code, ...options }: TrackingErrorFacts = {}) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

/** Whether an error is the server's statement that something does not exist. */
export const isMissing = (error: unknown): boolean =>
  error instanceof TrackingError && error.code === 'RESOURCE_DOES_NOT_EXIST';

/** Whether an error is the server's statement that something exists already. */
export const isTaken = (error: unknown): boolean =>
  error instanceof TrackingError && error.code === 'RESOURCE_ALREADY_EXISTS';

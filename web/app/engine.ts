/** The worker in which everything heavy is done. */
export type Engine = object;

/** Time as an argument, so that a test decides how it passes. */
export interface Clock {
  /** In ms. */
  now(): number;
  /** Does the work after a time, in ms. Returns a function that prevents it. */
  after(ms: number, work: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};

/** Lets at most `width` pieces of work run at once; the others wait in order. A burst of events must not take every database connection. */
export function createGate(width: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= width) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      // Whoever waits longest takes the place over, so `running` stays.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

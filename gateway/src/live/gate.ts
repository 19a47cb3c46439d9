/** Runs the work as soon as there is a place; `tenantId` says whose turn it takes. */
export type Gate = <T>(tenantId: string, work: () => Promise<T>) => Promise<T>;

/**
 * Lets at most `width` pieces of work run at once: a burst of events must not take every database connection. Those that wait are taken
 * tenant by tenant, each tenant's in order, so that the thousand subscriptions of one do not make all the others late.
 */
export function createGate(width: number): Gate {
  // In the order of their turns: whoever had his goes to the end.
  const waiting = new Map<string, (() => void)[]>();
  let running = 0;

  function next(): (() => void) | undefined {
    const [turn] = waiting;
    if (!turn) return undefined;
    const [tenantId, queue] = turn;
    const start = queue.shift();
    waiting.delete(tenantId);
    if (queue.length > 0) waiting.set(tenantId, queue);
    return start;
  }

  return async (tenantId, work) => {
    if (running >= width) {
      await new Promise<void>((resolve) => {
        const queue = waiting.get(tenantId);
        if (queue) queue.push(resolve);
        else waiting.set(tenantId, [resolve]);
      });
    } else running++;
    try {
      return await work();
    } finally {
      // Whoever's turn it is takes the place over, so `running` stays.
      const start = next();
      if (start) start();
      else running--;
    }
  };
}

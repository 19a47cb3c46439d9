import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as (options?: { readonly type: "minor" }) => void;

/** Few and small: V8 does not begin a full collection of its own meanwhile. */
const times = 16;
const bytes = 1 << 18;

/**
 * Runs something sixteen times, each time with a buffer of its own, and counts the buffers that minor collections leave although nobody has them any more.
 * Such a collection takes what V8's old objects hold for alive, whether anybody has those or not. V8 allocates there, besides what has lived for long, each
 * function that is written as the value of a property (`this.done = () => …`), the accessors of object literals, the maps of objects that are prototypes and
 * those of generator functions: made for each request, they hold the request until the next full collection.
 */
export async function survivors(run: (held: ArrayBuffer) => unknown): Promise<number> {
  await run(new ArrayBuffer(0));
  collect();
  collect();
  const before = process.memoryUsage().arrayBuffers;
  for (let done = 0; done < times; done++) await run(new ArrayBuffer(bytes));
  await run(new ArrayBuffer(0));
  await turn();
  collect({ type: "minor" });
  collect({ type: "minor" });
  return Math.round((process.memoryUsage().arrayBuffers - before) / bytes);
}

import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as (options?: { readonly type: "minor" }) => void;

/** Few and small enough that V8 does not start a full collection in the meantime. */
const times = 16;
const bytes = 1 << 18;

/**
 * Runs a function sixteen times, each time with a separate buffer. Counts the buffers that minor garbage collections keep although they are
 * unreachable. A minor collection treats everything referenced by V8's old objects as alive, whether these are reachable or not. Besides long-lived
 * objects, V8 allocates as old: functions written as property values (`this.done = () => …`), accessors of object literals, and the maps of prototype
 * objects and of generator functions. If created for each request, these hold the request until the next full collection.
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

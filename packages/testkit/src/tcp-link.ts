import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** What happens to the bytes of a proxy's connections; changed while they flow. */
export interface Weather {
  delayMs: number;
  bytesPerSecond: number;
  isHole: boolean;
  /** Settled, and replaced, when any of the others changes. */
  changed: PromiseWithResolvers<void>;
}

/** Bytes on their way; null is the end of the stream. */
interface Parcel {
  readonly bytes: Buffer | null;
  readonly sentAt: number;
}

const maxOnTheWay = 1 << 20;

/** Carries what `from` sends to `to`, through the weather, in order, the end of the stream included. */
export function forward(from: Socket, to: Socket, weather: Weather): void {
  const parcels: Parcel[] = [];
  let onTheWay = 0;
  let isCarrying = false;

  const carry = async (): Promise<void> => {
    isCarrying = true;
    for (let parcel = parcels[0]; parcel; parcel = parcels[0]) {
      await arrival(parcel, weather, to);
      if (to.destroyed) return;
      parcels.shift();
      if (parcel.bytes === null) {
        to.end();
      } else {
        onTheWay -= parcel.bytes.length;
        if (onTheWay < maxOnTheWay) from.resume();
        if (!to.write(parcel.bytes)) await Promise.race([once(to, "drain"), once(to, "close")]);
      }
    }
    isCarrying = false;
  };
  const take = (bytes: Buffer | null): void => {
    parcels.push({ bytes, sentAt: performance.now() });
    onTheWay += bytes?.length ?? 0;
    // A slow link pushes back, as a real one does: the sender's buffers fill, not ours.
    if (onTheWay >= maxOnTheWay) from.pause();
    if (!isCarrying) carry().catch(() => to.destroy());
  };

  from.on("data", (bytes: Buffer) => {
    // Slices, so that a throttled link trickles instead of jumping.
    for (let at = 0; at < bytes.length; at += 16_384) take(bytes.subarray(at, at + 16_384));
  });
  from.on("end", () => take(null));
}

/** Waits until a parcel is due. The weather may change meanwhile, and a lost connection ends the wait. */
async function arrival(parcel: Parcel, weather: Weather, to: Socket): Promise<void> {
  const startedAt = performance.now();
  while (!to.destroyed) {
    const { changed } = weather;
    const carriedAt = startedAt + ((parcel.bytes?.length ?? 0) / weather.bytesPerSecond) * 1000;
    const waitMs = Math.max(parcel.sentAt + weather.delayMs, carriedAt) - performance.now();
    if (!weather.isHole && waitMs <= 0) return;
    const closed = new AbortController();
    const waits: Promise<unknown>[] = [changed.promise, once(to, "close", { signal: closed.signal })];
    if (!weather.isHole) waits.push(delay(waitMs, undefined, { signal: closed.signal }));
    try {
      await Promise.race(waits);
    } finally {
      for (const wait of waits) wait.catch(() => {});
      closed.abort();
    }
  }
}

import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** Conditions for the bytes of a proxy's connections. They can change during transmission. */
export interface NetworkConditions {
  delayMs: number;
  bytesPerSecond: number;
  isHole: boolean;
  /** Resolved and replaced when any other field changes. */
  changed: PromiseWithResolvers<void>;
}

/** Bytes in transit. Null is the end of the stream. */
interface Parcel {
  readonly bytes: Buffer | null;
  readonly sentAt: number;
}

const maxOnTheWay = 1 << 20;

/** Forwards the data that `from` sends to `to` under the network conditions, in order and including the end of the stream. */
export function forward(from: Socket, to: Socket, conditions: NetworkConditions): void {
  const parcels: Parcel[] = [];
  let onTheWay = 0;
  let isCarrying = false;

  const carry = async (): Promise<void> => {
    isCarrying = true;
    for (let parcel = parcels[0]; parcel; parcel = parcels[0]) {
      await arrival(parcel, conditions, to);
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
    // A slow link applies back pressure like a real one: the sender's buffers fill, not ours.
    if (onTheWay >= maxOnTheWay) from.pause();
    if (!isCarrying) carry().catch(() => to.destroy());
  };

  from.on("data", (bytes: Buffer) => {
    // Slices, so that a throttled link delivers data steadily rather than in bursts.
    for (let at = 0; at < bytes.length; at += 16_384) take(bytes.subarray(at, at + 16_384));
  });
  from.on("end", () => take(null));
}

/** Waits until a parcel is due. The conditions can change in the meantime, and a lost connection ends the wait. */
async function arrival(parcel: Parcel, conditions: NetworkConditions, to: Socket): Promise<void> {
  const startedAt = performance.now();
  while (!to.destroyed) {
    const { changed } = conditions;
    const carriedAt = startedAt + ((parcel.bytes?.length ?? 0) / conditions.bytesPerSecond) * 1000;
    const waitMs = Math.max(parcel.sentAt + conditions.delayMs, carriedAt) - performance.now();
    if (!conditions.isHole && waitMs <= 0) return;
    const closed = new AbortController();
    const waits: Promise<unknown>[] = [changed.promise, once(to, "close", { signal: closed.signal })];
    if (!conditions.isHole) waits.push(delay(waitMs, undefined, { signal: closed.signal }));
    try {
      await Promise.race(waits);
    } finally {
      for (const wait of waits) wait.catch(() => {});
      closed.abort();
    }
  }
}

import { setImmediate } from "node:timers/promises";
import { ConnectorError, type PolledItem } from "@weft/connectors";
import { quote } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { type AnyNewEvent, appendEvents, type WriteMeta } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import { mappedEvent, type Mapping } from "../../events/mapping/mapped-event.js";
import type { TriggerRow } from "./trigger.store.js";

/** What became of the items of a poll. */
export interface PublishedItems {
  readonly published: number;
  readonly ignored: number;
  readonly failed: number;
  /** Why the first of those that failed cannot become an event. */
  readonly error: string | null;
}

/** Time for mapping the items of one poll. Each takes a fraction of a millisecond with ordinary expressions. */
const MAX_MAPPING_MS = 5_000;

interface Publishing extends Pick<Mapping, "type" | "publisher"> {
  readonly trigger: TriggerRow;
  readonly items: readonly PolledItem[];
  readonly keyring: Services["keyring"];
}

/** Publishes the items of a poll as custom events, in their order. An item that cannot become one is counted, and does not delay the others. */
export async function publishItems(tx: Tx, { trigger, type, publisher, items, keyring }: Publishing): Promise<PublishedItems> {
  const receivedAt = new Date().toISOString();
  const events: AnyNewEvent[] = [];
  const errors: string[] = [];
  const startedAt = performance.now();
  for (const { id, data } of items) {
    // Expressions can take a while. Other work of the process goes on in between.
    await setImmediate();
    if (performance.now() - startedAt > MAX_MAPPING_MS)
      throw new ConnectorError(
        "PERMANENT",
        "The condition and the expressions of the trigger took too long for the items of one poll. Simplify them.",
      );
    const mapped = await mappedEvent(tx, { row: trigger, type, publisher }, { body: data, headers: {}, receivedAt }).catch(
      (error: unknown) => {
        // Such as a body that is nested too deeply to be shown.
        if (error instanceof RangeError) return { kind: "FAILED", error: "Its data is nested too deeply." } as const;
        throw error;
      },
    );
    if (mapped.kind === "EVENT") events.push(mapped.event);
    if (mapped.kind === "FAILED") errors.push(`The item ${quote(id)} was not published. ${mapped.error}`);
  }
  await appendEvents(tx, metaOf(trigger, keyring), events);
  const ignored = items.length - events.length - errors.length;
  return { published: events.length, ignored, failed: errors.length, error: errors[0] ?? null };
}

/** The trigger's ID takes the place of the request ID. */
const metaOf = ({ tenantId, id, userId }: TriggerRow, keyring: Services["keyring"]): WriteMeta => ({
  tenantId,
  actorId: userId,
  onBehalfOf: null,
  requestId: encodeId("integrationTrigger", id),
  sessionId: null,
  address: null,
  traceId: null,
  keyring,
});

import { cancelInstance } from "@weft/engine";
import { endingTypes, isEnding } from "@weft/shared/event-catalog";
import { type EventConsumer, SYSTEM_ID } from "@weft/platform/events";
import type { PersonKeyring } from "@weft/platform/privacy";
import { DUPLICATES_CONSUMER, findOpenDuplicates } from "./link.store.js";

/**
 * The comment on the end of a duplicate. It does not name the original, because its reader might not see it. `Request.links` shows it to users who do.
 */
const COMMENT = "Ended with the request that it duplicates.";

/**
 * Cancels the open duplicates of a request that has ended, as ServiceNow ends the duplicates of an incident. Their own duplicates follow, because each
 * end is an event. Runs only in tenants that have had duplicates.
 */
export function endedOriginals(keyring: PersonKeyring): EventConsumer {
  return {
    name: DUPLICATES_CONSUMER,
    types: endingTypes,
    wants: isEnding,
    optInTypes: ["request.linked"],
    handle: async (tx, event) => {
      const original = event.related["request"];
      if (original === undefined || !isEnding(event)) return;
      const { tenantId, requestId, traceId } = event;
      const meta = { tenantId, actorId: SYSTEM_ID, onBehalfOf: null, requestId, traceId, sessionId: null, address: null, keyring };
      // If one ends at the same moment, the write is refused, and the consumer's retry no longer finds it.
      for (const id of await findOpenDuplicates(tx, original)) await cancelInstance(tx, meta, { id, comment: COMMENT });
    },
  };
}

import { requests as tables } from "@weft/drizzle";
import { channels } from "@weft/shared/event-catalog";
import { asTenant, dueInTrueTime } from "@weft/platform/db";
import { contained } from "@weft/platform/logging";
import type { Services } from "@weft/platform/services";
import { sendSignal } from "@weft/api/live";
import { deleteEnded, deleteOfSession } from "./editor.store.js";

type Parts = Pick<Services, "databases" | "pubsub" | "log">;

/** Ends what users were doing with requests and have not announced again, as a source of due work. Others learn of it at once. */
export function endedEditors({ databases, pubsub, log }: Parts) {
  return {
    name: "requestEditors",
    ...dueInTrueTime({ name: "RequestEditor", dueAt: tables.requestEditors.expiresAt, isDoneInAllTenants: true }),
    run: async (tenantId: string, limit: number): Promise<number> => {
      const ended = await asTenant(databases.app, { tenantId }, "write", (tx) => deleteEnded(tx, limit));
      tell({ pubsub, log }, tenantId, ended);
      return ended.length;
    },
  };
}

/** Ends what users were doing with requests when their session ends. Only a hint: without it, it ends when it expires. */
export async function endEditorsWithSessions({ databases, pubsub, log }: Parts): Promise<{ stop(): Promise<void> }> {
  const end = async (message: string): Promise<void> => {
    const { tenantId, sessionId } = JSON.parse(message) as { readonly tenantId: string; readonly sessionId?: string };
    if (sessionId === undefined) return;
    tell({ pubsub, log }, tenantId, await asTenant(databases.app, { tenantId }, "write", (tx) => deleteOfSession(tx, sessionId)));
  };
  const running = new Set<Promise<void>>();
  const stop = await pubsub.subscribe(
    channels.revocations,
    contained("ending what a session was doing", (message: string) => {
      const one = end(message)
        .catch((error: unknown) => log.debug({ err: error }, "what a session was doing could not be ended; it expires"))
        .finally(() => void running.delete(one));
      running.add(one);
    }),
  );
  return {
    stop: async () => {
      await stop();
      await Promise.all(running);
    },
  };
}

/** Those who stopped were already told. */
function tell(
  services: Pick<Services, "pubsub" | "log">,
  tenantId: string,
  ended: readonly { readonly requestId: string; readonly hasStopped: boolean }[],
): void {
  const changed = new Set(ended.filter(({ hasStopped }) => !hasStopped).map(({ requestId }) => requestId));
  for (const subjectId of changed) sendSignal(services, { tenantId, type: "request.editors_changed", subjectId });
}

import { setTimeout as sleep } from "node:timers/promises";
import type { postgres } from "@weft/pg-driver";

const everyMs = 50;
const deadlineMs = 120_000;

/** Waits until the worker has numbered and handled every event and sealed every audit entry. Its processor time is then complete. */
export async function untilDrained(owner: postgres.Sql): Promise<void> {
  const started = performance.now();
  while (await isBehind(owner)) {
    if (performance.now() - started > deadlineMs) throw new Error(`The worker has not caught up within ${deadlineMs} ms.`);
    await sleep(everyMs);
  }
}

async function isBehind(owner: postgres.Sql): Promise<boolean> {
  const [row] = await owner<{ behind: boolean }[]>`select exists (select from events.outbox) or exists (select from audit.unsealed)
    or exists (select from events.consumer_cursors c join events.position_heads h using (tenant_id) where c.position < h.position) as behind`;
  return row?.behind ?? false;
}

import type { PubSub } from "../../pubsub/pubsub.js";
import { channels, MAX_NAMED_RUNS, type NewRun } from "@weft/shared/event-catalog";

interface WakeUps {
  /** Whether a message is about to be sent, or is being sent. */
  isSending: boolean;
  /** Whether a commit came after the message that is being sent. That message can be too early for it. */
  isDue: boolean;
}

const wakeUps = new WeakMap<PubSub, WakeUps>();

/** Log for failed wake-ups. Compatible with pino. */
interface WakeLog {
  debug(facts: object, message: string): void;
}

let areRunsDue = false;
let newRuns: NewRun[] = [];
const tenantsWithOffers = new Set<string>();

/** Lets the next wake-up wake the workers of runs, too. Call it after a commit by which something became due for a run. */
export const noteDueRuns = (): void => void (areRunsDue = true);

/**
 * Lets the next wake-up name these runs to the workers, which then need not search for them. Call it after the commit that has started them. Those that
 * do not fit into a message are searched for.
 */
export function noteNewRuns(runs: readonly NewRun[]): void {
  const room = MAX_NAMED_RUNS - newRuns.length;
  newRuns.push(...runs.slice(0, room));
  if (runs.length > room) areRunsDue = true;
}

/** Lets the next wake-up tell that external workers can take steps of the tenant. Call it after the commit. */
export const noteOfferedSteps = (tenantId: string): void => void tenantsWithOffers.add(tenantId);

function takeRunMessages(): readonly string[] {
  const messages = [...(newRuns.length > 0 ? [JSON.stringify(newRuns)] : []), ...(areRunsDue ? [""] : [])];
  areRunsDue = false;
  newRuns = [];
  return messages;
}

/**
 * Tells the relay that the outbox contains new events. Call it after the commit. All commits of one event loop tick share one message, and those that
 * follow while it is being sent share the next one. Only a hint, because the relay also polls.
 */
export function wakeRelay(pubsub: PubSub, log: WakeLog): void {
  const state = wakeUps.get(pubsub) ?? { isSending: false, isDue: false };
  wakeUps.set(pubsub, state);
  if (state.isSending) state.isDue = true;
  else send(state, pubsub, log);
}

function send(state: WakeUps, pubsub: PubSub, log: WakeLog): void {
  state.isSending = true;
  setImmediate(() => {
    state.isDue = false;
    const toWorkers = takeRunMessages().map((message) => pubsub.publish(channels.runs, message));
    for (const tenantId of tenantsWithOffers) toWorkers.push(pubsub.publish(channels.offeredSteps, tenantId));
    tenantsWithOffers.clear();
    Promise.all([pubsub.publish(channels.outbox, ""), ...toWorkers])
      .catch((error: unknown) => log.debug({ err: error }, "the relay could not be notified"))
      .finally(() => {
        state.isSending = false;
        if (state.isDue) send(state, pubsub, log);
      });
  });
}

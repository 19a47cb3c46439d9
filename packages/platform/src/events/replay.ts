/** Replays: past events of a period are handled again, in their order, for one receiver. */
import type { Tx } from "../db/database.js";
import { BadUserInput } from "@weft/shared/errors";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { deletedEvents, type DeletedEvents, headPosition, positionAt } from "./read.js";

const DAY_MS = 86_400_000;
const MAX_DAYS = 92;
/** Positions are in the order of commits, so events of one time can be this far apart. */
const MARGIN_MS = 600_000;

/** When the events of a replay occurred: both ends are included. */
export interface ReplayPeriod {
  readonly from: string;
  readonly to: string;
}

/** Which events of the log a replay examines. */
interface Replayed {
  readonly fromAt: string;
  readonly toAt: string;
  readonly endPosition: number;
}

/** @throws BadUserInput if the period ends before it starts, or is too long */
export function assertReplayPeriod({ from, to }: ReplayPeriod): void {
  const refuse = (message: string): never => {
    throw new BadUserInput([{ path: "input.to", message }]);
  };
  const ms = Date.parse(to) - Date.parse(from);
  if (ms < 0) refuse("The end of the period is before its start.");
  if (ms > MAX_DAYS * DAY_MS) refuse(`The period can have at most ${MAX_DAYS} days. Replay the rest with further calls.`);
}

/**
 * Returns the positions between which all past events of the period are. Others are among them, see `isReplayed`. The event at the start is not
 * examined. Requires `assertRemembered` before it, which keeps all of them until the transaction ends.
 * @throws BadUserInput if some of them have been deleted
 */
export async function positionsOfPeriod(
  tx: Tx,
  { from, to }: ReplayPeriod,
): Promise<{ readonly startPosition: number; readonly endPosition: number }> {
  assertStored(await deletedEvents(tx), from);
  const startPosition = (await positionAt(tx, shifted(from, -MARGIN_MS))) - 1;
  const end = (await positionAt(tx, shifted(to, MARGIN_MS))) - 1;
  // Later events are not past ones.
  return { startPosition, endPosition: Math.max(startPosition, Math.min(end, await headPosition(tx))) };
}

/** Returns whether an event belongs to the replay. */
export function isReplayed({ position, occurredAt }: EventEnvelope, { fromAt, toAt, endPosition }: Replayed): boolean {
  const at = Date.parse(occurredAt);
  return position <= endPosition && at >= Date.parse(fromAt) && at <= Date.parse(toAt);
}

/** Returns the share of the events that were examined, from 0 to 1. */
export function replayProgress(replay: {
  readonly status: string;
  readonly startPosition: number;
  readonly endPosition: number;
  readonly position: number;
}): number {
  const { status, startPosition, endPosition, position } = replay;
  const total = endPosition - startPosition;
  return status === "COMPLETED" || total <= 0 ? 1 : Math.min(1, (position - startPosition) / total);
}

function assertStored({ until }: DeletedEvents, from: string): void {
  if (until === null || Date.parse(from) > Date.parse(until)) return;
  const message = `Events up to ${until} have been deleted, because they are older than the time for which your organization keeps them. Begin after that.`;
  throw new BadUserInput([{ path: "input.from", message }]);
}

const shifted = (time: string, byMs: number): string => new Date(Date.parse(time) + byMs).toISOString();

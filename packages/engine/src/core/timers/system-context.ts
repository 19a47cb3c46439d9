import { contextOf, type Context } from "../conditions/context.js";
import type { Machine } from "../model/machine.js";
import type { Snapshot } from "../model/snapshot.js";
import { systemActor } from "./system-actor.js";

/** Returns what conditions and operands read where nobody acts: at the due time of a timer or a level. */
export const systemContextOf = ({ showId, calendars }: Machine, snapshot: Snapshot, now: string): Context =>
  contextOf(snapshot, { data: snapshot.data, actor: systemActor, now, showId, calendars });

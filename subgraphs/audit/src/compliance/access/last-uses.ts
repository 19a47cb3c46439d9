import type { ReportDraft } from "../run/draft.js";
import { failedAttempts } from "../kinds/changed-objects.js";
import { daysIn } from "../kinds/entries.js";
import type { ReportRequest } from "../kinds/kind.js";
import { permissionsUsedBy } from "./uses-of-permissions.js";

interface LastActionNode {
  readonly actor: { readonly id: string } | null;
  readonly action: string;
  readonly lastAt: string;
}

export const lastActionsOperation = "LastActions";

const query = `query ${lastActionsOperation}($actorIds: [ID!]!, $from: DateTime, $to: DateTime) {
  lastActions(actorIds: $actorIds, from: $from, to: $to) { actor { id: nodeKey } action lastAt }
}`;

/** Users whose actions are read at once. */
const chunk = 50;

/** What users did last in the period of a report. */
export class LastUses {
  readonly #activities = new Map<string, string>();
  /** By user and permission: a map for each user would take much more memory. */
  readonly #days = new Map<string, string>();

  /** Returns the time of the user's newest action. Null if there is none. */
  activityOf(userId: string): string | null {
    return this.#activities.get(userId) ?? null;
  }

  /** Returns the day on which the user used the permission last. Null if they did not, or its use is not recorded. */
  dayOf(userId: string, permission: string): string | null {
    return this.#days.get(`${permission} ${userId}`) ?? null;
  }

  add(userId: string, { action, lastAt, day }: { readonly action: string; readonly lastAt: string; readonly day: string }): void {
    const newest = this.#activities.get(userId);
    if (newest === undefined || Date.parse(newest) < Date.parse(lastAt)) this.#activities.set(userId, lastAt);
    for (const permission of permissionsUsedBy(action)) {
      const key = `${permission} ${userId}`;
      // Days in this form are in the order of their texts.
      if ((this.#days.get(key) ?? "") < day) this.#days.set(key, day);
    }
  }
}

/** Reads what users did last in the period, from the audit log. */
export async function readLastUses(
  { reader }: ReportDraft,
  { period: { from, to, timeZone } }: ReportRequest,
  userIds: readonly string[],
): Promise<LastUses> {
  const uses = new LastUses();
  const dayOf = daysIn(timeZone);
  for (let start = 0; start < userIds.length; start += chunk) {
    const actorIds = userIds.slice(start, start + chunk);
    const { lastActions } = await reader.ask<{ lastActions: readonly LastActionNode[] }>({
      subgraph: "audit",
      name: lastActionsOperation,
      query,
      variables: { actorIds, from, to },
      forEach: ["actorIds"],
    });
    for (const { actor, action, lastAt } of lastActions)
      if (actor && !failedAttempts.includes(action)) uses.add(actor.id, { action, lastAt, day: dayOf(lastAt) });
  }
  return uses;
}

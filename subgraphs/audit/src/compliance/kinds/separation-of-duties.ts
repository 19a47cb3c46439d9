import { type ConflictingDuties, usualConflicts } from "../conflicting-duties.js";
import type { Cell } from "../run/report-document.js";
import type { ReportDraft } from "../run/draft.js";
import { entriesOf, type ReportedEntry } from "./entries.js";
import { chainText, type Holder, holdersOf, holdersOperation } from "./holders.js";
import type { ReportKindDefinition, ReportRequest } from "./kind.js";

const entriesOperation = "EntriesOfDuties";

export const separationOfDuties: ReportKindDefinition = {
  title: "Separation of duties",
  description: "Which users could do both of two conflicting duties, and which users did both for the same object.",
  requires: ["user.read", "role.read", "audit.read"],
  write: async (draft, request) => {
    const conflicts = request.parameters.conflictingDuties ?? usualConflicts;
    await writePossible(draft, conflicts);
    await writeDone(draft, request, conflicts);
  },
};

async function writePossible(draft: ReportDraft, conflicts: readonly ConflictingDuties[]): Promise<void> {
  const source = { operations: [holdersOperation] };
  const table = await draft.addTable(
    {
      key: "possible",
      title: "Users who could do both",
      columns: [
        { key: "conflict", label: "Conflicting duties", kind: "TEXT" },
        { key: "userId", label: "User ID", kind: "ID" },
        { key: "user", label: "User", kind: "TEXT" },
        { key: "first", label: "First permission, and how", kind: "TEXT" },
        { key: "second", label: "Second permission, and how", kind: "TEXT" },
      ],
      source: { ...source, derivation: "Users who are in the lists of both permissions." },
    },
    possibleRows(draft, conflicts),
  );
  const users = new Set(table.rows.map(([, userId]) => userId));
  draft.figures.push({
    key: "usersWithConflict",
    label: "Users who could do both of two conflicting duties",
    value: users.size,
    unit: "COUNT",
    source: { ...source, derivation: "Number of users who are in the lists of both permissions of a conflict." },
  });
  draft.charts.push({
    key: "usersByConflict",
    title: "Users who could do both",
    unit: "COUNT",
    bars: conflicts.map(({ name }) => ({ label: name, value: table.rows.filter(([conflict]) => conflict === name).length })),
    source: { ...source, derivation: "Number of users for each conflict." },
  });
}

async function* possibleRows(draft: ReportDraft, conflicts: readonly ConflictingDuties[]): AsyncGenerator<readonly Cell[]> {
  const holders = new Map<string, ReadonlyMap<string, Holder>>();
  for (const permission of new Set(conflicts.flatMap(({ first, second }) => [first.permission, second.permission])))
    holders.set(permission, await holdersById(draft, permission));
  for (const { name, first, second } of conflicts) {
    const others = holders.get(second.permission);
    for (const [userId, holder] of holders.get(first.permission) ?? []) {
      const other = others?.get(userId);
      if (other) yield [name, userId, holder.userName, howText(first.permission, holder), howText(second.permission, other)];
    }
  }
}

async function holdersById(draft: ReportDraft, permission: string): Promise<ReadonlyMap<string, Holder>> {
  const found = new Map<string, Holder>();
  for await (const holder of holdersOf(draft, permission)) found.set(holder.userId, holder);
  return found;
}

const howText = (permission: string, { grants }: Holder): string => `${permission}: ${grants.map(chainText).join("; ")}`;

async function writeDone(draft: ReportDraft, { period }: ReportRequest, conflicts: readonly ConflictingDuties[]): Promise<void> {
  const actions = [...new Set(conflicts.flatMap(({ first, second }) => [...first.actions, ...second.actions]))];
  const filter = { action: { in: actions }, at: { gte: period.from, lt: period.to } };
  const source = { operations: [entriesOperation] };
  const byObject = new Map<string, ReportedEntry[]>();
  for await (const entry of entriesOf(draft, { name: entriesOperation, filter })) {
    const entries = byObject.get(entry.entityId);
    if (entries) entries.push(entry);
    else byObject.set(entry.entityId, [entry]);
  }
  const names = await draft.names();
  const table = await draft.addTable(
    {
      key: "done",
      title: "Users who did both for the same object",
      columns: [
        { key: "conflict", label: "Conflicting duties", kind: "TEXT" },
        { key: "userId", label: "User ID", kind: "ID" },
        { key: "user", label: "User", kind: "TEXT" },
        { key: "entityType", label: "Object", kind: "TEXT" },
        { key: "entityId", label: "Object ID", kind: "TEXT" },
        { key: "firstAt", label: "First duty", kind: "TIME" },
        { key: "secondAt", label: "Second duty", kind: "TIME" },
      ],
      source: { ...source, derivation: "Objects with entries of both duties by the same user, also on behalf of another one." },
    },
    conflicts.flatMap((conflict) => [...byObject.values()].flatMap((entries) => doneRows(conflict, entries, names))),
  );
  draft.figures.push({
    key: "conflictsDone",
    label: "Times that a user did both for the same object",
    value: table.rows.length,
    unit: "COUNT",
    source: { ...source, derivation: "Number of objects and users with entries of both duties of a conflict." },
  });
}

/** Users who acted in an entry: the actor, and the user on whose behalf they acted. */
const peopleOf = ({ actor, onBehalfOf }: ReportedEntry): string[] => [actor, onBehalfOf].flatMap((user) => (user ? [user.id] : []));

/** @param entries of one object, newest first */
function doneRows(
  { name, first, second }: ConflictingDuties,
  entries: readonly ReportedEntry[],
  names: ReadonlyMap<string, string>,
): readonly Cell[][] {
  const doneBy = (actions: readonly string[]): Map<string, ReportedEntry> =>
    new Map(entries.filter(({ action }) => actions.includes(action)).flatMap((entry) => peopleOf(entry).map((user) => [user, entry])));
  const seconds = doneBy(second.actions);
  return [...doneBy(first.actions)].flatMap(([user, { entityType, entityId, at }]): Cell[][] => {
    const other = seconds.get(user);
    return other ? [[name, user, names.get(user) ?? null, entityType, entityId, at, other.at]] : [];
  });
}

import { type ConflictingDuties, usualConflicts } from "./conflicting-duties.js";
import type { Cell, Source } from "../run/report-document.js";
import type { ReportDraft } from "../run/draft.js";
import { doneDuties, firstDutiesOperation, secondDutiesOperation } from "./done-duties.js";
import { chainText, type Holder, holdersOf, holdersOperation } from "../access/holders.js";
import type { ReportKindDefinition, ReportRequest } from "../kinds/kind.js";

export const separationOfDuties: ReportKindDefinition = {
  title: "Separation of duties",
  description: "Which users could do both of two conflicting duties, and which users did both.",
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
    value: table.isComplete ? users.size : null,
    unit: "COUNT",
    source: { ...source, derivation: "Number of users who are in the lists of both permissions of a conflict." },
  });
  if (!table.isComplete) return;
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

async function writeDone(draft: ReportDraft, request: ReportRequest, conflicts: readonly ConflictingDuties[]): Promise<void> {
  const names = await draft.names();
  let isComplete = true;
  async function* rows(): AsyncGenerator<readonly Cell[]> {
    for (const conflict of conflicts) {
      const found = await doneDuties(draft, request, conflict);
      isComplete &&= found.isComplete;
      for (const { userId, object, firstAt, secondAt } of found.done)
        yield [conflict.name, userId, names.get(userId) ?? null, object?.type ?? null, object?.id ?? null, firstAt, secondAt];
    }
  }
  const source: Source = { operations: [secondDutiesOperation, firstDutiesOperation] };
  const table = await draft.addTable(
    {
      key: "done",
      title: "Users who did both",
      columns: [
        { key: "conflict", label: "Conflicting duties", kind: "TEXT" },
        { key: "userId", label: "User ID", kind: "ID" },
        { key: "user", label: "User", kind: "TEXT" },
        { key: "entityType", label: "Object", kind: "TEXT" },
        { key: "entityId", label: "Object ID", kind: "TEXT" },
        { key: "firstAt", label: "First duty", kind: "TIME" },
        { key: "secondAt", label: "Second duty", kind: "TIME" },
      ],
      source: {
        ...source,
        derivation:
          "Users with entries of both duties, also on behalf of another user. The second duty is in the period, and the first one before its end, for the same object. Pairs that need no common object: both in the period.",
      },
    },
    rows(),
  );
  if (!isComplete)
    draft.notes.push("There are too many entries of the duties to read all of them. Use a shorter period, or fewer pairs of duties.");
  draft.figures.push({
    key: "conflictsDone",
    label: "Times that a user did both",
    value: isComplete && table.isComplete ? table.rows.length : null,
    unit: "COUNT",
    source: { ...source, derivation: "Number of rows of the table of users who did both." },
  });
}

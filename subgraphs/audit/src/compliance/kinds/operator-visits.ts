import type { Cell } from "../run/report-document.js";
import type { ReportDraft } from "../run/draft.js";
import { entriesOf, type ReportedEntry } from "./entries.js";
import type { ReportKindDefinition, ReportRequest } from "./kind.js";

interface Visit {
  readonly id: string;
  readonly operatorName: string;
  readonly reason: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly endedAt: string | null;
  readonly operatorUser: { readonly id: string } | null;
}

const query = `query OperatorVisits($first: Int, $after: String) {
  operatorSessions(first: $first, after: $after) {
    edges { node { id operatorName reason createdAt expiresAt endedAt operatorUser { id } } }
    pageInfo { endCursor hasNextPage }
  }
}`;

export const operatorVisits: ReportKindDefinition = {
  title: "Visits of platform operators",
  description: "When operators of the platform acted in the organization, why, and what they changed.",
  requires: ["audit.read", "tenant.update"],
  write: async (draft, request) => {
    const visits = await visitsIn(draft, request);
    const entries = await entriesOfOperators(draft, request, visits);
    await writeVisits(draft, visits, entries);
    await writeChanges(draft, visits, entries);
  },
};

/** Returns the visits that began in the period, newest first. */
async function visitsIn({ reader }: ReportDraft, { period }: ReportRequest): Promise<readonly Visit[]> {
  const visits: Visit[] = [];
  const [from, to] = [Date.parse(period.from), Date.parse(period.to)];
  const question = { subgraph: "identity", name: "OperatorVisits", query } as const;
  for await (const visit of reader.list<Visit>(question, "operatorSessions")) {
    const at = Date.parse(visit.createdAt);
    // The list begins with the newest.
    if (at < from) break;
    if (at < to) visits.push(visit);
  }
  return visits;
}

async function entriesOfOperators(
  draft: ReportDraft,
  { period }: ReportRequest,
  visits: readonly Visit[],
): Promise<readonly ReportedEntry[]> {
  const operators = [...new Set(visits.flatMap(({ operatorUser }) => (operatorUser ? [operatorUser.id] : [])))];
  if (operators.length === 0) return [];
  const entries: ReportedEntry[] = [];
  const filter = { actorId: { in: operators }, at: { gte: period.from, lt: period.to } };
  for await (const entry of entriesOf(draft, { name: "ChangesByOperators", filter })) entries.push(entry);
  return entries;
}

async function writeVisits(draft: ReportDraft, visits: readonly Visit[], entries: readonly ReportedEntry[]): Promise<void> {
  const minutesOf = ({ createdAt, endedAt, expiresAt }: Visit): number =>
    Math.round((Date.parse(endedAt ?? expiresAt) - Date.parse(createdAt)) / 60_000);
  const source = { operations: ["OperatorVisits"], derivation: "Sessions whose `createdAt` is in the period." };
  draft.figures.push({ key: "visits", label: "Visits of operators", value: visits.length, unit: "COUNT", source });
  await draft.addTable(
    {
      key: "visits",
      title: "Visits",
      columns: [
        { key: "sessionId", label: "Session ID", kind: "ID" },
        { key: "operator", label: "Operator", kind: "TEXT" },
        { key: "reason", label: "Reason", kind: "TEXT" },
        { key: "startedAt", label: "Start", kind: "TIME" },
        { key: "endedAt", label: "End", kind: "TIME" },
        { key: "minutes", label: "Minutes", kind: "NUMBER" },
        { key: "entries", label: "Audit entries", kind: "NUMBER" },
      ],
      source,
    },
    visits.map((visit): Cell[] => [
      visit.id,
      visit.operatorName,
      visit.reason,
      visit.createdAt,
      visit.endedAt ?? visit.expiresAt,
      minutesOf(visit),
      entries.filter(({ sessionId }) => sessionId === visit.id).length,
    ]),
  );
}

async function writeChanges(draft: ReportDraft, visits: readonly Visit[], entries: readonly ReportedEntry[]): Promise<void> {
  if (visits.length === 0) return;
  const operators = new Map(visits.map(({ id, operatorName }) => [id, operatorName]));
  await draft.addTable(
    {
      key: "changesByOperators",
      title: "What operators did",
      columns: [
        { key: "at", label: "Time", kind: "TIME" },
        { key: "operator", label: "Operator", kind: "TEXT" },
        { key: "action", label: "Action", kind: "TEXT" },
        { key: "summary", label: "Change", kind: "TEXT" },
        { key: "entityType", label: "Object", kind: "TEXT" },
        { key: "entityId", label: "Object ID", kind: "TEXT" },
        { key: "sessionId", label: "Session ID", kind: "ID" },
      ],
      source: { operations: ["ChangesByOperators"] },
    },
    entries.map(({ at, action, summary, entityType, entityId, sessionId }): Cell[] => [
      at,
      (sessionId === null ? null : operators.get(sessionId)) ?? null,
      action,
      summary,
      entityType,
      entityId,
      sessionId,
    ]),
  );
}

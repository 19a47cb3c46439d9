import type { Cell } from "../run/report-document.js";
import { maxRows, type ReportDraft } from "../run/draft.js";
import { entriesOf, inChunks, type ReportedEntry } from "./entries.js";
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

const query = `query OperatorVisits($tenantId: ID!, $first: Int, $after: String) {
  operatorSessions(tenantId: $tenantId, first: $first, after: $after) {
    edges { node { id operatorName reason createdAt expiresAt endedAt operatorUser { id } } }
    pageInfo { endCursor hasNextPage }
  }
}`;

export const operatorVisits: ReportKindDefinition = {
  title: "Visits of platform operators",
  description: "When operators of the platform acted in the organization, why, and what they changed.",
  requires: ["audit.read", "tenant.update", "user.read"],
  write: async (draft, request) => {
    const visits = await visitsIn(draft, request);
    const entries = await entriesOfOperators(draft, visits);
    await writeVisits(draft, request, { visits, entries });
    await writeChanges(draft, visits, entries);
  },
};

/** Longest visit, with time to spare. */
const longestMs = 86_400_000;

const endOf = ({ endedAt, expiresAt }: Visit): number => Date.parse(endedAt ?? expiresAt);

/** Returns the visits of which a part is in the period, newest first. */
async function visitsIn({ reader }: ReportDraft, { period, tenantId }: ReportRequest): Promise<readonly Visit[]> {
  const visits: Visit[] = [];
  const [from, to] = [Date.parse(period.from), Date.parse(period.to)];
  const question = { subgraph: "identity", name: "OperatorVisits", query, variables: { tenantId } } as const;
  for await (const visit of reader.list<Visit>(question, "operatorSessions")) {
    const start = Date.parse(visit.createdAt);
    // The list begins with the newest.
    if (start < from - longestMs) break;
    if (start < to && endOf(visit) > from) visits.push(visit);
  }
  return visits;
}

/** Returns what was done in the visits, also in those parts that are outside of the period. */
async function entriesOfOperators(draft: ReportDraft, visits: readonly Visit[]): Promise<readonly ReportedEntry[]> {
  const [newest, oldest] = [visits[0], visits.at(-1)];
  if (!newest || !oldest) return [];
  const sessions = new Set(visits.map(({ id }) => id));
  const entries: ReportedEntry[] = [];
  const at = { gte: oldest.createdAt, lt: new Date(Math.max(...visits.map(endOf))).toISOString() };
  for (const operators of inChunks([...new Set(visits.flatMap(({ operatorUser }) => (operatorUser ? [operatorUser.id] : [])))]))
    for await (const entry of entriesOf(draft, {
      name: "ChangesByOperators",
      // Also what they read, but not what was refused to them.
      filter: { actorId: { in: operators }, at, class: { in: ["CHANGE", "SENSITIVE_READ"] } },
      isRepeated: true,
    })) {
      if (entry.sessionId === null || !sessions.has(entry.sessionId)) continue;
      if (entries.length === maxRows) {
        draft.notes.push(`Of what operators did, only the newest ${maxRows} entries are shown. Use a shorter period to see all.`);
        return entries;
      }
      entries.push(entry);
    }
  return entries;
}

interface Found {
  readonly visits: readonly Visit[];
  readonly entries: readonly ReportedEntry[];
}

async function writeVisits(draft: ReportDraft, { snapshotAt }: ReportRequest, { visits, entries }: Found): Promise<void> {
  const minutesOf = (visit: Visit): number =>
    Math.round((Math.min(endOf(visit), Date.parse(snapshotAt)) - Date.parse(visit.createdAt)) / 60_000);
  const isOver = (visit: Visit): boolean => endOf(visit) <= Date.parse(snapshotAt);
  const counts = Map.groupBy(entries, ({ sessionId }) => sessionId);
  const source = { operations: ["OperatorVisits"], derivation: "Sessions of which a part is in the period." };
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
      isOver(visit) ? (visit.endedAt ?? visit.expiresAt) : null,
      minutesOf(visit),
      counts.get(visit.id)?.length ?? 0,
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

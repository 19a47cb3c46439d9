import type { Cell } from "../run/report-document.js";
import { countsOf, type ReportDraft } from "../run/draft.js";
import { noChanges, typesChanging } from "./changed-objects.js";
import { barsPerDay, countEntriesOf, entriesOf, type ReportedEntry } from "./entries.js";
import type { ReportKindDefinition, ReportRequest } from "./kind.js";

export const changes: ReportKindDefinition = {
  title: "Changes of configuration and rights",
  description: "Changes of rights and configuration: when, by which user, and how.",
  requires: ["audit.read", "user.read"],
  write: async (draft, request) => {
    await writeCounts(draft, request);
    await writeChanges(draft, request);
  },
};

const rights = typesChanging("RIGHTS");
const configuration = typesChanging("CONFIGURATION");

const filterOf = ({ period }: ReportRequest, entityTypes: readonly string[]) => ({
  entityType: { in: entityTypes },
  at: { gte: period.from, lt: period.to },
  class: { eq: "CHANGE" },
  not: { action: { in: noChanges } },
});

async function writeCounts(draft: ReportDraft, request: ReportRequest): Promise<void> {
  const counts = [
    { name: "ChangesOfRights", label: "Changes of users, teams, roles, API keys and substitutes", types: rights },
    {
      name: "ChangesOfConfiguration",
      label: "Changes of configuration, connections, rules, legal holds, privacy requests and reports",
      types: configuration,
    },
  ];
  for (const { name, label, types } of counts)
    draft.figures.push({
      key: name.charAt(0).toLowerCase() + name.slice(1),
      label,
      value: await countEntriesOf(draft, { name, filter: filterOf(request, types) }),
      unit: "COUNT",
      source: { operations: [name], path: "auditEntries.totalCount" },
    });
}

async function writeChanges(draft: ReportDraft, request: ReportRequest): Promise<void> {
  const names = await draft.names();
  const nameOf = (user: ReportedEntry["actor"]): string | null => (user && names.get(user.id)) ?? null;
  const found = entriesOf(draft, { name: "Changes", filter: filterOf(request, [...rights, ...configuration]) });
  async function* rows(): AsyncGenerator<Cell[]> {
    for await (const { id, at, action, summary, entityType, entityId, actor, onBehalfOf } of found)
      yield [id, at, nameOf(actor), nameOf(onBehalfOf), action, summary, entityType, entityId];
  }
  const source = { operations: ["Changes"] };
  const table = await draft.addTable(
    {
      key: "changes",
      title: "Changes",
      columns: [
        { key: "entryId", label: "Audit entry", kind: "ID" },
        { key: "at", label: "Time", kind: "TIME" },
        { key: "actor", label: "User", kind: "TEXT" },
        { key: "onBehalfOf", label: "On behalf of", kind: "TEXT" },
        { key: "action", label: "Action", kind: "TEXT" },
        { key: "summary", label: "Change", kind: "TEXT" },
        { key: "entityType", label: "Object", kind: "TEXT" },
        { key: "entityId", label: "Object ID", kind: "TEXT" },
      ],
      source,
    },
    rows(),
  );
  if (!table.isComplete) return;
  draft.charts.push(
    {
      key: "changesByDay",
      title: "Changes per day",
      unit: "COUNT",
      isOverTime: true,
      bars: barsPerDay(
        request.period,
        table.rows.map(([, at]) => String(at)),
      ),
      source: { ...source, derivation: "Number of entries by the day of `at` in the time zone of the report." },
    },
    {
      key: "changesByAction",
      title: "Most frequent changes",
      unit: "COUNT",
      bars: countsOf(table.rows.map((row) => String(row[4]))).slice(0, 15),
      source: { ...source, derivation: "Number of entries by `action`." },
    },
  );
}

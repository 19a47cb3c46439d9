import type { Cell } from "../run/report-document.js";
import type { ReportDraft } from "../run/draft.js";
import type { ReportKindDefinition } from "./kind.js";

interface Entry {
  readonly path: string;
  readonly value: unknown;
  readonly source: { readonly level: string; readonly version: number; readonly changedAt: string } | null;
}

const settingsQuery = `query RetentionSettings {
  effectiveConfiguration { entries { path value source { level version changedAt } } }
}`;

/** A list whose oldest object shows since when it is kept. */
interface KeptList {
  readonly field: "auditEntries" | "events";
  readonly name: string;
  readonly label: string;
  readonly time: "at" | "occurredAt";
}

const keptLists: readonly KeptList[] = [
  { field: "auditEntries", name: "OldestAuditEntry", label: "Audit entries", time: "at" },
  { field: "events", name: "OldestEvent", label: "Events", time: "occurredAt" },
];

export const retention: ReportKindDefinition = {
  title: "Retention",
  description: "How long data is kept, where that is set, and since when there is data.",
  requires: ["configuration.read", "audit.read", "event.read"],
  write: async (draft, { snapshotAt }) => {
    await writeSettings(draft);
    await writeKept(draft, snapshotAt);
  },
};

async function writeSettings(draft: ReportDraft): Promise<void> {
  const { effectiveConfiguration } = await draft.reader.ask<{ effectiveConfiguration: { entries: readonly Entry[] } }>({
    subgraph: "identity",
    name: "RetentionSettings",
    query: settingsQuery,
  });
  const settings = effectiveConfiguration.entries.filter(({ path }) => path.startsWith("retention."));
  const source = { operations: ["RetentionSettings"], derivation: "Entries whose `path` begins with `retention.`." };
  draft.figures.push({
    key: "changedSettings",
    label: "Retention periods that differ from the default",
    value: settings.filter((entry) => entry.source !== null).length,
    unit: "COUNT",
    source: { ...source, derivation: "Entries whose `path` begins with `retention.` and whose `source` is not null." },
  });
  await draft.addTable(
    {
      key: "settings",
      title: "Retention periods",
      columns: [
        { key: "setting", label: "Setting", kind: "TEXT" },
        { key: "value", label: "Value", kind: "NUMBER" },
        { key: "level", label: "Set at", kind: "TEXT" },
        { key: "changedAt", label: "Changed", kind: "TIME" },
      ],
      source,
    },
    settings.map(({ path, value, source: from }): Cell[] => [
      path,
      typeof value === "number" ? value : JSON.stringify(value),
      from?.level ?? "DEFAULT",
      from?.changedAt ?? null,
    ]),
  );
}

interface OldestNode {
  readonly at?: string;
  readonly occurredAt?: string;
}

type Oldest = Readonly<Record<string, { readonly edges: readonly { readonly node: OldestNode }[] }>>;

async function writeKept(draft: ReportDraft, snapshotAt: string): Promise<void> {
  const rows: Cell[][] = [];
  for (const { field, name, label, time } of keptLists) {
    const result = await draft.reader.ask<Oldest>({
      subgraph: "audit",
      name,
      query: `query ${name} { ${field}(last: 1) { edges { node { ${time} } } } }`,
    });
    const since = result[field]?.edges[0]?.node[time] ?? null;
    rows.push([label, since]);
    draft.figures.push({
      key: `${field}Age`,
      label: `${label}: age of the oldest in days`,
      value: since === null ? null : Math.floor((Date.parse(snapshotAt) - Date.parse(since)) / 86_400_000),
      unit: "DAYS",
      source: { operations: [name], derivation: `Days between \`${time}\` and \`snapshotAt\`.` },
    });
  }
  await draft.addTable(
    {
      key: "kept",
      title: "Data that is kept",
      columns: [
        { key: "data", label: "Data", kind: "TEXT" },
        { key: "since", label: "Oldest", kind: "TIME" },
      ],
      source: { operations: keptLists.map(({ name }) => name) },
    },
    rows,
  );
}

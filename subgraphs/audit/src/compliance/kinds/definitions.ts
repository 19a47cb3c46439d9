import type { Cell } from "../run/report-document.js";
import { countsOf, type ReportDraft } from "../run/draft.js";
import { entriesOf } from "./entries.js";
import type { ReportKindDefinition, ReportRequest } from "./kind.js";

interface DefinitionNode {
  readonly id: string;
  readonly key: string;
  readonly number: number;
  readonly status: string;
  readonly message: string;
  readonly createdBy: { readonly id: string } | null;
  readonly createdAt: string;
  readonly publishedBy: { readonly id: string } | null;
  readonly publishedAt: string | null;
}

const query = `query DefinitionVersions($first: Int, $after: String) {
  definitions(first: $first, after: $after) {
    edges { node { id key number status message createdBy { id } createdAt publishedBy { id } publishedAt } }
    pageInfo { endCursor hasNextPage }
  }
}`;

export const definitions: ReportKindDefinition = {
  title: "Changes of workflow definitions",
  description: "Which versions of definitions were published, who wrote them, and who approved them.",
  requires: ["definition.read", "audit.read", "user.read"],
  write: async (draft, request) => {
    await writePublications(draft, request);
    await writeChanges(draft, request);
  },
};

async function publishedIn({ reader }: ReportDraft, { period }: ReportRequest): Promise<readonly DefinitionNode[]> {
  const found: DefinitionNode[] = [];
  const [from, to] = [Date.parse(period.from), Date.parse(period.to)];
  const question = { subgraph: "workflows", name: "DefinitionVersions", query } as const;
  for await (const version of reader.list<DefinitionNode>(question, "definitions")) {
    const at = version.publishedAt === null ? Number.NaN : Date.parse(version.publishedAt);
    if (at >= from && at < to) found.push(version);
  }
  return found;
}

async function writePublications(draft: ReportDraft, request: ReportRequest): Promise<void> {
  const published = await publishedIn(draft, request);
  const names = await draft.names();
  const isAlone = ({ createdBy, publishedBy }: DefinitionNode): boolean => createdBy !== null && createdBy.id === publishedBy?.id;
  const nameOf = (user: { readonly id: string } | null): string | null => (user && names.get(user.id)) ?? null;
  const source = { operations: ["DefinitionVersions"], derivation: "Versions whose `publishedAt` is in the period." };
  draft.figures.push(
    { key: "published", label: "Versions published", value: published.length, unit: "COUNT", source },
    {
      key: "publishedByAuthor",
      label: "Of these, published by their author",
      value: published.filter(isAlone).length,
      unit: "COUNT",
      source: { ...source, derivation: "Versions whose `publishedAt` is in the period, with `publishedBy` equal to `createdBy`." },
    },
  );
  draft.charts.push({
    key: "publishedByDefinition",
    title: "Versions published by definition",
    unit: "COUNT",
    bars: countsOf(published.map(({ key }) => key)).slice(0, 15),
    source,
  });
  await draft.addTable(
    {
      key: "publications",
      title: "Published versions",
      columns: [
        { key: "definitionId", label: "Version ID", kind: "ID" },
        { key: "key", label: "Definition", kind: "TEXT" },
        { key: "number", label: "Version", kind: "NUMBER" },
        { key: "author", label: "Author", kind: "TEXT" },
        { key: "approver", label: "Published by", kind: "TEXT" },
        { key: "publishedAt", label: "Published", kind: "TIME" },
        { key: "message", label: "Message", kind: "TEXT" },
        { key: "status", label: "Status now", kind: "TEXT" },
      ],
      source,
    },
    published.map((version): Cell[] => [
      version.id,
      version.key,
      version.number,
      nameOf(version.createdBy),
      nameOf(version.publishedBy),
      version.publishedAt,
      version.message,
      version.status,
    ]),
  );
}

async function writeChanges(draft: ReportDraft, { period }: ReportRequest): Promise<void> {
  const names = await draft.names();
  const filter = { entityType: { eq: "DEFINITION" }, at: { gte: period.from, lt: period.to } };
  async function* rows(): AsyncGenerator<Cell[]> {
    for await (const { at, actor, action, summary, entityId } of entriesOf(draft, { name: "ChangesOfDefinitions", filter }))
      yield [at, (actor && names.get(actor.id)) ?? null, action, summary, entityId];
  }
  await draft.addTable(
    {
      key: "changes",
      title: "Changes",
      columns: [
        { key: "at", label: "Time", kind: "TIME" },
        { key: "actor", label: "User", kind: "TEXT" },
        { key: "action", label: "Action", kind: "TEXT" },
        { key: "summary", label: "Change", kind: "TEXT" },
        { key: "definitionId", label: "Version ID", kind: "ID" },
      ],
      source: { operations: ["ChangesOfDefinitions"] },
    },
    rows(),
  );
}

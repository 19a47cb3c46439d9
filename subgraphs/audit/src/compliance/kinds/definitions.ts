import type { Cell } from "../run/report-document.js";
import { countsOf, type ReportDraft } from "../run/draft.js";
import { entriesOf, inChunks } from "./entries.js";
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
  description: "Which versions of definitions were published, who wrote them, and who published them.",
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

/** Returns the users who wrote versions, by ID of the version: those who created or changed the draft, by the audit log. */
async function authorsOf(draft: ReportDraft, versions: readonly DefinitionNode[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const authors = new Map(versions.map(({ id, createdBy }) => [id, new Set(createdBy ? [createdBy.id] : [])]));
  for (const ids of inChunks([...authors.keys()])) {
    const filter = { entityId: { in: ids }, action: { in: ["definition.create", "definition.update"] } };
    for await (const { entityId, actor, onBehalfOf } of entriesOf(draft, { name: authorsOperation, filter, isRepeated: true }))
      for (const user of [actor, onBehalfOf]) if (user) authors.get(entityId)?.add(user.id);
  }
  return authors;
}

const authorsOperation = "AuthorsOfVersions";

async function writePublications(draft: ReportDraft, request: ReportRequest): Promise<void> {
  const published = await publishedIn(draft, request);
  const authors = await authorsOf(draft, published);
  const names = await draft.names();
  const authorIdsOf = ({ id }: DefinitionNode): readonly string[] => [...(authors.get(id) ?? [])];
  const isByAuthor = (version: DefinitionNode): boolean =>
    version.publishedBy !== null && authorIdsOf(version).includes(version.publishedBy.id);
  const source = { operations: ["DefinitionVersions"], derivation: "Versions whose `publishedAt` is in the period." };
  draft.figures.push(
    { key: "published", label: "Versions published", value: published.length, unit: "COUNT", source },
    {
      key: "publishedByAuthor",
      label: "Of these, published by one of their authors",
      value: published.filter(isByAuthor).length,
      unit: "COUNT",
      source: {
        operations: ["DefinitionVersions", ...(published.length > 0 ? [authorsOperation] : [])],
        derivation: "Versions whose `publishedAt` is in the period, with `publishedBy` among the users who created or changed the draft.",
      },
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
        { key: "authors", label: "Authors", kind: "TEXT" },
        { key: "publishedBy", label: "Published by", kind: "TEXT" },
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
      authorIdsOf(version)
        .map((id) => names.get(id) ?? id)
        .join(", "),
      (version.publishedBy && names.get(version.publishedBy.id)) ?? null,
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

import type { workflows } from "@weft/drizzle";
import type { Problem } from "@weft/engine";
import { Allow, DateTimeScalar, JsonScalar, can, connectionOf, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { Environment } from "./environment.type.js";
import { User, userReference, userReferenceOrNull } from "../principals/principal.type.js";

export type DefinitionRow = typeof workflows.definitions.$inferSelect;

export enum DefinitionStatus {
  DRAFT = "DRAFT",
  PUBLISHED = "PUBLISHED",
  DEPRECATED = "DEPRECATED",
  RETIRED = "RETIRED",
}
registerEnumType(DefinitionStatus, {
  name: "DefinitionStatus",
  description: "Where a version of a definition stands.",
  valuesConfig: {
    DRAFT: { description: "Written, not yet used: publish it, rewrite it, or throw it away." },
    PUBLISHED: { description: "Frozen. New instances take the newest published version of a key in their environment." },
    DEPRECATED: { description: "On its way out: still runs, and new instances take it only where the key has no published version." },
    RETIRED: { description: "Starts nothing any more; what runs on it goes on." },
  },
});

export enum DefinitionFormat {
  YAML = "YAML",
  JSON = "JSON",
}
registerEnumType(DefinitionFormat, {
  name: "DefinitionFormat",
  description: "How a definition is written.",
  valuesConfig: { YAML: { description: "YAML 1.2, without anchors and tags." }, JSON: { description: "JSON." } },
});

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({
  description:
    "One version of a workflow's description: states, transitions, who may fire them, tasks, the schema of the data. Frozen once published.",
})
@Allow(can("definition.read"))
export class Definition {
  @Field(() => ID, { description: "TypeID, `wfd_…`." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The id again, for what other subgraphs add." })
  nodeKey!: string;

  @Field(() => String, { description: "The same for all versions; request types and `startWorkflow` name it." })
  key!: string;

  @Field(() => Int, { description: "1, 2, 3 … per key." })
  number!: number;

  @Field(() => String, { description: "For people." })
  name!: string;

  @Field(() => String, { description: "What it is for; may be empty." })
  description!: string;

  @Field(() => DefinitionStatus, { description: "Draft, published, or on its way out." })
  status!: DefinitionStatus;

  @Field(() => DefinitionFormat, { description: "How `source` is written." })
  format!: DefinitionFormat;

  @Field(() => String, { description: "The text as its author wrote it." })
  source!: string;

  @Field(() => JsonScalar, { description: "The text as a document." })
  document!: Record<string, unknown>;

  @Field(() => String, { description: "Why this version, in its author's words; may be empty." })
  message!: string;

  @Field(() => [String], { description: "By which people find it, in lower case." })
  tags!: string[];

  @Field(() => [Environment], { description: "Where it is used: those that it has come through. None while it is a draft." })
  environments!: Environment[];

  /** UUID */
  parentId!: string | null;

  @Field(() => Definition, {
    nullable: true,
    description:
      "The version that this one was made from: the one before, or what was copied. Null for a first one, and when the parent was a draft that is gone.",
  })
  parent?: Definition | null;

  @Field(() => Int, { description: "Grows with each change; give it as `expectedVersion`." })
  version!: number;

  @Field(() => User, { nullable: true, description: "Null when the author cannot be shown to you." })
  createdBy!: User | null;

  @Field(() => User, { nullable: true, description: "Who froze it; null while it is a draft." })
  publishedBy!: User | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was frozen; null while it is a draft." })
  publishedAt!: string | null;

  @Field(() => DateTimeScalar, { description: "When it came to be." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When it last changed." })
  updatedAt!: string;
}

@ObjectType({ description: "One mistake of a definition." })
@Allow(inherit)
export class DefinitionProblem {
  @Field(() => String, {
    description: "Where in the document, for instance `states.triage.transitions.approve.when`; empty for the whole.",
  })
  path!: string;

  @Field(() => String, { description: "What is wrong, and often what was meant." })
  message!: string;

  @Field(() => String, { description: "Stable, for programs: `UNKNOWN_STATE`, `BAD_CONDITION`, …" })
  code!: string;

  @Field(() => Int, { nullable: true, description: "From 1." })
  line!: number | null;

  @Field(() => Int, { nullable: true, description: "From 1." })
  column!: number | null;
}

@ObjectType({ description: "What `validateDefinition` found." })
@Allow(inherit)
export class DefinitionValidation {
  @Field(() => Boolean, { description: "True exactly when there are no problems." })
  isValid!: boolean;

  @Field(() => [DefinitionProblem], { description: "All problems at once, at most 100." })
  problems!: DefinitionProblem[];

  @Field(() => [DefinitionProblem], {
    description:
      "What nobody in the tenant has today, so that a transition could not be fired or a task not be done: `NOBODY`, `UNKNOWN_DEFINITION`, `UNKNOWN_ROUTE`. A draft is saved with them; `publishDefinition` wants them accepted. Empty while there are problems, and to who may not create definitions.",
  })
  warnings!: DefinitionProblem[];
}

export const toProblem = (problem: Problem): DefinitionProblem => ({
  ...problem,
  line: problem.line ?? null,
  column: problem.column ?? null,
});

export const { Connection: DefinitionConnection, Edge: DefinitionEdge } = connectionOf(Definition);

export function toDefinition(row: DefinitionRow): Definition {
  const id = encodeId("definition", row.id);
  return {
    id,
    nodeKey: id,
    key: row.key,
    number: row.number,
    name: row.name,
    description: row.description,
    status: row.status as DefinitionStatus,
    format: row.format as DefinitionFormat,
    source: row.source,
    document: row.document,
    message: row.message,
    tags: row.tags,
    environments: row.environments as Environment[],
    parentId: row.parentId,
    version: row.version,
    createdBy: userReference(row.createdBy),
    publishedBy: userReferenceOrNull(row.publishedBy),
    publishedAt: row.publishedAt,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

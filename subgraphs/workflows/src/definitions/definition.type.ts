import type { workflows } from "@weft/drizzle";
import type { Problem, Translation } from "@weft/engine";
import { encodeId } from "@weft/shared/ids";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, can, inherit, ViewerIndependent } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { Environment } from "./life-cycle/environment.type.js";
import { User } from "../principals/principal.type.js";

export type DefinitionRow = typeof workflows.definitions.$inferSelect;

/** Texts and parsed document of a version: nearly all of its size. */
export type DefinitionText = Pick<DefinitionRow, "source" | "original" | "document">;

/** A version without its text, as lists and references read it. */
export type DefinitionHead = Omit<DefinitionRow, keyof DefinitionText>;

export enum DefinitionStatus {
  DRAFT = "DRAFT",
  PUBLISHED = "PUBLISHED",
  DEPRECATED = "DEPRECATED",
  RETIRED = "RETIRED",
}
registerEnumType(DefinitionStatus, {
  name: "DefinitionStatus",
  description: "Statuses of a version of a definition.",
  valuesConfig: {
    DRAFT: { description: "Not yet in use. Can be published, updated or deleted." },
    PUBLISHED: { description: "Immutable. New instances use the newest published version of a key in their environment." },
    DEPRECATED: { description: "Running instances continue. New instances use it only if the key has no published version." },
    RETIRED: { description: "New instances cannot use it. Running instances continue." },
  },
});

export enum DefinitionFormat {
  YAML = "YAML",
  JSON = "JSON",
}
registerEnumType(DefinitionFormat, {
  name: "DefinitionFormat",
  description: "Formats of a definition.",
  valuesConfig: { YAML: { description: "YAML 1.2, without anchors and tags." }, JSON: { description: "JSON." } },
});

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({
  description:
    "One version of a workflow definition: states, transitions, who can fire them, tasks, and the schema of the data. Immutable once published.",
})
@Allow(can("definition.read"))
export class Definition {
  @Field(() => ID, { description: "ID (`wfd_…`)." })
  @ViewerIndependent("definition.read")
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The ID again, used by other subgraphs to extend this type." })
  @ViewerIndependent("definition.read")
  nodeKey!: string;

  @Field(() => String, { description: "Key, the same for all versions. Request types and `startWorkflow` refer to it." })
  @ViewerIndependent("definition.read")
  key!: string;

  @Field(() => Int, { description: "Number of the version within its key: 1, 2, 3 …" })
  @ViewerIndependent("definition.read")
  number!: number;

  @Field(() => String, { description: "Display name." })
  @ViewerIndependent("definition.read")
  name!: string;

  @Field(() => String, { description: "Purpose of the definition. Can be empty." })
  @ViewerIndependent("definition.read")
  description!: string;

  @Field(() => DefinitionStatus, { description: "Status of the version." })
  @ViewerIndependent("definition.read")
  status!: DefinitionStatus;

  @Field(() => DefinitionFormat, { description: "Format of `source`." })
  format!: DefinitionFormat;

  @Field(() => String, { description: "The source as written by its author, or what it was turned into if it was in the short form." })
  source?: DefinitionText["source"];

  @Field(() => String, {
    nullable: true,
    description: "The text as written by its author in the short form, from which `source` was made. Null if `source` is the author's own.",
  })
  original?: DefinitionText["original"];

  @Field(() => JsonScalar, { description: "The source, parsed." })
  document?: DefinitionText["document"];

  @Field(() => String, { description: "Reason for this version, as given by its author. Can be empty." })
  message!: string;

  @Field(() => [String], { description: "Tags, in lower case." })
  tags!: string[];

  @Field(() => [Environment], { description: "Environments in which the version is used. Empty for a draft." })
  environments!: Environment[];

  /** UUID */
  parentId!: string | null;

  @Field(() => Definition, {
    nullable: true,
    description:
      "The version from which this one was created: the previous version, or the copied one. Null for a first version, and if the parent was a draft that was deleted.",
  })
  parent?: Definition | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it as `expectedVersion`." })
  version!: number;

  @Field(() => User, { nullable: true, description: "Author. Null if you cannot see the user." })
  createdBy!: User | null;

  @Field(() => User, { nullable: true, description: "User who published the version. Null for a draft." })
  publishedBy!: User | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Publication time. Null for a draft." })
  publishedAt!: string | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;
}

@ObjectType({ description: "A problem in a definition." })
@Allow(inherit)
export class DefinitionProblem {
  @Field(() => String, {
    description: "Path in the document, such as `states.triage.transitions.approve.when`. Empty for the entire document.",
  })
  path!: string;

  @Field(() => String, { description: "Description of the problem, often with a suggestion." })
  message!: string;

  @Field(() => String, { description: "Stable code for programs: `UNKNOWN_STATE`, `BAD_CONDITION`, …" })
  code!: string;

  @Field(() => Int, { nullable: true, description: "From 1." })
  line!: number | null;

  @Field(() => Int, { nullable: true, description: "From 1." })
  column!: number | null;
}

@ObjectType({ description: "What a part of a text in the short form has become." })
@Allow(inherit)
export class DefinitionNote {
  @Field(() => String, { description: "Path in the text as it was written, such as `steps[0].command`." })
  path!: string;

  @Field(() => String, { description: "What it has become, and what that means." })
  message!: string;

  @Field(() => Int, { nullable: true, description: "From 1." })
  line!: number | null;

  @Field(() => Int, { nullable: true, description: "From 1." })
  column!: number | null;
}

@ObjectType({ description: "Definition that a text in the short form was turned into." })
@Allow(inherit)
export class DefinitionTranslation {
  @Field(() => String, {
    description: "Text of the definition, in the format of the original and with its comments. `createDefinition` stores it.",
  })
  source!: string;

  @Field(() => [DefinitionNote], { description: "Parts that mean something else than they seem to, at most 100." })
  notes!: DefinitionNote[];
}

@ObjectType({ description: "Result of `validateDefinition`." })
@Allow(inherit)
export class DefinitionValidation {
  @Field(() => Boolean, { description: "Whether there are no problems." })
  isValid!: boolean;

  @Field(() => [DefinitionProblem], { description: "All problems, at most 100." })
  problems!: DefinitionProblem[];

  @Field(() => [DefinitionProblem], {
    description:
      "Missing users, definitions, routes or calendars because of which, today, a transition could not be fired, a task not be done, or a deadline be counted otherwise: `NOBODY`, `UNKNOWN_DEFINITION`, `UNKNOWN_ROUTE`, `UNKNOWN_CALENDAR`, `UNKNOWN_INTEGRATION` (only for users with `integration.read`). `UNKNOWN_SECRET` (only for users with `secret.read`) and `PROFILE_VIOLATION`: a step would fail. `UNKNOWN_EVENT` (only for users who can read types of events): a step publishes an event type that is not declared, or waits for an event that nothing emits. Drafts with warnings can be saved; `publishDefinition` requires accepting them. Empty if there are problems, or if you cannot create definitions.",
  })
  warnings!: DefinitionProblem[];

  @Field(() => DefinitionTranslation, {
    nullable: true,
    description: "Definition that the source was turned into, if it is in the short form. Null if it is not, or if there are problems.",
  })
  translation!: DefinitionTranslation | null;
}

export const toProblem = (problem: Problem): DefinitionProblem => ({
  ...problem,
  line: problem.line ?? null,
  column: problem.column ?? null,
});

export function toTranslation({
  problems,
  translation,
}: {
  readonly problems: readonly Problem[];
  readonly translation: Translation | null;
}): DefinitionTranslation | null {
  if (!translation || problems.length > 0) return null;
  return {
    source: translation.source,
    notes: translation.notes.map((note) => ({ ...note, line: note.line ?? null, column: note.column ?? null })),
  };
}

export const { Connection: DefinitionConnection, Edge: DefinitionEdge } = connectionOf(Definition);

/** Returns a definition whose text was already read. Its fields need no further statement. */
export const toDefinition = (row: DefinitionRow): Definition & DefinitionText =>
  Object.assign(toDefinitionHead(row), { source: row.source, original: row.original, document: row.document });

export function toDefinitionHead(row: DefinitionHead): Definition {
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
    message: row.message,
    tags: row.tags,
    environments: row.environments as Environment[],
    parentId: row.parentId,
    version: row.version,
    createdBy: User.of(row.createdBy),
    publishedBy: User.ofOrNull(row.publishedBy),
    publishedAt: row.publishedAt,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

export const DefinitionPayload = payloadOf(Definition, "definition");
export type DefinitionPayload = InstanceType<typeof DefinitionPayload>;

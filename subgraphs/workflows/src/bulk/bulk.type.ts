import type { bulk } from "@weft/drizzle";
import { Allow, DateTimeScalar, can, connectionOf, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { WorkflowInstance } from "../instances/instance.type.js";
import { User, userReference } from "../principals/principal.type.js";

export type BulkOperationRow = typeof bulk.bulkOperations.$inferSelect;
export type BulkItemRow = typeof bulk.bulkItems.$inferSelect;

export enum BulkKind {
  TRANSITION = "TRANSITION",
  MIGRATION = "MIGRATION",
  UNDO = "UNDO",
}
registerEnumType(BulkKind, {
  name: "BulkKind",
  description: "What is done to each instance.",
  valuesConfig: {
    TRANSITION: { description: "A transition is fired." },
    MIGRATION: { description: "It moves to another version of its definition." },
    UNDO: { description: "A migration is taken back." },
  },
});

export enum BulkStatus {
  RUNNING = "RUNNING",
  COMPLETED = "COMPLETED",
  CANCELLED = "CANCELLED",
  FAILED = "FAILED",
}
registerEnumType(BulkStatus, {
  name: "BulkStatus",
  description: "Where an operation on many instances stands.",
  valuesConfig: {
    RUNNING: { description: "Waits for its turn, or is being done." },
    COMPLETED: { description: "Every instance has its result, good or bad." },
    CANCELLED: { description: "Stopped by a person; what was done stays done." },
    FAILED: {
      description:
        "Stopped because who asked for it may not go on, or because it stopped the worker again and again; what was done stays done.",
    },
  },
});

export enum BulkItemStatus {
  PENDING = "PENDING",
  DONE = "DONE",
  FAILED = "FAILED",
  CANCELLED = "CANCELLED",
}
registerEnumType(BulkItemStatus, {
  name: "BulkItemStatus",
  description: "What became of one instance of an operation.",
  valuesConfig: {
    PENDING: { description: "Not yet its turn." },
    DONE: { description: "Done." },
    FAILED: { description: "Refused; `code` and `message` say why. Nothing of it was done." },
    CANCELLED: { description: "The operation ended before its turn." },
  },
});

@ObjectType({ description: "One instance of an operation." })
@Allow(inherit)
export class BulkItem {
  @Field(() => Int, { description: "From 1: the order in which they are done." })
  position!: number;

  @Field(() => BulkItemStatus, { description: "What became of it." })
  status!: BulkItemStatus;

  @Field(() => WorkflowInstance, { nullable: true, description: "As it is now; null when you may not see it." })
  instance?: WorkflowInstance | null;

  @Field(() => String, { nullable: true, description: "Of a failed one: the code that the single mutation would have answered." })
  code?: string | null;

  @Field(() => String, { nullable: true, description: "Of a failed one: why. Null when you may not see the instance." })
  message?: string | null;

  @Field(() => Int, { nullable: true, description: "The instance's version when it was done." })
  version!: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it had its result." })
  finishedAt!: string | null;

  /** For the field resolvers; no field. */
  readonly row!: BulkItemRow;
}

export const { Connection: BulkItemConnection } = connectionOf(BulkItem);

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({ description: "Something that is done to many instances, one after the other, with a result for each." })
@Allow(can("workflow.read"))
export class BulkOperation {
  @Field(() => ID, { description: "TypeID, `blk_…`. Events, history and audit entries of what it did carry it as their request id." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The id again, for what other subgraphs add." })
  nodeKey!: string;

  @Field(() => BulkKind, { description: "What is done." })
  kind!: BulkKind;

  @Field(() => BulkStatus, { description: "Where it stands." })
  status!: BulkStatus;

  @Field(() => String, { nullable: true, description: "The transition that is fired." })
  transition!: string | null;

  @Field(() => String, { nullable: true, description: "What was said to it." })
  comment!: string | null;

  @Field(() => Int, { description: "Of how many instances." })
  total!: number;

  @Field(() => Int, { description: "How many of them are done." })
  done!: number;

  @Field(() => Int, { description: "How many of them were refused." })
  failed!: number;

  @Field(() => String, { nullable: true, description: "Why it ended before its end." })
  message!: string | null;

  @Field(() => User, { nullable: true, description: "Who asked for it, and as whom it is done." })
  createdBy!: User | null;

  @Field(() => Int, { description: "Grows with its progress." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "When it was asked for." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When it last went on." })
  updatedAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it ended." })
  finishedAt!: string | null;

  /** For the field resolvers; no field. */
  readonly row!: BulkOperationRow;
}

export const { Connection: BulkOperationConnection } = connectionOf(BulkOperation);

@ObjectType({ description: "Why some are refused." })
@Allow(inherit)
export class BulkRefusal {
  @Field(() => String, { description: "The reason, as a sentence." })
  message!: string;

  @Field(() => Int, { description: "How many instances it holds back." })
  count!: number;
}

@ObjectType({ description: "What firing a transition at many instances would do; nothing is written." })
@Allow(inherit)
export class BulkPreview {
  @Field(() => Int, { description: "How many running instances were found; give it as `expectedTotal`." })
  total!: number;

  @Field(() => Int, { description: "How many of them were looked at, from the oldest on." })
  examined!: number;

  @Field(() => Int, { description: "Of those that were looked at: how many the transition is open for." })
  open!: number;

  @Field(() => Int, { description: "Of those that were looked at: how many would be refused." })
  refused!: number;

  @Field(() => [BulkRefusal], { description: "Why, the most frequent reason first; at most 20." })
  reasons!: BulkRefusal[];

  @Field(() => Boolean, { description: "Whether the transition needs a comment, at one of them at least." })
  requiresComment!: boolean;

  @Field(() => [WorkflowInstance], { description: "The first of those that it is open for; at most 10." })
  sample!: WorkflowInstance[];
}

export function toBulkOperation(row: BulkOperationRow): BulkOperation {
  const { params } = row;
  const id = encodeId("bulkOperation", row.id);
  return {
    id,
    nodeKey: id,
    kind: row.kind as BulkKind,
    status: row.status as BulkStatus,
    transition: typeof params["transition"] === "string" ? params["transition"] : null,
    comment: row.comment,
    total: row.total,
    done: row.done,
    failed: row.failed,
    message: row.message,
    createdBy: userReference(row.createdBy),
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    finishedAt: row.finishedAt,
    row,
  };
}

export function toBulkItem(row: BulkItemRow): BulkItem {
  return { position: row.position, status: row.status as BulkItemStatus, version: row.resultVersion, finishedAt: row.finishedAt, row };
}

import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../references.js";
import type { ScopeItemRow } from "./scope-item.store.js";

export enum ScopeItemStatus {
  PLANNED = "PLANNED",
  IN_PROGRESS = "IN_PROGRESS",
  DELIVERED = "DELIVERED",
  ACCEPTED = "ACCEPTED",
}
registerEnumType(ScopeItemStatus, {
  name: "ScopeItemStatus",
  description: "How far a scope item is.",
  valuesConfig: {
    PLANNED: { description: "Work has not begun." },
    IN_PROGRESS: { description: "Work has begun." },
    DELIVERED: { description: "It is delivered, and not accepted yet." },
    ACCEPTED: { description: "It meets its acceptance criteria." },
  },
});

/** What is approved of an item. */
export const scopeItemContent = {
  title: column.text("Title.", { max: 200, trimmed: true, updated: "New title (1 to 200 characters)." }),
  description: column.text("Description.", {
    max: 4000,
    hasLines: true,
    initial: "",
    shown: "Description. Can be empty.",
    updated: "New description (at most 4000 characters).",
  }),
  acceptanceCriteria: column.texts("What must be true for the item to be accepted (at most 50, 1 to 500 characters each).", {
    initial: [],
    shown: "What must be true for the item to be accepted.",
  }),
};

export const scopeItemColumns = columns({
  ...standardColumns.id("ID (`sci_…`).", "The scope item."),
  ...standardColumns.expectedVersion,
  projectId: column.id("The project.", { shown: false, updated: false, converted: true }),
  ...scopeItemContent,
  status: column.of(() => ScopeItemStatus, "How far it is.", {
    initial: ScopeItemStatus.PLANNED,
    shown: "How far it is. The status is not part of what is approved.",
    updated: "New status.",
  }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({ createdBy: column.of(() => User, "Creator.", { nullable: true }) }),
  ...standardColumns.version("updateScopeItem"),
  ...standardColumns.times,
});

@ShowColumns(scopeItemColumns)
@ObjectType({ description: "Something that a project is to deliver." })
@Allow(inherit)
export class ScopeItem extends shapeOf(scopeItemColumns) {}

export const CreateScopeItemInput = createInputOf("CreateScopeItemInput", scopeItemColumns);
export type CreateScopeItemInput = InstanceType<typeof CreateScopeItemInput>;

export const UpdateScopeItemInput = updateInputOf(
  "UpdateScopeItemInput",
  scopeItemColumns,
  "Input of `updateScopeItem`. Omitted fields keep their values. After the first approval of the scope, only the status can be changed: see `proposeScopeChange`.",
);
export type UpdateScopeItemInput = InstanceType<typeof UpdateScopeItemInput>;

/** Converts a row to its API type. */
export const toScopeItem = (row: ScopeItemRow): ScopeItem =>
  Object.assign(new ScopeItem(), scopeItemColumns.shown(row), {
    id: encodeId("scopeItem", row.id),
    status: row.status as ScopeItemStatus,
    createdBy: User.of(row.createdBy),
  });

@ObjectType({ description: "Payload of `createScopeItem` and `updateScopeItem`." })
@Allow(inherit)
export class ScopeItemPayload {
  @Field(() => ScopeItem, { description: "The scope item." })
  scopeItem!: ScopeItem;
}

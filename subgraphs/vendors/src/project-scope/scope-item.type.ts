import { Allow, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "Something that a project is to deliver." })
@Allow(inherit)
export class ScopeItem {
  @Field(() => ID, { description: "ID (`sci_…`)." })
  id!: string;

  @Field(() => String, { description: "Title." })
  title!: string;

  @Field(() => String, { description: "Description. Can be empty." })
  description!: string;

  @Field(() => [String], { description: "What must be true for the item to be accepted." })
  acceptanceCriteria!: string[];

  @Field(() => ScopeItemStatus, { description: "How far it is. The status is not part of what is approved." })
  status!: ScopeItemStatus;

  @Field(() => User, { nullable: true, description: "Creator." })
  createdBy!: User | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to `updateScopeItem` as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;
}

/** Converts a row to its API type. */
export function toScopeItem(row: ScopeItemRow): ScopeItem {
  const { title, description, acceptanceCriteria, version, createdAt, updatedAt } = row;
  return Object.assign(new ScopeItem(), {
    id: encodeId("scopeItem", row.id),
    title,
    description,
    acceptanceCriteria,
    status: row.status as ScopeItemStatus,
    createdBy: User.of(row.createdBy),
    version,
    createdAt,
    updatedAt,
  });
}

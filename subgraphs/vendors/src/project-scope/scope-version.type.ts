import type { ScopeContent } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { Money } from "../money/money.type.js";
import { User } from "../references.js";
import { scopeItemContent } from "./scope-item.type.js";
import type { ScopeVersionRow } from "./scope-version.store.js";

const itemColumns = columns(scopeItemContent);

@ShowColumns(itemColumns)
@ObjectType({ description: "An item in a version of a scope." })
@Allow(inherit)
export class ScopeVersionItem extends shapeOf(itemColumns) {
  @Field(() => ID, { description: "ID of the scope item (`sci_…`). The item can have been removed since." })
  scopeItemId!: string;
}

@ObjectType({ description: "A difference between two versions of a scope." })
@Allow(inherit)
export class ScopeDifference {
  @Field(() => String, { description: "Name of the changed part, for example `endsOn`, `budget.amount`, or `items.sci_….title`." })
  path!: string;

  @Field(() => JsonScalar, { nullable: true, description: "Value before. Null if it was added." })
  before!: unknown;

  @Field(() => JsonScalar, { nullable: true, description: "Value after. Null if it was removed." })
  after!: unknown;
}

@ObjectType({ description: "A version of the scope of a project: what was approved. It never changes." })
@Allow(inherit)
export class ScopeVersion {
  @Field(() => ID, { description: "ID (`scv_…`)." })
  id!: string;

  @Field(() => Int, { description: "Number within the project, starting at 1." })
  number!: number;

  @Field(() => [ScopeVersionItem], { description: "Items, the oldest first." })
  items!: ScopeVersionItem[];

  @Field(() => String, { nullable: true, description: "First day of the project (`YYYY-MM-DD`)." })
  startsOn!: string | null;

  @Field(() => String, { nullable: true, description: "Last day of the project (`YYYY-MM-DD`)." })
  endsOn!: string | null;

  @Field(() => Money, { nullable: true, description: "Budget of the project." })
  budget!: Money | null;

  @Field(() => String, { description: "SHA-256 of `hashedText`, in hexadecimal, stored with the approval." })
  hash!: string;

  @Field(() => String, {
    description: "The content as canonical JSON. The hash is the SHA-256 of this text in UTF-8, so you can verify it yourself.",
  })
  hashedText!: string;

  @Field(() => Boolean, { description: "Whether the content still has its hash." })
  isHashValid!: boolean;

  @Field(() => User, { nullable: true, description: "User who approved it. Null if a timer did." })
  approvedBy!: User | null;

  @Field(() => DateTimeScalar, { description: "Time of the approval." })
  approvedAt!: string;

  /** For resolvers. */
  projectId!: string;
  changeId!: string | null;
  content!: ScopeContent;
}

/** Converts a row to its API type. */
export function toScopeVersion(row: ScopeVersionRow): ScopeVersion {
  const { number, content, hash, hashedText, isHashValid, approvedAt, projectId, changeId } = row;
  const { items, startsOn, endsOn, budget } = content;
  return Object.assign(new ScopeVersion(), {
    id: encodeId("scopeVersion", row.id),
    number,
    items: Object.entries(items).map(([scopeItemId, item]) => Object.assign(new ScopeVersionItem(), { scopeItemId, ...item })),
    startsOn,
    endsOn,
    budget: budget && Object.assign(new Money(), budget),
    hash,
    hashedText,
    isHashValid,
    approvedBy: User.ofOrNull(row.approvedBy),
    approvedAt,
    projectId,
    changeId,
    content,
  });
}

export const ScopeVersionPayload = payloadOf(ScopeVersion, "scopeVersion");
export type ScopeVersionPayload = InstanceType<typeof ScopeVersionPayload>;

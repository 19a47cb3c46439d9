import { encodeId, type IdType } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, canInTenant } from "@weft/api/rules";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import * as identityColumns from "../../identity-columns.js";
import type { LegalHoldRow } from "./legal-hold.store.js";

export const legalHoldColumns = columns({
  id: column.id("ID (`lgh_…`).", { created: false, updated: false }),
  objectId: column.id(
    "What it covers: a user, a contact of a vendor, a request with everybody who worked on it, or the whole organization.",
    {
      created: "What it covers: ID of a user, of a contact of a vendor, of a request, or of your organization.",
      converted: true,
    },
  ),
  reason: column.text("Why it was placed.", {
    max: 1000,
    trimmed: true,
    created: "Why, for example the number of the case (1 to 1000 characters).",
  }),
  ...identityColumns.idempotencyKey("returns the same hold"),
  ...column.shownOnly({
    endedAt: column.time("When it was ended. Null while it is open.", { nullable: true }),
    endReason: column.text("Why it was ended.", { nullable: true }),
  }),
  ...standardColumns.version("endLegalHold"),
  ...standardColumns.times,
});

/** Days for which the preview of an erasure shows a hold that has ended. */
export const shownDays = 90;

@ShowColumns(legalHoldColumns)
@ObjectType({ description: "A legal hold. While it is open, nobody whom it covers is anonymized or erased." })
@Allow(canInTenant("privacy.read"))
export class LegalHold extends shapeOf(legalHoldColumns) {
  /** UUIDs, for field resolvers. */
  createdByUuid!: string;
  endedByUuid!: string | null;
}

export const CreateLegalHoldInput = createInputOf("CreateLegalHoldInput", legalHoldColumns);
export type CreateLegalHoldInput = InstanceType<typeof CreateLegalHoldInput>;

@InputType({ description: "Input of `endLegalHold`." })
export class EndLegalHoldInput {
  @Field(() => ID, { description: "The hold (`lgh_…`)." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { description: "Why it ends (1 to 1000 characters)." })
  reason!: string;
}

export const LegalHoldPayload = payloadOf(LegalHold, "legalHold");
export type LegalHoldPayload = InstanceType<typeof LegalHoldPayload>;

export const toLegalHold = (row: LegalHoldRow): LegalHold =>
  Object.assign(new LegalHold(), legalHoldColumns.shown({ ...row, objectId: encodeId(row.objectType as IdType, row.objectId) }), {
    id: encodeId("legalHold", row.id),
    createdByUuid: row.createdBy,
    endedByUuid: row.endedBy,
  });

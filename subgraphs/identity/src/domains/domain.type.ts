import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import * as identityColumns from "../identity-columns.js";
import type { DomainRow } from "./domain.store.js";

const recordColumns = columns({
  name: column.text("Name of the record."),
  value: column.text("Value of the record."),
});

@ShowColumns(recordColumns)
@ObjectType({ description: "A TXT record to publish in the DNS of a domain." })
@Allow(inherit)
export class DomainRecord extends shapeOf(recordColumns) {}

const domainColumns = columns({
  id: column.id("ID (`dom_…`).", { created: false, isKey: true }),
  name: column.text("Name, in lower case. Internationalized names are in ASCII.", {
    created: "Domain of your users' email addresses, for example `acme.example`.",
  }),
  ...identityColumns.idempotencyKey("returns the same domain"),
  ...column.shownOnly({
    record: column.of(() => DomainRecord, "Record that proves that the domain is yours. Keep it: it is checked every day."),
    isVerified: column.flag("Whether the record was found at the last check."),
    verifiedAt: column.time("Time of the verification. Null if it is not verified.", { nullable: true }),
    checkedAt: column.time("Time of the last check.", { nullable: true }),
    missingSince: column.time("When the record of the verified domain was found missing. After a week, the domain is no longer verified.", {
      nullable: true,
    }),
    version: column.int("Version number, incremented on every change."),
    createdAt: column.time("Creation time."),
  }),
});

@ShowColumns(domainColumns)
@ObjectType({
  description:
    "A domain of the tenant. Once it is verified, users with email addresses of the domain log in with the tenant's identity providers, and no other tenant can verify it.",
})
@Allow(canInTenant("identityProvider.read"))
export class Domain extends shapeOf(domainColumns) {}

export const AddDomainInput = createInputOf("AddDomainInput", domainColumns);
export type AddDomainInput = InstanceType<typeof AddDomainInput>;

export const { Connection: DomainConnection } = connectionOf(Domain);

/** Returns the record that proves a domain. */
export const recordOf = ({ name, challenge }: Pick<DomainRow, "name" | "challenge">): DomainRecord => ({
  name: `_weft-challenge.${name}`,
  value: `weft-domain-verification=${challenge}`,
});

export const toDomain = (row: DomainRow): Domain => ({
  ...domainColumns.shown(row),
  id: encodeId("domain", row.id),
  record: recordOf(row),
  isVerified: row.verifiedAt !== null,
});

export const DomainPayload = payloadOf(Domain, "domain");
export type DomainPayload = InstanceType<typeof DomainPayload>;

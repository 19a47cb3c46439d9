import { automationRules } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, canInTenant } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import * as commonColumns from "../common-columns.js";

const { secrets } = automationRules;
export type SecretRow = typeof secrets.$inferSelect;

export const secretColumns = columns({
  ...commonColumns.id("ID (`sec_…`).", "The secret."),
  ...commonColumns.readVersion,
  name: column.text("Name, unique in the tenant.", {
    shown: "Name, unique in the tenant. Steps refer to it.",
    created: "Name, unique in the tenant: letters, digits, hyphens and underscores, such as `deploy-token`. Cannot be changed.",
    updated: false,
  }),
  description: column.text("What it is for.", {
    max: 1_000,
    mayBeEmpty: true,
    hasLines: true,
    created: "What it is for (up to 1,000 characters).",
    updated: "New description (up to 1,000 characters).",
    optional: true,
  }),
  value: column.text("Value (8 to 32,768 characters).", {
    shown: false,
    created:
      "Value (8 to 32,768 characters). It is encrypted, and never returned. Shorter values could not be removed from outputs without damaging them.",
    updated: "New value (8 to 32,768 characters). Steps that begin from then on read it.",
  }),
  domains: column.texts("Hosts that steps can send it to, such as `api.example.com` or `*.example.com`.", {
    shown:
      "Hosts that steps can send it to, such as `api.example.com` or `*.example.com`. Null: all that the security profile of the run allows.",
    created:
      "Hosts that steps can send it to, such as `api.example.com` or `*.example.com`, at most 50. Null or omitted: all that the security profile of the run allows.",
    updated: "New hosts that steps can send it to. Null: all that the security profile of the run allows. Wider hosts require the value.",
    nullable: true,
  }),
  ...column.shownOnly({
    valueChangedAt: column.time("Time when its value was last changed."),
    lastUsedAt: column.time("Time when a step last read it, accurate to a minute. Null if none has.", { nullable: true }),
  }),
  ...standardColumns.idempotencyKey,
  ...commonColumns.version,
  ...standardColumns.times,
});

@ShowColumns(secretColumns)
@ObjectType({
  description: "A named value that the steps of automations read as `{{ secrets.name }}`. It is encrypted, and the API never returns it.",
})
@Allow(canInTenant("secret.read"))
export class Secret extends shapeOf(secretColumns) {}

export const CreateSecretInput = createInputOf("CreateSecretInput", secretColumns);
export type CreateSecretInput = InstanceType<typeof CreateSecretInput>;

export const UpdateSecretInput = updateInputOf("UpdateSecretInput", secretColumns);
export type UpdateSecretInput = InstanceType<typeof UpdateSecretInput>;

export const toSecret = (row: Omit<SecretRow, "value">): Secret =>
  Object.assign(new Secret(), secretColumns.shown(row), { id: encodeId("secret", row.id) });

export const SecretPayload = payloadOf(Secret, "secret");
export type SecretPayload = InstanceType<typeof SecretPayload>;

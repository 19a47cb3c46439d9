import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import type { PasskeyRow } from "./passkey.store.js";

const passkeyColumns = columns({
  ...standardColumns.id("ID (`psk_…`).", "ID of your passkey (`psk_…`)."),
  response: column.json(
    "Result of `navigator.credentials.create` as JSON (`credential.toJSON()`), for the options of `startPasskeyRegistration`.",
    { shown: false, updated: false },
  ),
  name: column.text("Name that you chose.", {
    created: "Name by which you recognize the passkey (1 to 200 characters).",
    updated: "New name (1 to 200 characters).",
    requiredInUpdate: true,
  }),
  ...column.shownOnly({
    createdAt: column.time("Creation time."),
    lastUsedAt: column.time("Time of the last use.", { nullable: true }),
    isSyncable: column.flag("Whether it can be synchronized between devices. Otherwise, it is lost with its device."),
    isBackedUp: column.flag("Whether it was synchronized when it was last used."),
  }),
});

@ShowColumns(passkeyColumns)
@ObjectType({ description: "A passkey of yours: a key on a device or in a password manager, with which you log in (WebAuthn)." })
@Allow(inherit)
export class Passkey extends shapeOf(passkeyColumns) {}

export const RegisterPasskeyInput = createInputOf("RegisterPasskeyInput", passkeyColumns);
export type RegisterPasskeyInput = InstanceType<typeof RegisterPasskeyInput>;

export const RenamePasskeyInput = updateInputOf("RenamePasskeyInput", passkeyColumns, "Input of `renamePasskey`.");
export type RenamePasskeyInput = InstanceType<typeof RenamePasskeyInput>;

export const toPasskey = (row: PasskeyRow): Passkey => ({ ...passkeyColumns.shown(row), id: encodeId("passkey", row.id) });

export const PasskeyPayload = payloadOf(Passkey, "passkey");
export type PasskeyPayload = InstanceType<typeof PasskeyPayload>;

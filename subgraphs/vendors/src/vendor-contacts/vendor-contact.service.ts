import { BadUserInput, Conflict, NotFound, type Problem } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { emailProblems, type VersionedIdInput } from "@weft/api/inputs";
import type { Writer } from "../vendors/start-onboarding.js";
import {
  type ContactRow,
  deleteContact,
  findContact,
  findContactsOf,
  findWrittenContact,
  insertContact,
  isContactOwner,
  lockContacts,
  type NewContact,
  updateContact,
} from "./vendor-contact.store.js";
import { type AddVendorContactInput, contactColumns, type UpdateVendorContactInput } from "./vendor-contact.type.js";

const maxContacts = 50;

/** @throws NotFound (the vendor), BadUserInput, Conflict (idempotency key) */
export async function addVendorContact(ctx: Context, input: AddVendorContactInput): Promise<ContactRow> {
  assertValid(input);
  const vendorId = decodeId("vendor", input.vendorId, "input.vendorId");
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "addVendorContact", input }, async () => {
      if (!(await isContactOwner(tx, ctx.viewer, vendorId))) throw new NotFound("Vendor", input.vendorId);
      await lockContacts(tx, vendorId);
      const contacts = await findContactsOf(tx, [vendorId]);
      if (contacts.length >= maxContacts) {
        const message = `A vendor can have at most ${maxContacts} contacts. Remove one first.`;
        throw new BadUserInput([{ path: "input.vendorId", message }]);
      }
      if (input.isPrimary) await demote(tx, ctx, contacts);
      return writeContact(tx, ctx, { role: null, email: null, phone: null, ...contactColumns.plain(input), vendorId });
    });
    const row = await findWrittenContact(tx, id);
    if (row === null) throw new Conflict("The contact of this idempotency key was removed. Use another key to add it again.");
    return row;
  });
}

/** Adds the first contact of a vendor that the transaction has just created. The caller has validated the texts. */
export const writeFirstContact = (
  tx: Tx,
  writer: Writer,
  values: Pick<NewContact, "vendorId" | "name" | "email" | "phone">,
): Promise<ContactRow> => writeContact(tx, writer, { ...values, role: null, isPrimary: true });

async function writeContact(tx: Tx, { viewer, meta }: Writer, values: Omit<NewContact, "tenantId" | "id">): Promise<ContactRow> {
  const row = await insertContact(tx, { tenantId: viewer.tenantId, id: newId(), ...values });
  const event = { type: "vendorContact.created", related: { vendor: row.vendorId }, payload: {} } as const;
  await recordChange(tx, meta, { event, before: null, after: row });
  return row;
}

/** @throws NotFound, BadUserInput, Conflict (version) */
export async function updateVendorContact(ctx: Context, input: UpdateVendorContactInput): Promise<ContactRow> {
  assertValid(input);
  const changes = contactColumns.changes(input);
  return ctx.inTenant(async (tx) => {
    const before = await openContact(ctx, tx, input);
    if (changes.isPrimary === true && !before.isPrimary) await demote(tx, ctx, await findContactsOf(tx, [before.vendorId]));
    return change(tx, ctx, before, changes);
  });
}

/** @throws NotFound, Conflict (version) */
export async function removeVendorContact(ctx: Context, input: VersionedIdInput): Promise<void> {
  return ctx.inTenant(async (tx) => {
    const before = await openContact(ctx, tx, input);
    await deleteContact(tx, before.id);
    const event = { type: "vendorContact.deleted", related: { vendor: before.vendorId }, payload: {} } as const;
    await recordChange(tx, ctx.meta, { event, before, after: null });
  });
}

/** Makes the current primary contact an ordinary one, before another one becomes primary. */
async function demote(tx: Tx, ctx: Context, contacts: readonly ContactRow[]): Promise<void> {
  const primary = contacts.find(({ isPrimary }) => isPrimary);
  if (primary !== undefined) await change(tx, ctx, primary, { isPrimary: false });
}

async function change(tx: Tx, ctx: Context, before: ContactRow, changes: Parameters<typeof updateContact>[2]): Promise<ContactRow> {
  const after = await updateContact(tx, before.id, changes);
  const payload = { changed: Object.keys(changes) };
  const event = { type: "vendorContact.updated", related: { vendor: before.vendorId }, payload } as const;
  await recordChange(tx, ctx.meta, { event, before, after });
  return after;
}

/** Locks the contacts of the vendor, and returns the contact to change. @throws NotFound, Conflict (version) */
async function openContact(
  ctx: Context,
  tx: Tx,
  { id, expectedVersion }: { readonly id: string; readonly expectedVersion?: number | null },
): Promise<ContactRow> {
  const contactId = decodeId("vendorContact", id, "input.id");
  const found = await findContact(tx, ctx.viewer, contactId);
  if (found !== null) await lockContacts(tx, found.vendorId);
  // Again: whoever had the lock could have changed it.
  const row = found && (await findContact(tx, ctx.viewer, contactId));
  if (row === null) throw new NotFound("VendorContact", id);
  if (typeof expectedVersion === "number" && expectedVersion !== row.version)
    throw new Conflict(`The contact has version ${row.version}, not ${expectedVersion}.`, { currentVersion: row.version });
  return row;
}

type Texts = Pick<UpdateVendorContactInput, "name" | "role" | "email" | "phone">;

function assertValid({ name, role, email, phone }: Texts): void {
  const problems: Problem[] = [
    ...contactColumns.textProblems({ name, role }),
    ...(typeof email === "string" ? emailProblems("input.email", email) : []),
    ...contactColumns.textProblems({ phone }),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
}

import { BadUserInput, NotFound, quote } from "@weft/shared/errors";
import { encodeId, parseAnyId } from "@weft/shared/ids";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import { findRemovedContact } from "./removed-contact.store.js";

/** Types of people, with the tables that have their rows. */
export const personTables = { user: "identity.users", vendorContact: "vendors.vendor_contacts" } as const;
export type PersonType = keyof typeof personTables;

/** A person: a user, or a contact of a vendor. */
export interface Person {
  readonly type: PersonType;
  /** UUID */
  readonly id: string;
}

/** @throws BadUserInput if the ID is that of another kind of object */
export function readPerson(text: string, path: string): Person {
  const parsed = parseAnyId(text);
  if (parsed?.type === "user" || parsed?.type === "vendorContact") return { type: parsed.type, id: parsed.uuid };
  throw new BadUserInput([
    { path, message: `${quote(text)} is not the ID of a person. Use that of a user (usr_…) or of a contact of a vendor (vct_…).` },
  ]);
}

/** @throws NotFound if the tenant has no such person, and had none */
export async function assertPerson(tx: Tx, person: Person): Promise<void> {
  const { type, id } = person;
  if (!(await hasPerson(tx, person))) throw new NotFound(type === "user" ? "User" : "VendorContact", encodeId(type, id));
}

/** Returns whether the tenant has the person. A contact of a vendor that was removed counts: the audit trail has its names and addresses. */
export async function hasPerson(tx: Tx, { type, id }: Person): Promise<boolean> {
  const rows = await tx.execute(
    named("findPerson", sql`select id from ${sql.raw(personTables[type])} where tenant_id = app.tenant() and id = ${id}::uuid`),
  );
  return rows.length > 0 || (type === "vendorContact" && (await findRemovedContact(tx, id)) !== null);
}

import { personalData } from "@weft/drizzle";
import type { Tx } from "../db/database.js";
import { objectTypes } from "@weft/shared/ids";
import { isSealed } from "../privacy/keyring.js";
import type { PersonalValue, PersonKeyring } from "../privacy/keyring.js";
import type { AuditedType, Image } from "./entry.js";

/** Replaces a secret (such as a password hash) in an image. It also hides whether the secret changed. */
const masked = "[secret]";

/** Field name of the client's address, to which its ciphertext is bound. */
export const addressField = "audit.entries.address";
/** Returns an address as it is encrypted in entries and in what `searched` looks for. */
export const addressValue = (address: string): Omit<PersonalValue, "personId"> => ({
  field: addressField,
  value: JSON.stringify(address),
  isSearchable: true,
});

/** Field name of the client's user agent. */
export const userAgentField = "audit.entries.user_agent";

/** Returns the personal values of an image in the order of its keys, which `withValues` expects. */
export function personalValuesOf(type: AuditedType, image: Image | null): PersonalValue[] {
  if (isPublic(type)) return [];
  return Object.entries(image ?? {}).flatMap(([key, value]) => {
    const column = classOf(type, key);
    if (typeof column !== "object" || value === null || value === undefined) return [];
    const personId = image?.[camelCase(column.personal)];
    // A row that states that it is about no person, such as a message to a team.
    if (personId === null) return [];
    if (typeof personId !== "string")
      throw new Error(`An image of a ${type} has ${key}, but not ${column.personal}, which identifies the person.`);
    // Lists and numbers are encoded as JSON, so that decryption can restore them.
    return [{ personId, field: fieldOf(type, key), value: JSON.stringify(value) }];
  });
}

/** Returns the image with its personal values replaced by the next values of `sealed`, and its secrets masked. */
export function withValues(
  type: AuditedType,
  image: Image | null,
  found: readonly PersonalValue[],
  sealed: Iterator<string>,
): Image | null {
  if (image === null || isPublic(type)) return image;
  const fields = new Set(found.map(({ field }) => field));
  return Object.fromEntries(
    Object.entries(image).map(([key, value]) => {
      if (classOf(type, key) === "secret") return [key, value === null ? null : masked];
      return [key, fields.has(fieldOf(type, key)) ? sealed.next().value : value];
    }),
  );
}

/**
 * Returns images as they were written, for reading: personal values in plain text, or `[erased]` if the person's key is destroyed. Runs at most one
 * statement.
 */
export async function openImages(
  tx: Tx,
  keyring: PersonKeyring,
  tenantId: string,
  images: readonly { readonly type: string; readonly image: Image | null }[],
): Promise<(Image | null)[]> {
  const isOpened = (type: string, key: string, value: unknown): value is string =>
    // Only for fields that Weft encrypts. Other text that a user wrote and that looks encrypted stays unchanged.
    isSealed(value) && typeof classOf(type, key) === "object";
  const sealed = images.flatMap(({ type, image }) =>
    Object.entries(image ?? {}).flatMap(([key, value]) => (isOpened(type, key, value) ? [{ field: fieldOf(type, key), value }] : [])),
  );
  const opened = (await keyring.open(tx, tenantId, sealed)).values();
  return images.map(({ type, image }) =>
    image === null
      ? null
      : Object.fromEntries(
          Object.entries(image).map(([key, value]) => [key, isOpened(type, key, value) ? parsed(opened.next().value ?? "") : value]),
        ),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The text is `[erased]` or `[unreadable]`.
    return text;
  }
}

/** Keys that are not columns (such as the list of permissions in a role's image) are public, because the registry contains every column. */
function classOf(type: string, key: string): "public" | "secret" | { readonly personal: string } {
  return personalData[tableOf(type)]?.[snakeCase(key)] ?? "public";
}

const publicTypes = new Map<string, boolean>();

/** Returns whether a type has neither secret nor personal values. Such images, which are the majority, are written unchanged. */
function isPublic(type: string): boolean {
  let found = publicTypes.get(type);
  if (found === undefined)
    publicTypes.set(type, (found = Object.values(personalData[tableOf(type)] ?? {}).every((column) => column === "public")));
  return found;
}

const fieldOf = (type: string, key: string): string => `${tableOf(type)}.${snakeCase(key)}`;
const tableOf = (type: string): string => (Object.hasOwn(objectTypes, type) ? objectTypes[type as AuditedType].table : type);
const camelCase = (column: string): string => column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Cache of column names by key. There are few keys, and each write looks them up several times. */
const columns = new Map<string, string>();

function snakeCase(key: string): string {
  let column = columns.get(key);
  if (column === undefined) columns.set(key, (column = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)));
  return column;
}

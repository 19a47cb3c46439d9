import { BadUserInput, quote } from "../errors/errors.js";
import { base32ToUuid, uuidToBase32 } from "./base32.js";
import { type IdType, objectTypes } from "./object-types.js";

/** ID prefix of each kind of object. Prefixes are public and never change. */
export const idPrefixes = Object.fromEntries(Object.entries(objectTypes).map(([type, { prefix }]) => [type, prefix])) as {
  readonly [T in IdType]: (typeof objectTypes)[T]["prefix"];
};

export type { IdType };

const typesByPrefix: ReadonlyMap<string, IdType> = new Map(Object.entries(idPrefixes).map(([type, prefix]) => [prefix, type as IdType]));

/** Longer texts are not valid IDs and are not parsed. */
const maxLength = 40;

/** Returns whether the value is a key of `idPrefixes`. */
export const isIdType = (type: unknown): type is IdType => typeof type === "string" && Object.hasOwn(idPrefixes, type);

/** Returns the TypeID that the API shows for a UUID: `req_01j…`. */
export const encodeId = (type: IdType, uuid: string): string => `${idPrefixes[type]}_${uuidToBase32(uuid)}`;

/** As `encodeId`, but returns null if the UUID is absent. */
export const encodeIdOrNull = (type: IdType, uuid: string | null | undefined): string | null => (uuid ? encodeId(type, uuid) : null);

/** Returns the type and UUID of an ID of any type, or null if the text is not a valid ID. */
export function parseAnyId(text: unknown): { type: IdType; uuid: string } | null {
  if (typeof text !== "string" || text.length > maxLength) return null;
  const [prefix = "", suffix = "", ...more] = text.split("_");
  const type = typesByPrefix.get(prefix);
  const uuid = more.length === 0 ? base32ToUuid(suffix) : null;
  return type && uuid ? { type, uuid } : null;
}

/** Returns the type's name with its article: `a request`, `an asset`, `a bulk operation`. */
export function withArticle(type: IdType): string {
  const words = type.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${/^[aeio]/.test(words) ? "an" : "a"} ${words}`;
}

/**
 * Returns the UUID of a TypeID.
 * @param path path of the ID in the arguments (`input.buildingId`), or `id` if it is the argument itself
 * @throws BadUserInput with the value and the expected type, if the ID is malformed or of another type
 */
export function decodeId(type: IdType, text: string, path = "id"): string {
  const parsed = parseAnyId(text);
  if (parsed?.type === type) return parsed.uuid;
  const wanted = `the ID of ${withArticle(type)} (${idPrefixes[type]}_ and 26 letters and digits)`;
  const got = parsed ? `${quote(text)} is the ID of ${withArticle(parsed.type)}` : `${quote(String(text))} is not a valid ID`;
  throw new BadUserInput([{ path, message: `${got}; expected ${wanted}.` }]);
}

/** As `decodeId`, but returns null for null and undefined for undefined. */
export function decodeIdOrNull<T extends string | null | undefined>(type: IdType, text: T, path?: string): T extends string ? string : T;
export function decodeIdOrNull(type: IdType, text: string | null | undefined, path?: string): string | null | undefined {
  return text === null || text === undefined ? text : decodeId(type, text, path);
}

import { BadUserInput, quote } from "../errors/errors.js";
import { base32ToUuid, uuidToBase32 } from "./base32.js";

/** The prefix of each kind of object's ids. Prefixes are public and never change. */
export const idPrefixes = {
  tenant: "ten",
  user: "usr",
  team: "tem",
  role: "rol",
  session: "ses",
  definition: "wfd",
  instance: "wfi",
  history: "wfh",
  task: "tsk",
  taskRemark: "rmk",
  absence: "abs",
  incident: "inc",
  routingRule: "rtr",
  bulkOperation: "blk",
  requestType: "rqt",
  request: "req",
  building: "bld",
  asset: "ast",
  vendor: "vnd",
  project: "prj",
  auditEntry: "aud",
  auditVerification: "avf",
  event: "evt",
  notification: "ntf",
} as const;

export type IdType = keyof typeof idPrefixes;

const typesByPrefix: ReadonlyMap<string, IdType> = new Map(Object.entries(idPrefixes).map(([type, prefix]) => [prefix, type as IdType]));

/** Longer texts are no ids, and are not looked at further. */
const maxLength = 40;

/** True for a name of `idPrefixes`. */
export const isIdType = (type: unknown): type is IdType => typeof type === "string" && Object.hasOwn(idPrefixes, type);

/** The TypeID that the API shows for a UUID: `req_01j…`. */
export const encodeId = (type: IdType, uuid: string): string => `${idPrefixes[type]}_${uuidToBase32(uuid)}`;

/** `encodeId` for what may be absent. */
export const encodeIdOrNull = (type: IdType, uuid: string | null | undefined): string | null => (uuid ? encodeId(type, uuid) : null);

/** The type and UUID of an id of any type, or null when the text is no id. */
export function parseAnyId(text: unknown): { type: IdType; uuid: string } | null {
  if (typeof text !== "string" || text.length > maxLength) return null;
  const [prefix = "", suffix = "", ...more] = text.split("_");
  const type = typesByPrefix.get(prefix);
  const uuid = more.length === 0 ? base32ToUuid(suffix) : null;
  return type && uuid ? { type, uuid } : null;
}

/** `a request`, `an asset`, `a bulk operation`. */
export function withArticle(type: IdType): string {
  const words = type.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${/^[aeio]/.test(words) ? "an" : "a"} ${words}`;
}

/**
 * The UUID of a TypeID.
 * @param path where the id stands in the arguments (`input.buildingId`); `id` when it is the argument itself
 * @throws BadUserInput naming the value and the type expected, for a malformed id and for one of another type
 */
export function decodeId(type: IdType, text: string, path = "id"): string {
  const parsed = parseAnyId(text);
  if (parsed?.type === type) return parsed.uuid;
  const wanted = `the id of ${withArticle(type)} (${idPrefixes[type]}_ and 26 letters and digits)`;
  const got = parsed ? `${quote(text)} is the id of ${withArticle(parsed.type)}` : `${quote(String(text))} is no id`;
  throw new BadUserInput([{ path, message: `${got}; expected ${wanted}.` }]);
}

/** `decodeId` for what may be absent: null stays null, undefined undefined. */
export function decodeIdOrNull<T extends string | null | undefined>(type: IdType, text: T, path?: string): T extends string ? string : T;
export function decodeIdOrNull(type: IdType, text: string | null | undefined, path?: string): string | null | undefined {
  return text === null || text === undefined ? text : decodeId(type, text, path);
}

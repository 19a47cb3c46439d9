import { personalData } from "@weft/drizzle";
import type { Tx } from "../db/database.js";
import { isSealed } from "../privacy/keyring.js";
import type { PersonalValue, PersonKeyring } from "../privacy/keyring.js";
import type { AuditedType, Image } from "./entry.js";

/** Which table's rows the images of a type are. */
const tables = {
  tenant: "identity.tenants",
  user: "identity.users",
  team: "identity.teams",
  role: "identity.roles",
  session: "identity.sessions",
  definition: "workflows.definitions",
  instance: "workflows.instances",
  task: "workflows.tasks",
  incident: "workflows.incidents",
  bulkOperation: "workflows.bulk_operations",
  routingRule: "workflows.routing_rules",
  absence: "workflows.absences",
  taskRemark: "workflows.task_remarks",
  requestType: "requests.request_types",
  request: "requests.requests",
  building: "requests.buildings",
  asset: "requests.assets",
  vendor: "vendors.vendors",
  project: "vendors.projects",
  notification: "audit.notifications",
  auditVerification: "audit.verifications",
} as const satisfies Readonly<Record<AuditedType, string>>;

/** Stands in an image in place of a secret (a password hash): that it changed is not told either. */
const masked = "[secret]";

/** The column of the client's address, as bound to its ciphertext. */
export const addressField = "audit.entries.address";

/** The personal values of an image, in the order of its keys: what `withValues` expects back. */
export function personalValuesOf(type: AuditedType, image: Image | null): PersonalValue[] {
  if (isPublic(type)) return [];
  return Object.entries(image ?? {}).flatMap(([key, value]) => {
    const column = classOf(type, key);
    if (typeof column !== "object" || value === null || value === undefined) return [];
    const personId = image?.[camelCase(column.personal)];
    if (typeof personId !== "string")
      throw new Error(`An image of a ${type} has ${key}, but not ${column.personal}, which says whose it is.`);
    // Lists and numbers as JSON, so that opening gives them back.
    return [{ personId, field: fieldOf(type, key), value: JSON.stringify(value) }];
  });
}

/** The image with its personal values replaced by the next ones of `sealed`, and its secrets masked. */
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

/** Images as they were written, for reading: personal values in plain, `[erased]` where the person's key is destroyed. One statement at most. */
export async function openImages(
  tx: Tx,
  keyring: PersonKeyring,
  tenantId: string,
  images: readonly { readonly type: string; readonly image: Image | null }[],
): Promise<(Image | null)[]> {
  const isOpened = (type: string, key: string, value: unknown): value is string =>
    // Only where we seal: a text that a user wrote elsewhere and that looks sealed stays as it is.
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
    // `[erased]` and `[unreadable]`
    return text;
  }
}

/** Keys that are no column (a list of permissions beside a role's row) are public: the registry has every column. */
function classOf(type: string, key: string): "public" | "secret" | { readonly personal: string } {
  return personalData[tableOf(type)]?.[snakeCase(key)] ?? "public";
}

const publicTypes = new Map<string, boolean>();

/** Whether nothing of a type is anybody's secret or personal: such images go as they are, which most writes have to do with. */
function isPublic(type: string): boolean {
  let found = publicTypes.get(type);
  if (found === undefined)
    publicTypes.set(type, (found = Object.values(personalData[tableOf(type)] ?? {}).every((column) => column === "public")));
  return found;
}

const fieldOf = (type: string, key: string): string => `${tableOf(type)}.${snakeCase(key)}`;
const tableOf = (type: string): string => (Object.hasOwn(tables, type) ? tables[type as AuditedType] : type);
const camelCase = (column: string): string => column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Names of columns by their keys: few, and asked for several times with each write. */
const columns = new Map<string, string>();

function snakeCase(key: string): string {
  let column = columns.get(key);
  if (column === undefined) columns.set(key, (column = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)));
  return column;
}

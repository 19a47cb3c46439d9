/** Checks the names of custom fields by which a client filters and orders. */
import { customFields } from "@weft/drizzle";
import { eq, sql } from "drizzle-orm";
import type { Context } from "../context/context.js";
import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { suggestionFor } from "@weft/shared/texts";
import { type CustomFieldKind, customFieldObjects } from "@weft/platform/custom-field-kinds";
import { named, type Tx } from "@weft/platform/db";
import { askedNames, type AskedName } from "../filters/asked-names.js";
import type { FilterValue } from "../filters/filter-input.js";
import { customFieldOrder, type OrderByValue } from "../pages/order.js";

const { customFieldSchemas } = customFields;
type IndexedCustomField = (typeof customFieldSchemas.$inferSelect)["indexed"][number];

export interface AskedFields {
  readonly kind: CustomFieldKind;
  readonly filter: FilterValue | null | undefined;
  readonly orderBy: OrderByValue | null | undefined;
  /** Whether the filter is stored, as that of a saved view is. It must then contain no value of an encrypted field. */
  readonly isStored?: boolean;
}

/** The field to order by. */
export interface OrderField {
  readonly name: string;
  readonly type: "TEXT" | "NUMBER";
}

/** The indexed fields of a kind, or of one of its types. */
interface TypeFields {
  readonly typeKey: string;
  readonly fields: readonly IndexedCustomField[];
  /** Names of encrypted fields of which objects can still have plain values. */
  readonly encrypting: readonly string[];
}

/** The indexed fields of a kind that the viewer sees. */
export interface UsableFields {
  readonly types: readonly TypeFields[];
  /** Number of the tenant's newest data key, from which blind indexes are derived. 0: it has none. */
  readonly newestKey: number;
}

/**
 * Returns the custom field that a list is ordered by, or null if it is ordered by a column. Takes one statement if the filter or the order asks for custom
 * fields, otherwise none.
 * @throws BadUserInput for each field that does not exist, is not indexed, or is hidden from the viewer, who works for a vendor; for what encrypted fields
 * do not support; and for an order by a field that not all objects in the list have
 */
export async function assertFields(ctx: Context, { kind, filter, orderBy, isStored = false }: AskedFields): Promise<OrderField | null> {
  const ordered = orderedName(orderBy);
  const filtered = askedCustomFields(filter);
  if (filtered.length === 0 && ordered === null) return null;
  const { types } = await usableFields(ctx, kind);
  assertKnown([...filtered, ...(ordered === null ? [] : [ordered])], types);
  assertSupported(filtered, ordered, { types, isStored });
  if (ordered === null) return null;
  return customFieldObjects[kind].typeColumn === null
    ? orderField(ordered, types)
    : orderField(ordered, typesInList(filter, types, ordered));
}

/**
 * Checks again that a filter that is being stored contains no value of an encrypted field. Until the transaction ends, no schema of the kind changes: a change
 * that encrypts a field removes the values from the filters that it finds, and must find this one, too. Takes statements only for custom fields.
 * @throws BadUserInput as `assertFields`
 */
export async function assertStorable(
  tx: Tx,
  { viewer }: Pick<Context, "viewer">,
  kind: CustomFieldKind,
  filter: FilterValue,
): Promise<void> {
  const filtered = askedCustomFields(filter);
  if (filtered.length === 0) return;
  await tx.execute(named("keepCustomFields", sql`select app.lock_custom_fields(${viewer.tenantId}::uuid, ${kind}, false)`));
  // Those that vendors do not see, too: a field can have become one of them.
  const { types } = await selectIndexed(tx, kind, false);
  assertKnown(filtered, types);
  assertSupported(filtered, null, { types, isStored: true });
}

/** Returns the conditions on custom fields in a filter. */
export const askedCustomFields = (filter: FilterValue | null | undefined): readonly AskedName[] =>
  askedNames(filter, { list: "fields", key: "name" }, "filter");

/** Returns the indexed fields of a kind that the viewer sees. One statement for an operation. */
export async function usableFields(ctx: Context, kind: CustomFieldKind): Promise<UsableFields> {
  const isVendors = ctx.viewer.vendorId !== null;
  const loader = ctx.loader<CustomFieldKind, UsableFields>("usableCustomFields", async (tx, kinds) => {
    const found = new Map<CustomFieldKind, UsableFields>();
    for (const one of kinds) found.set(one, await selectIndexed(tx, one, isVendors));
    return found;
  });
  return (await loader.load(kind)) ?? { types: [], newestKey: 0 };
}

/** Operators that a blind index supports. Whether an object has a value is not encrypted. */
const blindOperators = ["eq", "in", "isNull"];

function assertSupported(
  filtered: readonly AskedName[],
  ordered: Asked | null,
  { types, isStored }: { readonly types: readonly TypeFields[]; readonly isStored: boolean },
): void {
  const encrypted = new Set(types.flatMap(({ fields }) => fields.filter(({ type }) => type === "ENCRYPTED").map(({ name }) => name)));
  const problems = filtered
    .filter(({ name }) => encrypted.has(name))
    .flatMap(({ name, path, condition }) =>
      Object.entries(condition).flatMap(([operator, operand]): Problem[] => {
        if (operator === "name" || operator === "isNull" || operand === undefined) return [];
        const place = path.replace(/name$/, operator);
        if (!blindOperators.includes(operator))
          return [{ path: place, message: `The custom field ${quote(name)} is encrypted. Use eq, in or isNull.` }];
        const message = `The custom field ${quote(name)} is encrypted, and this filter would be stored with its value. Use isNull, or omit the condition.`;
        return isStored ? [{ path: place, message }] : [];
      }),
    );
  if (ordered !== null && encrypted.has(ordered.name))
    problems.push({
      path: ordered.path,
      message: `The custom field ${quote(ordered.name)} is encrypted, so a list cannot be ordered by it.`,
    });
  if (problems.length > 0) throw new BadUserInput(problems);
}

/** A name, and the path at which it is asked for. */
type Asked = Pick<AskedName, "name" | "path">;

function assertKnown(asked: readonly Asked[], types: readonly TypeFields[]): void {
  const names = [...new Set(types.flatMap(({ fields }) => fields.map(({ name }) => name)))];
  const problems = asked
    .filter(({ name }) => !names.includes(name))
    .map(({ name, path }): Problem => {
      const message = `No custom field ${quote(name)} with index: true exists, so lists cannot use it.${suggestionFor(name, names)}`;
      return { path, message };
    });
  if (problems.length > 0) throw new BadUserInput(problems);
}

/** Objects of types without the field have no value by which the list could be ordered, so the filter must exclude them. */
function typesInList(filter: FilterValue | null | undefined, types: readonly TypeFields[], { name, path }: Asked): readonly TypeFields[] {
  const keys = typesOf(filter);
  if (keys === null) {
    const message = `Each type has its own custom fields. To order by ${quote(name)}, filter by type, for example type: { eq: "…" }.`;
    throw new BadUserInput([{ path, message }]);
  }
  return keys.map((key) => types.find(({ typeKey }) => typeKey === key) ?? { typeKey: key, fields: [], encrypting: [] });
}

/** Returns the types to which a filter restricts a list with `type: { eq }` or `type: { in }`, or null if it allows all. */
function typesOf(filter: FilterValue | null | undefined): readonly string[] | null {
  if (!filter) return null;
  const { type, and } = filter as {
    type?: { eq?: string | null; in?: readonly string[] | null } | null;
    and?: readonly FilterValue[] | null;
  };
  if (typeof type?.eq === "string") return [type.eq];
  if (type?.in) return type.in;
  return (and ?? []).map(typesOf).find((keys) => keys !== null) ?? null;
}

function orderField({ name, path }: Asked, types: readonly TypeFields[]): OrderField {
  const [first, ...others] = types.map(({ typeKey, fields }): OrderField["type"] => {
    const field = fields.find((indexed) => indexed.name === name);
    if (field) return field.type === "NUMBER" ? "NUMBER" : "TEXT";
    const message = `The type ${quote(typeKey)} has no custom field ${quote(name)} with index: true, so a list with it cannot be ordered by the field.`;
    throw new BadUserInput([{ path, message }]);
  });
  if (first !== undefined && others.every((type) => type === first)) return { name, type: first };
  const message = `The custom field ${quote(name)} has numbers in some of these types, and text in others. Filter by one type to order by it.`;
  throw new BadUserInput([{ path, message }]);
}

function orderedName(orderBy: OrderByValue | null | undefined): Asked | null {
  const path = "orderBy.name";
  const name = orderBy?.name ?? null;
  if (orderBy?.field === customFieldOrder) {
    if (name === null) throw new BadUserInput([{ path, message: `The order ${customFieldOrder} requires the name of a custom field.` }]);
    return { name, path };
  }
  if (name === null) return null;
  throw new BadUserInput([{ path, message: `Only the order ${customFieldOrder} has a name. Omit it, or order by ${customFieldOrder}.` }]);
}

async function selectIndexed(tx: Tx, kind: CustomFieldKind, isVendors: boolean): Promise<UsableFields> {
  const { typeKey, indexed, encrypting } = customFieldSchemas;
  const newestKey = sql<number>`(select coalesce(max(k.number), 0)::int from app.tenant_keys k where k.tenant_id = app.tenant())`;
  const query = tx.select({ typeKey, indexed, encrypting, newestKey }).from(customFieldSchemas).where(eq(customFieldSchemas.kind, kind));
  const rows = await named("selectIndexedCustomFields", query);
  const types = rows.map((row) => ({
    typeKey: row.typeKey,
    fields: row.indexed.filter(({ isForVendors }) => isForVendors || !isVendors),
    encrypting: row.encrypting,
  }));
  return { types, newestKey: rows[0]?.newestKey ?? 0 };
}

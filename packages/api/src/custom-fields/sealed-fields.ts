/** Encrypted values of custom fields. */
import type { Context } from "../context/context.js";
import { type CustomFieldKind, fieldPlace, fieldPosition } from "@weft/platform/custom-field-kinds";
import type { Tx } from "@weft/platform/db";
import { unreadable } from "@weft/platform/privacy";
import { isSealedValue, type SealedValueObject } from "@weft/platform/secrets";

type Fields = Readonly<Record<string, unknown>>;

/** An object with custom fields. */
export interface FieldObject {
  readonly kind: CustomFieldKind;
  /** UUID */
  readonly id: string;
}

/**
 * Returns the values of an object with encrypted ones in plain text, or `[unreadable]` for a ciphertext that was changed, or copied from another place. At
 * most one statement for all objects of an operation.
 */
export async function openFields<T extends Fields>(ctx: Context, { kind, id }: FieldObject, fields: T): Promise<T> {
  if (!Object.values(fields).some(isSealedValue)) return fields;
  const loader = ctx.loader<string, string>("sealedCustomFields", async (tx, keys) => {
    const sealed = keys.map((key) => JSON.parse(key) as { field: string; value: string });
    const opened = await ctx.services.secrets.openReadable(tx, ctx.viewer.tenantId, sealed);
    return new Map(keys.map((key, at) => [key, opened[at] ?? unreadable]));
  });
  const opened = await Promise.all(
    Object.entries(fields).map(async ([name, value]) => {
      if (!isSealedValue(value)) return [name, value] as const;
      return [name, await loader.load(JSON.stringify({ field: fieldPosition(kind, name, id), value: value.$sealed }))] as const;
    }),
  );
  return Object.fromEntries(opened) as T;
}

/** Returns the plaintexts of the encrypted values of objects, by object and name, in a transaction. Null: it cannot be decrypted. */
export async function openFieldsIn(
  tx: Tx,
  { services, viewer }: Pick<Context, "services" | "viewer">,
  objects: readonly (FieldObject & { readonly fields: Fields })[],
): Promise<ReadonlyMap<string, string | null>[]> {
  const sealed = objects.map(({ kind, id, fields }) =>
    Object.entries(fields).flatMap(([name, value]) =>
      isSealedValue(value) ? [{ name, field: fieldPosition(kind, name, id), value: value.$sealed }] : [],
    ),
  );
  const opened = (await services.secrets.openReadable(tx, viewer.tenantId, sealed.flat())).values();
  return sealed.map((values) => new Map(values.map(({ name }) => [name, opened.next().value ?? null])));
}

/** A value to encrypt. */
export interface PlainField {
  readonly name: string;
  readonly value: string;
  /** Whether searches find it. */
  readonly isSearchable: boolean;
  /** The stored form of the same value, if it stays. */
  readonly kept: SealedValueObject | null;
}

/**
 * Returns the stored forms of values of an object's custom fields, by name. A value that stays keeps its ciphertext, unless it was made with an earlier key:
 * otherwise a change could put back what a re-encryption at the same time has replaced.
 */
export async function sealFields(
  tx: Tx,
  { services, viewer }: Pick<Context, "services" | "viewer">,
  { kind, id }: FieldObject,
  values: readonly PlainField[],
): Promise<ReadonlyMap<string, SealedValueObject>> {
  const sealed = await services.secrets.sealSearchable(
    tx,
    viewer.tenantId,
    values.map(({ name, value, isSearchable }) => ({
      field: fieldPosition(kind, name, id),
      value,
      indexedAs: isSearchable ? fieldPlace(kind, name) : null,
    })),
  );
  return new Map(
    values.map(({ name, kept }, at) => {
      const { sealed: $sealed = "", index = null } = sealed[at] ?? {};
      if (kept !== null && keyOf(kept.$sealed) === keyOf($sealed)) return [name, kept];
      return [name, { $sealed, ...(index !== null && { $index: index }) }];
    }),
  );
}

/** The part of a ciphertext that names its key. */
const keyOf = (sealed: string): string => sealed.slice(0, sealed.lastIndexOf(":"));

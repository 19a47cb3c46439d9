import "reflect-metadata";
import { setImmediate } from "node:timers/promises";
import { audit } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { asksFor, type FilterField, type FilterValue } from "@weft/api/filters";
import { addressValue } from "@weft/platform/audit";
import { BadUserInput } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { sql } from "drizzle-orm";
import { Field, InputType } from "type-graphql";
import { findActors } from "./actor.store.js";

const { auditEntries } = audit;

/** Addresses of a filter. */
const maxAddresses = 20;
/** Ciphertexts that a filter can look for: one for each address and actor. */
const maxCiphertexts = 10_000;
/** Actors whose ciphertexts are made without letting other requests run, which takes some milliseconds. */
const BATCH = 500;

@InputType({ description: "Conditions on the address of a client." })
export class AddressFilter {
  @Field(() => String, { nullable: true, description: "The address is this one, exactly as `address` of an entry shows it." })
  eq?: string | null;

  @Field(() => [String], { nullable: true, description: "The address is one of these (at most 20)." })
  in?: string[] | null;
}

/** The ciphertexts of the addresses of a condition. A class, which no client can send. */
class SealedAddresses {
  constructor(
    readonly texts: readonly string[],
    readonly addresses: number,
  ) {}
}

/** Condition on the address from which the actor acted. It is encrypted with the actor's key, so it compares what `withSealedAddresses` has put in its place. */
export const addressField: FilterField = {
  input: AddressFilter,
  description:
    "Address of the client. Entries of erased persons, and those that are older than this filter, are not found. Requires `entityId`, `actorId`, or the start of a period (`at`), too.",
  weigh: (operand) => (operand instanceof SealedAddresses ? operand.addresses : 1),
  condition: (_operator, operand) => {
    if (!(operand instanceof SealedAddresses)) throw new Error("The addresses of the filter were not encrypted.");
    return sql`(${auditEntries.address} = any(${sql.param([...operand.texts])}::text[]))`;
  },
};

/**
 * Returns a filter with the ciphertexts of the addresses that it looks for. Call it before the filter becomes SQL. Runs statements only if there are any.
 * @param actors whose entries are looked at, if they are known
 * @throws BadUserInput if there are too many
 */
export async function withSealedAddresses<Filter extends FilterValue | null | undefined>(
  ctx: Context,
  filter: Filter,
  { actors: known }: { readonly actors?: readonly string[] } = {},
): Promise<Filter> {
  if (!asksFor("address", filter)) return filter;
  const addresses = new Set(addressesIn(filter));
  const refused = (message: string): BadUserInput => new BadUserInput([{ path: "filter.address", message }]);
  if (addresses.size > maxAddresses) throw refused(`${addresses.size} addresses were passed; the maximum is ${maxAddresses}.`);
  const most = Math.floor(maxCiphertexts / Math.max(addresses.size, 1));
  const actors = known ?? givenActors(filter) ?? (await ctx.read((tx) => findActors(tx, most + 1)));
  if (actors.length > most)
    throw refused(
      `${addresses.size} addresses of more than ${most} actors are too many to look for. Add \`actorId\`, or pass fewer addresses.`,
    );
  return replaced(filter, await ciphertextsOf(ctx, addresses, actors)) as Filter;
}

/** Returns the ciphertexts that entries of the actors have for each address. */
async function ciphertextsOf(ctx: Context, addresses: ReadonlySet<string>, actors: readonly string[]): Promise<Map<string, string[]>> {
  const texts = new Map([...addresses].map((address) => [address, [] as string[]]));
  const { keyring } = ctx.services;
  await ctx.read(async (tx) => {
    for (let start = 0; start < actors.length; start += BATCH)
      for (const [address, found] of texts) {
        const batch = actors.slice(start, start + BATCH);
        found.push(...(await keyring.searched(tx, ctx.viewer.tenantId, addressValue(address), batch)));
        await setImmediate();
      }
  });
  return texts;
}

/** Returns the actors that the filter names, or undefined if it can find entries of others, too. */
function givenActors(filter: FilterValue | null | undefined): string[] | undefined {
  const actorId = filter?.["actorId"] as Readonly<Record<string, unknown>> | null | undefined;
  const { eq, in: any } = actorId ?? {};
  const given = typeof eq === "string" ? [eq] : Array.isArray(any) ? (any as string[]) : undefined;
  return given?.map((id) => decodeId("user", id, "filter.actorId"));
}

const listOf = (operand: unknown): readonly string[] => (Array.isArray(operand) ? operand : [operand]) as readonly string[];

const isObject = (value: unknown): value is FilterValue => typeof value === "object" && value !== null && !Array.isArray(value);

function addressesIn(filter: unknown): string[] {
  if (Array.isArray(filter)) return filter.flatMap(addressesIn);
  if (!isObject(filter)) return [];
  const { and: all, or: any, not, address } = filter;
  const own = isObject(address) ? Object.values(address).flatMap((operand) => (operand === null ? [] : listOf(operand))) : [];
  return [...own.filter((each) => each !== undefined), ...[all, any, not].flatMap(addressesIn)];
}

function replaced(filter: unknown, texts: ReadonlyMap<string, readonly string[]>): unknown {
  if (Array.isArray(filter)) return filter.map((side) => replaced(side, texts));
  if (!isObject(filter)) return filter;
  const sealed = (operand: unknown): unknown => {
    if (operand === null || operand === undefined) return operand;
    const addresses = listOf(operand);
    return new SealedAddresses(
      addresses.flatMap((address) => texts.get(address) ?? []),
      addresses.length,
    );
  };
  return Object.fromEntries(
    Object.entries(filter).map(([name, value]) => {
      if (name === "and" || name === "or" || name === "not") return [name, replaced(value, texts)];
      if (name !== "address" || !isObject(value)) return [name, value];
      return [name, Object.fromEntries(Object.entries(value).map(([operator, operand]) => [operator, sealed(operand)]))];
    }),
  );
}

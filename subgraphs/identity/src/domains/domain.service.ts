import { randomBytes } from "node:crypto";
import { identity } from "@weft/drizzle";
import { BadUserInput, Conflict, LimitExceeded, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { noOrigin, SYSTEM_ID } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { IdInput } from "@weft/api/inputs";
import { type Page, tablePage } from "@weft/api/pages";
import { assertMayConfigureLogins } from "../identity-providers/identity-provider.service.js";
import { metaOf, writeAs } from "../sessions/session-write.js";
import { findTexts } from "./dns.js";
import { domainOf } from "./domain-name.js";
import { recordDomainChange } from "./domain-change.js";
import type { DomainsArgs } from "./domain.input.js";
import { DomainFilter, DomainOrder } from "./domain.list.js";
import {
  deleteDomain,
  type DomainRow,
  findDomain,
  findHolder,
  insertDomain,
  isDomainVerified,
  lockDomain,
  lockDomainCount,
  recordDomainCheck,
} from "./domain.store.js";
import { type AddDomainInput, type Domain, recordOf, toDomain } from "./domain.type.js";

const MAX_DOMAINS = 50;

/** Returns a page of the tenant's domains, by name by default. @throws BadUserInput */
export function listDomains(ctx: Context, args: DomainsArgs): Promise<Page<Domain>> {
  return tablePage(ctx, {
    list: "domains",
    args,
    table: identity.domains,
    where: DomainFilter.toSql(args.filter),
    orderBy: DomainOrder.resolve(args.orderBy, ["NAME", "ASC"]),
    toNode: toDomain,
  });
}

/** Adds a domain, which is not verified yet. @throws BadUserInput, LimitExceeded, Conflict (idempotency key) */
export async function addDomain(ctx: Context, input: AddDomainInput): Promise<Domain> {
  const name = domainOf(input.name);
  if (name === null)
    throw new BadUserInput([
      { path: "input.name", message: `${quote(input.name)} is not a valid domain. Use a name such as acme.example.` },
    ]);
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "addDomain", input }, async () => {
      await assertMayConfigureLogins(ctx, tx);
      const used = await lockDomainCount(tx);
      if (used >= MAX_DOMAINS) throw new LimitExceeded({ limit: "domains", used, allowed: MAX_DOMAINS });
      const challenge = randomBytes(24).toString("base64url");
      const row = await insertDomain(tx, { tenantId, id: newId(), name, challenge, createdBy: userId });
      await recordDomainChange(ctx, tx, { action: "domain.create", before: null, after: row });
      return row;
    });
    return toDomain(await getDomain(tx, id));
  });
}

/** Result of a check. `problem` is null if the domain is verified. */
export interface DomainCheck {
  readonly domain: Domain;
  readonly problem: string | null;
}

/**
 * Looks for the domain's record. If it is gone, the domain is no longer verified. No transaction is open while name servers are asked.
 * @throws NotFound, Conflict (another organization has verified the domain)
 */
export async function verifyDomain(ctx: Context, input: IdInput): Promise<DomainCheck> {
  const id = decodeId("domain", input.id, "input.id");
  const { expected, name } = await ctx.inTenant(async (tx) => {
    await assertMayConfigureLogins(ctx, tx);
    const domain = await getDomain(tx, id);
    return { expected: recordOf(domain), name: domain.name };
  });
  const texts = await findTexts(ctx.services.config, expected.name);
  const isVerified = texts?.includes(expected.value) === true;
  if (texts !== null && isVerified) await releaseFromFormerHolder(ctx, name, texts);
  return ctx.inTenant(async (tx) => {
    // A verified domain decides which users a provider can become.
    await assertMayConfigureLogins(ctx, tx);
    const before = await lockDomain(tx, id);
    if (before === null) throw new NotFound("Domain", input.id);
    // Name servers that do not answer say nothing.
    if (texts === null)
      return { domain: toDomain(before), problem: `The name servers of ${quote(before.name)} do not answer. Try again later.` };
    // Nothing is said about who has verified it.
    const taken = () => new Conflict(`The domain ${quote(before.name)} cannot be verified, because another organization has verified it.`);
    const after = await recordDomainCheck(tx, { id, isVerified }, taken);
    if ((before.verifiedAt === null) === isVerified) await recordDomainChange(ctx, tx, { action: "domain.verify", before, after });
    const problem = `There is no TXT record ${expected.name} with the value ${expected.value}. Publish it, and try again: changes of DNS can take an hour.`;
    return { domain: toDomain(after), problem: isVerified ? null : problem };
  });
}

/**
 * Takes a domain from another tenant that had verified it, but whose record is gone: the domain was sold, or belongs to somebody else now. Otherwise its
 * present owner could never verify it.
 * @param texts what name servers say about the domain now, which contains the record of the tenant that asks
 */
async function releaseFromFormerHolder(ctx: Context, name: string, texts: readonly string[]): Promise<void> {
  const { databases } = ctx.services;
  const holder = await databases.auth.begin((tx) => findHolder(tx, name), "read");
  if (holder === null || holder.tenantId === ctx.viewer.tenantId || texts.includes(recordOf(holder).value)) return;
  const { tenantId } = holder;
  await writeAs(ctx, tenantId, async (tx) => {
    const before = await lockDomain(tx, holder.id);
    if (before?.verifiedAt === null || before?.challenge !== holder.challenge) return;
    const after = await recordDomainCheck(tx, { id: holder.id, isVerified: false }, () => new Error("A domain was released."));
    // Nobody of that tenant does it, and nothing tells them about the other tenant.
    const meta = { ...metaOf(ctx, { tenantId, userId: SYSTEM_ID, sessionId: null }), ...noOrigin };
    await recordDomainChange({ meta }, tx, { action: "domain.verify", before, after });
  });
}

/** Removes a domain. Users stay linked to identity providers, but nobody is linked by an address of the domain any more. @throws NotFound */
export async function removeDomain(ctx: Context, input: IdInput): Promise<string> {
  const id = decodeId("domain", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    const before = await lockDomain(tx, id);
    if (before === null) throw new NotFound("Domain", input.id);
    await deleteDomain(tx, id);
    await recordDomainChange(ctx, tx, { action: "domain.delete", before, after: null });
  });
  return encodeId("domain", id);
}

/** Returns whether the transaction's tenant has verified the domain of an email address. Subdomains count separately. */
export async function isVerifiedDomain(tx: Tx, text: string): Promise<boolean> {
  const name = domainOf(text);
  return name !== null && (await isDomainVerified(tx, name));
}

async function getDomain(tx: Tx, id: string): Promise<DomainRow> {
  const row = await findDomain(tx, id);
  if (row === null) throw new NotFound("Domain", encodeId("domain", id));
  return row;
}

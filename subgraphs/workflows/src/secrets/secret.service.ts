import { coversDomain, isDomainPattern, isSecretName, MIN_SECRET_CHARS, secretField } from "@weft/engine";
import { BadUserInput, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { countSecrets, deleteSecretRow, findSecret, insertSecret, selectSecrets, updateSecretRow } from "./secret.store.js";
import { type CreateSecretInput, type UpdateSecretInput, type Secret, type SecretRow, secretColumns, toSecret } from "./secret.type.js";

const MAX_SECRETS = 200;
const MAX_DOMAINS = 50;
const MAX_VALUE = 32_768;

type Problem = { readonly path: string; readonly message: string };

export const readSecrets = (ctx: Context): Promise<Secret[]> => ctx.read(async (tx) => (await selectSecrets(tx)).map(toSecret));

/** @throws NotFound */
export async function readSecret(ctx: Context, id: string): Promise<Secret> {
  const uuid = decodeId("secret", id);
  return toSecret(await ctx.read((tx) => getSecret(tx, uuid)));
}

/** @throws BadUserInput, Conflict (idempotency key used with different input) */
export async function createSecret(ctx: Context, input: CreateSecretInput): Promise<Secret> {
  const { name, description, value, domains } = input;
  const problems = [...problemsOfValue(value), ...secretColumns.textProblems(input), ...problemsOfDomains(domains)];
  if (!isSecretName(name))
    problems.push({
      path: "input.name",
      message: `${quote(name)} is not a valid name. Use letters, digits, hyphens and underscores, for example deploy-token.`,
    });
  if (problems.length > 0) throw new BadUserInput(problems);
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createSecret", ...(await formsOf(ctx, tx, input)) }, async () => {
      const count = await countSecrets(tx);
      if (count >= MAX_SECRETS)
        throw new BadUserInput([{ path: "input.name", message: `The tenant has ${count} secrets, which is the maximum.` }]);
      const uuid = newId();
      const row = await insertSecret(tx, {
        tenantId,
        id: uuid,
        name,
        description: description?.trim() ?? "",
        value: await sealed(ctx, tx, uuid, value),
        domains: domains ?? null,
        createdBy: userId,
      });
      await recordChange(tx, ctx.meta, { event: { type: "secret.created", payload: { name } }, before: null, after: row });
      return row;
    });
    return toSecret(await getSecret(tx, id));
  });
}

/**
 * Changes a secret. Like credentials of integrations, a stored value is never sent to hosts that it was not given for: wider hosts require the value.
 * @throws NotFound, BadUserInput, Conflict
 */
export async function updateSecret(ctx: Context, input: UpdateSecretInput): Promise<Secret> {
  const id = decodeId("secret", input.id, "input.id");
  const { description, value, domains, expectedVersion } = input;
  const isNewValue = value !== undefined && value !== null;
  const problems = [...(isNewValue ? problemsOfValue(value) : []), ...secretColumns.textProblems(input), ...problemsOfDomains(domains)];
  if (problems.length > 0) throw new BadUserInput(problems);
  return ctx.inTenant(async (tx) => {
    const before = await getSecret(tx, id);
    if (!isNewValue && domains !== undefined && !isWithin(domains, before.domains))
      throw new BadUserInput([
        {
          path: "input.value",
          message: "The secret could be sent to more hosts. Pass its value again, because the stored one is not sent there.",
        },
      ]);
    const changes = {
      ...(description !== undefined && description !== null && { description: description.trim() }),
      ...(isNewValue && { value: await sealed(ctx, tx, id, value) }),
      ...(domains !== undefined && { domains }),
    };
    const after = await updateSecretRow(tx, id, expectedVersion ?? before.version, changes);
    if (after === null) throw changedMeanwhile("secret", before.version);
    const payload = { name: after.name, changed: Object.keys(changes) };
    await recordChange(tx, ctx.meta, { event: { type: "secret.updated", payload }, before, after });
    return toSecret(after);
  });
}

/** Deletes a secret. Steps that read it fail from then on. It is not refused while definitions use it: a secret that has leaked must be removed at once. */
export async function deleteSecret(ctx: Context, input: VersionedIdInput): Promise<string> {
  const id = decodeId("secret", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await getSecret(tx, id);
    const deleted = await deleteSecretRow(tx, id, input.expectedVersion ?? before.version);
    if (deleted === null) throw changedMeanwhile("secret", before.version);
    await recordChange(tx, ctx.meta, { event: { type: "secret.deleted", payload: { name: before.name } }, before, after: null });
    return encodeId("secret", id);
  });
}

async function getSecret(tx: Tx, id: string): Promise<SecretRow> {
  const row = await findSecret(tx, id);
  if (row === null) throw new NotFound("Secret", encodeId("secret", id));
  return row;
}

/** The input with the blind index of the value: a plain hash of it would be stored with the idempotency key, and short values can be found by trying. */
async function formsOf(ctx: Context, tx: Tx, { name, description, value, domains, idempotencyKey }: CreateSecretInput): Promise<Forms> {
  const formOf = (index: string): Form => ({ name, description, domains, value: index });
  // Without a key, nothing is stored.
  if (idempotencyKey === undefined || idempotencyKey === null) return { input: formOf("") };
  const searched = { indexedAs: "workflows.secrets.value", value };
  const [[newest = "", ...earlier] = []] = await ctx.services.secrets.currentBlindIndexes(tx, ctx.viewer.tenantId, [searched]);
  return { input: { ...formOf(newest), idempotencyKey }, otherForms: earlier.map(formOf) };
}

type Form = Pick<CreateSecretInput, "name" | "value"> & {
  readonly description: string | null | undefined;
  readonly domains: readonly string[] | null | undefined;
  readonly idempotencyKey?: string | null;
};
type Forms = { readonly input: Form; readonly otherForms?: readonly Form[] };

async function sealed(ctx: Context, tx: Tx, id: string, value: string): Promise<string> {
  const [text = ""] = await ctx.services.secrets.seal(tx, ctx.viewer.tenantId, [{ field: secretField(id), value }]);
  return text;
}

/** Problems never quote the value. */
function problemsOfValue(value: string): Problem[] {
  const path = "input.value";
  if (value.length < MIN_SECRET_CHARS || value.length > MAX_VALUE)
    return [{ path, message: `The value has ${value.length} characters. Use ${MIN_SECRET_CHARS} to ${MAX_VALUE}.` }];
  if (value.includes("\u0000") || !value.isWellFormed()) return [{ path, message: "The value contains characters that cannot be stored." }];
  if (value.trim() === "") return [{ path, message: "The value contains only white space." }];
  return [];
}

function problemsOfDomains(domains: readonly string[] | null | undefined): Problem[] {
  if (domains === undefined || domains === null) return [];
  if (domains.length > MAX_DOMAINS)
    return [{ path: "input.domains", message: `There are ${domains.length} hosts; the maximum is ${MAX_DOMAINS}.` }];
  return domains.flatMap((domain, index) =>
    isDomainPattern(domain)
      ? []
      : [
          {
            path: `input.domains[${index}]`,
            message: `${quote(domain)} is not a host. Use lower case without scheme and port, such as api.example.com or *.example.com.`,
          },
        ],
  );
}

const isWithin = (domains: readonly string[] | null, allowed: readonly string[] | null): boolean =>
  allowed === null || (domains !== null && domains.every((domain) => allowed.some((pattern) => coversDomain(pattern, domain))));

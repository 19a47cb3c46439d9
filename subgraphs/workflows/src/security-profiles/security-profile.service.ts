import { isBuiltInProfile, isProfileKey, readProfileRules, type ProfileRules } from "@weft/engine";
import { BadUserInput, Forbidden, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import {
  countSecurityProfiles,
  deleteSecurityProfileRow,
  findSecurityProfile,
  insertSecurityProfile,
  selectSecurityProfiles,
  updateSecurityProfileRow,
} from "./security-profile.store.js";
import {
  type CreateSecurityProfileInput,
  type SecurityProfileRulesInput,
  type UpdateSecurityProfileInput,
  builtInProfiles,
  type SecurityProfile,
  type SecurityProfileRow,
  securityProfileColumns,
  toSecurityProfile,
} from "./security-profile.type.js";

const MAX_PROFILES = 50;

type Problem = { readonly path: string; readonly message: string };

/** Built-in profiles, from the narrowest to the widest, and then those of the tenant by key. */
export const readSecurityProfiles = (ctx: Context): Promise<SecurityProfile[]> =>
  ctx.read(async (tx) => [...builtInProfiles(), ...(await selectSecurityProfiles(tx)).map(toSecurityProfile)]);

/** Keys cannot change the setting that names a profile, so they cannot change what it names either. */
function assertInPerson({ viewer }: Context): void {
  if (viewer.apiKey !== null) throw new Forbidden("API keys cannot change security profiles. Log in as a user.");
}

/** @throws Forbidden (API key), BadUserInput, Conflict (idempotency key used with different input) */
export async function createSecurityProfile(ctx: Context, input: CreateSecurityProfileInput): Promise<SecurityProfile> {
  assertInPerson(ctx);
  const { key, name, description } = input;
  const read = readRules(input.rules);
  const problems = [...securityProfileColumns.textProblems(input), ...read.problems];
  if (!isProfileKey(key) || key === "definition")
    problems.push({ path: "input.key", message: `${quote(key)} is not a valid key. Use lower-case words, for example web-only.` });
  else if (isBuiltInProfile(key)) problems.push({ path: "input.key", message: `${quote(key)} is a built-in security profile.` });
  if (problems.length > 0) throw new BadUserInput(problems);
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createSecurityProfile", input }, async () => {
      const count = await countSecurityProfiles(tx);
      if (count >= MAX_PROFILES)
        throw new BadUserInput([{ path: "input.key", message: `The tenant has ${count} security profiles, which is the maximum.` }]);
      const row = await insertSecurityProfile(tx, {
        tenantId,
        id: newId(),
        key,
        name: name.trim(),
        description: description?.trim() ?? "",
        rules: read.rules,
        createdBy: userId,
      });
      await recordChange(tx, ctx.meta, { event: { type: "securityProfile.created", payload: { key } }, before: null, after: row });
      return row;
    });
    return toSecurityProfile(await getSecurityProfile(tx, id));
  });
}

/** Changes a profile. Runs that have begun keep the rules with which they began. @throws Forbidden (API key), NotFound, BadUserInput, Conflict */
export async function updateSecurityProfile(ctx: Context, input: UpdateSecurityProfileInput): Promise<SecurityProfile> {
  assertInPerson(ctx);
  const id = decodeId("securityProfile", input.id, "input.id");
  const { name, description, rules, expectedVersion } = input;
  const read = rules === undefined || rules === null ? null : readRules(rules);
  const problems = [...securityProfileColumns.textProblems(input), ...(read?.problems ?? [])];
  if (problems.length > 0) throw new BadUserInput(problems);
  return ctx.inTenant(async (tx) => {
    const before = await getSecurityProfile(tx, id);
    const changes = {
      ...(name !== undefined && name !== null && { name: name.trim() }),
      ...(description !== undefined && description !== null && { description: description.trim() }),
      ...(read && { rules: read.rules }),
    };
    const after = await updateSecurityProfileRow(tx, id, expectedVersion ?? before.version, changes);
    if (after === null) throw changedMeanwhile("securityProfile", before.version);
    const payload = { key: after.key, changed: Object.keys(changes) };
    await recordChange(tx, ctx.meta, { event: { type: "securityProfile.updated", payload }, before, after });
    return toSecurityProfile(after);
  });
}

/** Deletes a profile. What refers to it can no longer begin: a profile that does not exist allows nothing. @throws Forbidden (API key), NotFound, Conflict */
export async function deleteSecurityProfile(ctx: Context, input: VersionedIdInput): Promise<string> {
  assertInPerson(ctx);
  const id = decodeId("securityProfile", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await getSecurityProfile(tx, id);
    const deleted = await deleteSecurityProfileRow(tx, id, input.expectedVersion ?? before.version);
    if (deleted === null) throw changedMeanwhile("securityProfile", before.version);
    const payload = { key: before.key };
    await recordChange(tx, ctx.meta, { event: { type: "securityProfile.deleted", payload }, before, after: null });
    return encodeId("securityProfile", id);
  });
}

async function getSecurityProfile(tx: Tx, id: string): Promise<SecurityProfileRow> {
  const row = await findSecurityProfile(tx, id);
  if (row === null) throw new NotFound("SecurityProfile", encodeId("securityProfile", id));
  return row;
}

/** Rules have the same form as in definitions, where names have underscores. */
function readRules(given: SecurityProfileRulesInput): { readonly rules: ProfileRules; readonly problems: Problem[] } {
  const { rules, problems } = readProfileRules(written(given) as Readonly<Record<string, unknown>>);
  return {
    rules,
    problems: problems.map(({ path, message }) => ({ path: `input.rules${path === "" ? "" : `.${camelCase(path)}`}`, message })),
  };
}

function written(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(
    members.map(([name, member]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), written(member)]),
  );
}

const camelCase = (path: string): string => path.replace(/_([a-z])/g, (_found, letter: string) => letter.toUpperCase());

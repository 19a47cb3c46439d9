import { announceConfiguration, BadUserInput, configurationSettings, once, quote, textProblems } from "@weft/shared";
import type { ConfigurationDocument, Context, Problem } from "@weft/shared";
import { didYouMean } from "graphql/jsutils/didYouMean.js";
import { suggestionList } from "graphql/jsutils/suggestionList.js";
import type { ConfigurationChangeInput, RollbackConfigurationInput, UpdateConfigurationInput } from "./configuration.input.js";
import { findPresent, findVersion } from "./configuration.store.js";
import type { Place, Present, VersionRow } from "./configuration.store.js";
import { isPath, merged, without } from "./document.js";
import { ownPlace } from "./reach.js";
import { maxProblems } from "./validate.js";
import { writeVersion } from "./write-version.js";

/** Maximum length of a version's message, in characters. */
const maxMessageLength = 2000;

/**
 * Writes the next version of the configuration of the viewer's tenant or of a team.
 * @throws NotFound (team), Forbidden, BadUserInput (every problem, with its path), Conflict
 */
export async function updateConfiguration(ctx: Context, input: UpdateConfigurationInput): Promise<Present> {
  assertOwnLevel(input.level);
  assertChange(input);
  const place = await ownPlace(ctx, "configuration.update", input, "input.");
  const { idempotencyKey, ...rest } = input;
  let isNew = false;
  const row = await ctx.inTenant(async (tx) => {
    const call = { mutation: "updateConfiguration", key: idempotencyKey, input: { ...rest } };
    const { result } = await once(tx, ctx.meta, call, async () => {
      const written = await writeVersion(tx, ctx.meta, { place, action: "configuration.update", ...changeOf(input) });
      ({ isNew } = written);
      return { version: String(written.row?.version ?? 0) };
    });
    return findVersion(tx, place, Number(result["version"]));
  });
  if (isNew) await announceConfiguration(ctx.services, ctx.viewer.tenantId);
  return { place, row };
}

/**
 * Writes the document of an earlier version as the next version.
 * @throws NotFound, Forbidden, BadUserInput, Conflict
 */
export async function rollbackConfiguration(ctx: Context, input: RollbackConfigurationInput): Promise<Present> {
  assertOwnLevel(input.level);
  const place = await ownPlace(ctx, "configuration.update", input, "input.");
  const problems = messageProblems(input.message);
  if (problems.length > 0) throw new BadUserInput(problems);
  const { row, isNew } = await ctx.inTenant(async (tx) =>
    writeVersion(tx, ctx.meta, {
      place,
      action: "configuration.rollback",
      documentOf: () => documentAt(tx, place, input.toVersion),
      message: input.message,
      expectedVersion: input.expectedVersion,
      root: "input.toVersion",
    }),
  );
  if (isNew) await announceConfiguration(ctx.services, ctx.viewer.tenantId);
  return { place, row };
}

/**
 * Returns the document of a version. Version 0 is the empty document before the first version.
 * @throws BadUserInput
 */
async function documentAt(tx: Parameters<typeof findVersion>[0], place: Place, version: number): Promise<ConfigurationDocument> {
  if (version === 0) return {};
  const row = version > 0 && version <= maxVersion ? await findVersion(tx, place, version) : null;
  if (row) return row.document;
  const present = (await findPresent(tx, place))?.version ?? 0;
  throw new BadUserInput([{ path: "input.toVersion", message: `Version ${version} does not exist; the latest version is ${present}.` }]);
}

const maxVersion = 2_147_483_647;

/** Returns how an input changes the current document. */
export function changeOf({ patch, unset, document, message, expectedVersion }: ConfigurationChangeInput) {
  return {
    documentOf: (present: VersionRow | null): ConfigurationDocument =>
      document
        ? (document as ConfigurationDocument)
        : merged(without(present?.document ?? {}, unset ?? []), (patch ?? {}) as ConfigurationDocument),
    message,
    expectedVersion,
    root: document ? "input.document" : "input.patch",
  };
}

/**
 * Validates what can be checked without the current configuration.
 * @throws BadUserInput
 */
export function assertChange({ patch, unset, document, message }: ConfigurationChangeInput): void {
  const unknown = (unset ?? []).map((path, at) => ({ path, at })).filter(({ path }) => !isPath(path, sections));
  const problems: Problem[] = [
    ...objectProblems("input.patch", patch),
    ...objectProblems("input.document", document),
    // Computing suggestions is expensive: thousands of paths would keep the process busy for seconds.
    ...unknown.slice(0, maxProblems).map(({ path, at }) => ({ path: `input.unset.${at}`, message: noSetting(path) })),
    ...messageProblems(message),
  ];
  const isPatched = isGiven(patch) || isGiven(unset);
  if (isGiven(document) === isPatched)
    problems.unshift({ path: "input.document", message: "Provide either the whole document, or patch and unset." });
  if (problems.length > 0) throw new BadUserInput(problems.slice(0, maxProblems));
}

const isGiven = (value: unknown): boolean => value !== null && value !== undefined;

const sections: ReadonlySet<string> = new Set(
  configurationSettings.flatMap(({ path }) => (path.includes(".") ? [path.slice(0, path.lastIndexOf("."))] : [])),
);

function noSetting(path: string): string {
  const known = [...sections, ...configurationSettings.map((setting) => setting.path)];
  return `The setting ${quote(path)} does not exist.${path.length > 100 ? "" : didYouMean(suggestionList(path, known))}`;
}

function objectProblems(path: string, value: unknown): Problem[] {
  if (value === null || value === undefined || (typeof value === "object" && !Array.isArray(value))) return [];
  return [{ path, message: "Expected an object with settings by name." }];
}

const messageProblems = (message: string): Problem[] => textProblems("input.message", message, { max: maxMessageLength, hasLines: true });

function assertOwnLevel(level: UpdateConfigurationInput["level"]): void {
  if (level === null || level === undefined || level === "TENANT" || level === "TEAM") return;
  throw new BadUserInput([
    { path: "input.level", message: `Only operators of the platform can change the configuration at the level ${level}.` },
  ]);
}

import { BadUserInput, type Problem } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import {
  announceConfiguration,
  changedDocument,
  changeProblems,
  type ConfigurationDocument,
  rootOfChange,
} from "@weft/platform/configuration";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { ConfigurationChangeInput, RollbackConfigurationInput, UpdateConfigurationInput } from "./configuration.input.js";
import { findPresent, findVersion } from "./configuration.store.js";
import type { Place, Present, VersionRow } from "./configuration.store.js";
import { assertMayChangeOwn } from "./protected-settings.js";
import { ownPlace } from "./reach.js";
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
      const written = await writeVersion(tx, ctx.meta, {
        place,
        action: "configuration.update",
        ...changeOf(input),
        assertAllowed: (inside, change) => assertMayChangeOwn(ctx, inside, change),
      });
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
      assertAllowed: (inside, change) => assertMayChangeOwn(ctx, inside, change),
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
export function changeOf({ message, expectedVersion, ...change }: ConfigurationChangeInput) {
  return {
    documentOf: (present: VersionRow | null): ConfigurationDocument => changedDocument(present?.document ?? {}, change),
    message,
    expectedVersion,
    root: rootOfChange(change),
  };
}

/**
 * Validates what can be checked without the current configuration.
 * @throws BadUserInput
 */
export function assertChange({ message, ...change }: ConfigurationChangeInput): void {
  const problems = [...changeProblems(change), ...messageProblems(message)];
  if (problems.length > 0) throw new BadUserInput(problems);
}

const messageProblems = (message: string): Problem[] => textProblems("input.message", message, { max: maxMessageLength, hasLines: true });

function assertOwnLevel(level: UpdateConfigurationInput["level"]): void {
  if (level === null || level === undefined || level === "TENANT" || level === "TEAM") return;
  throw new BadUserInput([
    { path: "input.level", message: `Only operators of the platform can change the configuration at the level ${level}.` },
  ]);
}

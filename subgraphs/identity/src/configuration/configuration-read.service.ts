import { BadUserInput, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { reachesAll } from "@weft/shared/viewer";
import {
  type ConfigurationLayer,
  differences,
  type DocumentDifference,
  documentOf,
  findLayers,
  resolveConfiguration,
  settingAt,
} from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { keysetPage, type Page } from "@weft/api/pages";
import { loadTeam } from "../teams/team.loader.js";
import { loadTenant } from "../tenants/tenant.loader.js";
import type { ConfigurationVersionsArgs } from "./configuration.input.js";
import { countVersions, findPresent, findVersion, selectVersions, versionColumn } from "./configuration.store.js";
import type { Place, VersionRow } from "./configuration.store.js";
import {
  ConfigurationEntry,
  ConfigurationSource,
  EffectiveConfiguration,
  toConfigurationVersion,
  toPresentVersion,
} from "./configuration.type.js";
import type { ConfigurationLevel, ConfigurationVersion } from "./configuration.type.js";
import { ownPlace, reachesTeam, reachesTenant } from "./reach.js";

export async function presentVersion(ctx: Context, place: Place): Promise<ConfigurationVersion> {
  return forReader(ctx, toPresentVersion({ place, row: await ctx.read((tx) => findPresent(tx, place)) }));
}

/** The operators' reasons are visible only to operators. */
function forReader({ viewer }: Context, version: ConfigurationVersion): ConfigurationVersion {
  return version.level === "CONTRACT" && !reachesAll(viewer, "platform.read") ? Object.assign(version, { message: null }) : version;
}

/**
 * Returns the contract of the viewer's tenant or, with platform.read, of any tenant. Other tenants are read as weft_auth, the only role with access
 * to all tenants.
 * @throws NotFound, Forbidden
 */
export async function presentContract(ctx: Context, tenantId: string | null | undefined): Promise<ConfigurationVersion> {
  const { viewer } = ctx;
  const subject = typeof tenantId === "string" ? decodeId("tenant", tenantId, "tenantId") : viewer.tenantId;
  if (subject === viewer.tenantId) return presentVersion(ctx, await ownPlace(ctx, "configuration.read", { level: "CONTRACT" }));
  if (!reachesAll(viewer, "platform.read") || !(await loadTenant(ctx, subject))) throw new NotFound("Tenant", encodeId("tenant", subject));
  const place: Place = { level: "CONTRACT", subject };
  return toPresentVersion({ place, row: await ctx.services.databases.auth.begin((tx) => findPresent(tx, place), "read") });
}

/**
 * Returns a page of the versions of a place, newest first.
 * @throws BadUserInput for an invalid size or cursor
 */
export function listVersions(ctx: Context, place: Place, args: ConfigurationVersionsArgs): Promise<Page<ConfigurationVersion>> {
  return keysetPage(ctx, {
    args,
    list: `configurationVersions ${place.level} ${place.subject}`,
    orderBy: null,
    id: { column: versionColumn(place), valueOf: (row: VersionRow) => String(row.version) },
    fetch: (slice) => ctx.read((tx) => selectVersions(tx, place, slice)),
    count: () => ctx.read((tx) => countVersions(tx, place)),
    toNode: (row) => forReader(ctx, toConfigurationVersion(row)),
  });
}

/**
 * Returns the settings that differ between two versions of a place.
 * @throws BadUserInput for a version that does not exist
 */
export function diffVersions(ctx: Context, place: Place, { from, to }: { from: number; to: number }): Promise<DocumentDifference[]> {
  return ctx.read(async (tx) =>
    differences((await versionAt(tx, place, from, "from")).document, (await versionAt(tx, place, to, "to")).document),
  );
}

async function versionAt(tx: Tx, place: Place, version: number, path: string): Promise<Pick<VersionRow, "document">> {
  if (version === 0) return { document: {} };
  const row = version > 0 ? await findVersion(tx, place, version) : null;
  if (!row) throw new BadUserInput([{ path, message: `Version ${version} does not exist.` }]);
  return row;
}

/**
 * Returns the effective configuration of the viewer's tenant or of a team that the viewer can see. Without `configuration.read`, only the public
 * settings.
 * @throws NotFound (the team)
 */
export async function effectiveConfiguration(ctx: Context, teamId: string | null | undefined): Promise<EffectiveConfiguration> {
  const { viewer } = ctx;
  const team = typeof teamId === "string" ? decodeId("team", teamId, "teamId") : null;
  if (team !== null && !(await loadTeam(ctx, team))) throw new NotFound("Team", String(teamId));
  const [layers = []] = await ctx.read((tx) => findLayers(tx, [{ tenantId: viewer.tenantId, teamId: team }]));
  const mayReadAll = team === null ? reachesTenant(viewer, "configuration.read") : reachesTeam(viewer, "configuration.read", team);
  const values = resolveConfiguration(layers).filter(({ path }) => mayReadAll || settingAt(path)?.isPublic);
  return Object.assign(new EffectiveConfiguration(), {
    // Present even without features, because clients read `value.features.betaSearch`.
    value: { features: {}, ...documentOf(values.map(({ path, value }) => [path, value])) },
    entries: values.map(({ path, value, source }) =>
      Object.assign(new ConfigurationEntry(), { path, value, source: source && mayReadAll ? toSource(source) : null }),
    ),
  });
}

/** The operators' reasons for a setting are visible only to operators. */
function toSource({ level, version, createdAt, message, authorId }: ConfigurationLayer): ConfigurationSource {
  const isOwn = level === "TENANT" || level === "TEAM";
  return Object.assign(new ConfigurationSource(), {
    level: level as ConfigurationLevel,
    version,
    changedAt: createdAt,
    message: isOwn ? message : null,
    authorUuid: authorId,
  });
}

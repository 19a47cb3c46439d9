/** The security profile of runs: what the tenant and the definition allow together. */
import { automationRules, workflows } from "@weft/drizzle";
import { ProfileViolated } from "@weft/shared/errors";
import { writeAudit } from "@weft/platform/audit";
import { type EffectiveConfig, effectiveConfigIn } from "@weft/platform/configuration";
import { named, type Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { eq, sql } from "drizzle-orm";
import { BUILT_IN_PROFILES, isBuiltInProfile } from "../../core/automation/profiles/built-in.js";
import { effectiveProfile, profileOfRules } from "../../core/automation/profiles/effective.js";
import { violationsOf } from "../../core/automation/profiles/violations.js";
import type { StepGraph } from "../../core/model/automation.js";
import type { Machine } from "../../core/model/machine.js";
import { quote } from "../../core/model/problems.js";
import type { ProfileRules, ProfileViolation, SecurityProfile } from "../../core/model/security-profile.js";
import type { InstanceHead } from "../model/instance-head.js";

/** The profile of a run that begins now, and what it refuses. */
export type EvaluatedProfile = { readonly profile: SecurityProfile; readonly violations: readonly ProfileViolation[] };

/**
 * Returns the profile of a graph, and what it refuses before anything begins. A profile that does not exist allows nothing. Two statements at most: the
 * configuration as the transaction sees it, and the profiles of the tenant if one is named.
 */
async function evaluateProfile(tx: Tx, meta: Pick<WriteMeta, "tenantId">, graph: StepGraph): Promise<EvaluatedProfile> {
  const [evaluated] = await evaluateProfiles(tx, meta, [graph]);
  if (!evaluated) throw new Error("A graph was not evaluated.");
  return evaluated;
}

/**
 * The same for a run that begins in this instance. If a step started the instance, or one of its ancestors, the run can do no more than the runs of
 * these steps. One more statement for instances with parents.
 */
export async function evaluateProfileOfRun(tx: Tx, meta: WriteMeta, graph: StepGraph, head: InstanceHead): Promise<EvaluatedProfile> {
  const evaluated = await evaluateProfile(tx, meta, graph);
  if (head.parentId === null) return evaluated;
  const starters = await findProfilesOfStarters(tx, head);
  if (starters.length === 0) return evaluated;
  const profile = effectiveProfile(evaluated.profile, ...starters);
  const isUnknown = evaluated.violations.some(({ rule }) => rule === "profile");
  return { profile, violations: isUnknown ? evaluated.violations : violationsOf(graph, profile) };
}

/** The profiles of the runs whose steps started the instance or its ancestors. The `parent_version` of such a child is that of the run. */
async function findProfilesOfStarters(tx: Tx, { id, ancestors }: InstanceHead): Promise<readonly SecurityProfile[]> {
  const rows = await tx.execute<{ profile: SecurityProfile }>(
    named(
      "findProfilesOfStarters",
      sql`select r.profile from workflows.instances i
        join workflows.runs r on r.tenant_id = i.tenant_id and r.instance_id = i.parent_id and r.instance_version = i.parent_version
       where i.tenant_id = app.tenant() and i.id = any(${sql.param([...ancestors, id])}::uuid[])
         and starts_with(i.parent_rule, 'steps.') and r.profile is not null`,
    ),
  );
  return rows.map(({ profile }) => profile);
}

/** What was read for profiles: the configuration, and the profiles of the tenant. */
export type KnownProfiles = { config?: EffectiveConfig; own?: ReadonlyMap<string, ProfileRules> };

const remembered = new WeakMap<Tx, KnownProfiles>();

/**
 * Lets a transaction that changes neither the configuration nor profiles read them once. All runs that begin in it begin with the same.
 * @param known what need not be read
 */
export const rememberProfiles = (tx: Tx, known: KnownProfiles = {}): void => void remembered.set(tx, known);

/** The same for several graphs, in their order, with as many statements as for one. */
export async function evaluateProfiles(
  tx: Tx,
  { tenantId }: Pick<WriteMeta, "tenantId">,
  graphs: readonly StepGraph[],
): Promise<readonly EvaluatedProfile[]> {
  const known = remembered.get(tx) ?? {};
  const { automation } = (known.config ??= await effectiveConfigIn(tx, tenantId));
  const keys = [automation.ownSecurityProfile, ...graphs.map(({ profile }) => profile?.key)];
  const isOwn = keys.some((key) => typeof key === "string" && !isBuiltInProfile(key));
  const own = isOwn ? (known.own ??= await findOwnProfiles(tx)) : new Map<string, ProfileRules>();
  return graphs.map((graph) => evaluate(graph, { automation, own }));
}

type Known = Pick<EffectiveConfig, "automation"> & { readonly own: ReadonlyMap<string, ProfileRules> };

function evaluate(graph: StepGraph, { automation, own }: Known): EvaluatedProfile {
  const profiles: SecurityProfile[] = graph.profile?.rules ? [profileOfRules("definition", graph.profile.rules)] : [];
  for (const key of [automation.ownSecurityProfile, graph.profile?.key ?? null]) {
    if (key === null) continue;
    const rules = own.get(key);
    const found = isBuiltInProfile(key) ? BUILT_IN_PROFILES[key].profile : rules && profileOfRules(key, rules);
    if (!found) {
      const message = `There is no security profile ${quote(key)}, so nothing can run. Create it, or refer to another one.`;
      return { profile: BUILT_IN_PROFILES.plan_only.profile, violations: [{ rule: "profile", step: null, profile: key, message }] };
    }
    profiles.push(found);
  }
  const profile = effectiveProfile(BUILT_IN_PROFILES[automation.securityProfile].profile, ...profiles);
  return { profile, violations: violationsOf(graph, profile) };
}

/** Rules by key. A tenant has at most 50. */
async function findOwnProfiles(tx: Tx): Promise<ReadonlyMap<string, ProfileRules>> {
  const { securityProfiles } = automationRules;
  const rows = await named(
    "findOwnProfiles",
    tx.select({ key: securityProfiles.key, rules: securityProfiles.rules }).from(securityProfiles),
  );
  return new Map(rows.map(({ key, rules }) => [key, rules as ProfileRules]));
}

/** Refuses to start an instance whose initial state runs steps that its profile does not allow. No statement if it runs none. @throws ProfileViolated */
export async function assertProfileAllows(
  tx: Tx,
  meta: WriteMeta,
  { definition, machine }: { readonly definition: { readonly id: string }; readonly machine: Machine },
): Promise<void> {
  const graph = machine.states.get(machine.initial)?.run?.graph;
  if (!graph) return;
  const [first, ...others] = (await evaluateProfile(tx, meta, graph)).violations;
  if (first) throw new ProfileViolated({ ...first, message: messageOf(first, others.length), definitionId: definition.id });
}

/** `refused`: IDs of the definitions whose steps the profile refuses as far as their text says it. `known`: what that was decided on. */
export type ProfilesOfStarts = { readonly refused: ReadonlySet<string>; readonly known: KnownProfiles };

/** Evaluates the profiles of definitions that are about to start. The transaction must not change them. */
export async function profilesOfStarts(
  tx: Tx,
  meta: Pick<WriteMeta, "tenantId">,
  starting: readonly { readonly id: string; readonly graph: StepGraph }[],
): Promise<ProfilesOfStarts> {
  const known: KnownProfiles = {};
  rememberProfiles(tx, known);
  const evaluated = await evaluateProfiles(
    tx,
    meta,
    starting.map(({ graph }) => graph),
  );
  return { refused: new Set(starting.filter((_one, index) => evaluated[index]?.violations.length !== 0).map(({ id }) => id)), known };
}

export const messageOf = ({ message }: ProfileViolation, others: number): string =>
  others === 0 ? message : `${message} There are ${others} more violations.`;

export type Refused = {
  readonly definitionId: string;
  /** Null: it was not started. */
  readonly instanceId: string | null;
  readonly violation: Pick<ProfileViolation, "rule" | "step" | "profile">;
};

/** Records that a profile has refused something: a security event, and an audit entry of the definition. Neither contains values of steps. */
export async function recordViolation(tx: Tx, meta: WriteMeta, { definitionId, instanceId, violation }: Refused): Promise<void> {
  const { rule, step, profile } = violation;
  const { definitions } = workflows;
  const [definition] = await named(
    "findVersionOfDefinition",
    tx.select({ version: definitions.version }).from(definitions).where(eq(definitions.id, definitionId)),
  );
  await appendEvents(tx, meta, [
    {
      type: "definition.profile_violated",
      subjectId: definitionId,
      subjectVersion: definition?.version ?? 1,
      ...(instanceId !== null && { related: { instance: instanceId } }),
      payload: { rule, step, profile },
    },
  ]);
  await writeAudit(tx, meta, [
    {
      action: "definition.violateProfile",
      entityType: "definition",
      entityId: definitionId,
      before: null,
      after: { rule, step, profile, instanceId },
    },
  ]);
}

/** Intersects security profiles. The result allows only what each of them allows. */
import type { ProfileRules, ProgramLimits, SecurityProfile } from "../../model/security-profile.js";
import { intersectDomains, minimalDomains } from "./domains.js";

/** Returns the profile of a run: what all of them allow. The order and repetitions do not matter. */
export function effectiveProfile(first: SecurityProfile, ...others: readonly SecurityProfile[]): SecurityProfile {
  return others.reduce(intersect, normal(first));
}

/** Returns rules as a profile that narrows nothing else. */
export function profileOfRules(key: string, { stepTypes, commands, domains, secrets, limits, concurrency }: ProfileRules): SecurityProfile {
  return normal({
    key,
    stepTypes: stepTypes ?? null,
    commands: commands ?? null,
    domains: domains ?? null,
    secrets: secrets ?? null,
    limits: { ...UNLIMITED, ...limits },
    concurrency: concurrency ?? Number.MAX_SAFE_INTEGER,
  });
}

const MAX = Number.MAX_SAFE_INTEGER;
const UNLIMITED: ProgramLimits = {
  memoryMb: MAX,
  processorSeconds: MAX,
  wallSeconds: MAX,
  outputKb: MAX,
  workspaceMb: MAX,
  files: MAX,
  processes: MAX,
  network: true,
};

const sorted = (names: readonly string[] | null): readonly string[] | null => names && [...new Set(names)].sort();

/** The one form of profiles that allow the same. */
const normal = (profile: SecurityProfile): SecurityProfile => ({
  ...profile,
  key: joined(profile.key),
  stepTypes: sorted(profile.stepTypes),
  commands: sorted(profile.commands),
  domains: profile.domains && minimalDomains(profile.domains),
  secrets: sorted(profile.secrets),
});

const joined = (...keys: readonly string[]): string => [...new Set(keys.flatMap((key) => key.split("+")))].sort().join("+");

function intersect(one: SecurityProfile, given: SecurityProfile): SecurityProfile {
  const other = normal(given);
  return {
    key: joined(one.key, other.key),
    stepTypes: both(one.stepTypes, other.stepTypes),
    commands: both(one.commands, other.commands),
    domains: one.domains && other.domains ? intersectDomains(one.domains, other.domains) : (one.domains ?? other.domains),
    secrets: both(one.secrets, other.secrets),
    limits: smaller(one.limits, other.limits),
    concurrency: Math.min(one.concurrency, other.concurrency),
  };
}

const both = (one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null =>
  one && other ? one.filter((name) => other.includes(name)) : (one ?? other);

const smaller = (one: ProgramLimits, other: ProgramLimits): ProgramLimits => ({
  memoryMb: Math.min(one.memoryMb, other.memoryMb),
  processorSeconds: Math.min(one.processorSeconds, other.processorSeconds),
  wallSeconds: Math.min(one.wallSeconds, other.wallSeconds),
  outputKb: Math.min(one.outputKb, other.outputKb),
  workspaceMb: Math.min(one.workspaceMb, other.workspaceMb),
  files: Math.min(one.files, other.files),
  processes: Math.min(one.processes, other.processes),
  network: one.network && other.network,
});

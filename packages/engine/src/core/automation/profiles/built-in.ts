/** The built-in security profiles. Each allows less than the one after it. */
import type { ProgramLimits, SecurityProfile } from "../../model/security-profile.js";
import { STEP_TYPES } from "../types/step-types.js";

export const BUILT_IN_PROFILE_KEYS = ["plan_only", "restricted", "standard", "elevated"] as const;
export type BuiltInProfileKey = (typeof BUILT_IN_PROFILE_KEYS)[number];

/** Stands for all step types that the host application has registered. */
export const HOST_STEP_TYPES = "custom";

const NO_PROGRAMS: ProgramLimits = {
  memoryMb: 0,
  processorSeconds: 0,
  wallSeconds: 0,
  outputKb: 0,
  workspaceMb: 0,
  files: 0,
  processes: 0,
  network: false,
};

/** Steps that reach nothing outside of Weft. */
const INSIDE = ["assert", "set", "graphql", "emit", "notify", "task", "wait", "workflow"];
const PROGRAMS = new Set(["script", "shell"]);

export type BuiltInProfile = { readonly name: string; readonly description: string; readonly profile: SecurityProfile };

const builtIn = (name: string, description: string, profile: SecurityProfile): BuiltInProfile => ({ name, description, profile });

export const BUILT_IN_PROFILES: Readonly<Record<BuiltInProfileKey, BuiltInProfile>> = {
  plan_only: builtIn("Plan only", "Nothing runs. Automations can only be simulated.", {
    key: "plan_only",
    stepTypes: [],
    commands: [],
    domains: [],
    secrets: [],
    limits: NO_PROGRAMS,
    concurrency: 1,
  }),
  restricted: builtIn("Restricted", "Steps work within Weft only: no requests, no agents, no external workers, no programs, no secrets.", {
    key: "restricted",
    stepTypes: INSIDE.toSorted(),
    commands: [],
    domains: [],
    secrets: [],
    limits: NO_PROGRAMS,
    concurrency: 5,
  }),
  standard: builtIn(
    "Standard",
    "Steps can also send requests, let agents and external workers work, and read secrets. Programs are refused.",
    {
      key: "standard",
      stepTypes: [...[...STEP_TYPES.keys()].filter((type) => !PROGRAMS.has(type)), HOST_STEP_TYPES].toSorted(),
      commands: [],
      domains: null,
      secrets: null,
      limits: NO_PROGRAMS,
      concurrency: 20,
    },
  ),
  elevated: builtIn(
    "Elevated",
    "All steps run. Programs run in the sandbox. Those that ask for a network reach the hosts that a further profile lists.",
    {
      key: "elevated",
      stepTypes: null,
      commands: null,
      domains: null,
      secrets: null,
      limits: {
        memoryMb: 1024,
        processorSeconds: 300,
        wallSeconds: 900,
        outputKb: 4096,
        workspaceMb: 1024,
        files: 10_000,
        processes: 64,
        network: true,
      },
      concurrency: 100,
    },
  ),
};

export const isBuiltInProfile = (key: string): key is BuiltInProfileKey => (BUILT_IN_PROFILE_KEYS as readonly string[]).includes(key);

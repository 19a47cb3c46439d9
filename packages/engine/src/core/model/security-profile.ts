/** What the steps of a run may do. Profiles only ever narrow each other: a definition can narrow that of its tenant, and a caller can change nothing. */
export type SecurityProfile = {
  /** `plan_only`, `restricted`, `standard`, `elevated`, or a key of the tenant. Several keys are joined by "+". */
  readonly key: string;
  /** Names of the step types that may run; null: all. `custom` stands for all types of the host application. */
  readonly stepTypes: readonly string[] | null;
  /** Programs that `script` may start and that `shell` finds, such as `git`; null: all of the sandbox's system. */
  readonly commands: readonly string[] | null;
  /** Hosts that steps may reach, such as `api.example.com` or `*.example.com`; null: all that the installation allows. */
  readonly domains: readonly string[] | null;
  /** Names of the secrets that steps may read; null: all of the tenant. */
  readonly secrets: readonly string[] | null;
  readonly limits: ProgramLimits;
  /** Maximum number of steps of a run that are done at the same time. */
  readonly concurrency: number;
};

/** Limits of one attempt of `script` or `shell`. */
export type ProgramLimits = {
  readonly memoryMb: number;
  readonly processorSeconds: number;
  readonly wallSeconds: number;
  /** Kilobytes of standard output and standard error together. What comes after them ends the program. */
  readonly outputKb: number;
  /** Megabytes that the workspace may hold. */
  readonly workspaceMb: number;
  /** Number of files in the workspace. */
  readonly files: number;
  readonly processes: number;
  /** Whether the program can have a network, if its step asks for one. It reaches the hosts of `domains` only, and needs such a list. */
  readonly network: boolean;
};

/** What a definition, or a profile of the tenant, narrows. Omitted members narrow nothing. */
export type ProfileRules = {
  readonly [member in "stepTypes" | "commands" | "domains" | "secrets"]?: readonly string[];
} & { readonly limits?: Partial<ProgramLimits>; readonly concurrency?: number };

/** The `profile` of a definition: the key of a profile, or rules. */
export type WrittenProfile = { readonly key: string; readonly rules?: never } | { readonly key?: never; readonly rules: ProfileRules };

/** A rule of a profile that a step breaks. */
export type ProfileViolation = {
  readonly rule: "profile" | "stepTypes" | "commands" | "domains" | "secrets" | "network";
  /** ID of the step. Null: the whole definition. */
  readonly step: string | null;
  /** Key of the profile. */
  readonly profile: string;
  /** A sentence for the author. */
  readonly message: string;
};

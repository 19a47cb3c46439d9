/** The results of commands as data. Their JSON schemas are published in `apps/cli/schema`; `weft schema NAME` prints them. */
import { z } from "zod";

const problem = z.object({
  path: z.string().describe("Field or place; empty for the whole."),
  message: z.string(),
  line: z.int().min(1).optional(),
  column: z.int().min(1).optional(),
});
const coded = problem.extend({ code: z.string().describe("Stable code, such as UNKNOWN_STATE.") });
const json = z.unknown().describe("Any JSON value.");
const time = z.string().describe("ISO 8601.");

const identity = z.object({
  url: z.string(),
  user: z.object({ id: z.string(), email: z.string().nullable(), name: z.string() }),
  tenant: z.object({ slug: z.string(), name: z.string() }),
  roles: z.array(z.string()).describe("Keys of the roles."),
});
const logout = z.object({ url: z.string(), wasLoggedIn: z.boolean() });
const validation = z.object({
  isValid: z.boolean(),
  isRemote: z.boolean().describe("Whether the server has checked as well."),
  files: z.array(
    z.object({
      file: z.string(),
      key: z.string().nullable().describe("Null if the file has problems."),
      problems: z.array(coded),
      warnings: z.array(coded).describe("Only with --remote."),
      notes: z.array(problem).describe("What parts of a file in the short form become."),
      scenarios: z.array(z.object({ name: z.string(), hasPassed: z.boolean() })),
    }),
  ),
});
const translation = z.object({
  file: z.string(),
  isTranslated: z.boolean().describe("False if the file is in Weft's own format. Then it stays as it is."),
  source: z.string().describe("Text of the definition."),
  notes: z.array(problem).describe("What parts of the file become, with their places in it."),
});
const stepError = z.object({ code: z.string(), message: z.string() }).nullable();
const simulatedStep = z.object({
  step: z.string(),
  type: z.string(),
  index: z.int().nullable(),
  status: z.string(),
  reason: z.string().nullable(),
  condition: z.object({ text: z.string(), holds: z.boolean() }).nullable(),
  attempts: z.array(
    z.object({
      attempt: z.int(),
      isCompensation: z.boolean(),
      at: time,
      input: json,
      end: z.string(),
      origin: z.string().describe("STUB, PLACEHOLDER (an example of the outputs) or COMPUTED."),
    }),
  ),
  outputs: json,
  error: stepError,
});
const simulation = z.object({
  file: z.string(),
  key: z.string(),
  state: z.string(),
  status: z.string(),
  path: z.array(z.string()),
  runs: z.array(
    z.object({
      state: z.string(),
      status: z.string(),
      unfinished: z.string().nullable(),
      outputs: json,
      steps: z.array(simulatedStep),
      effects: z.array(z.object({ kind: z.string(), step: z.string(), text: z.string() })),
    }),
  ),
});
const change = z.object({
  kind: z.enum(["ADDED", "REMOVED", "CHANGED"]),
  path: z.string(),
  before: json.optional(),
  after: json.optional(),
});
const deployment = z.object({
  environment: z.string(),
  isDryRun: z.boolean(),
  files: z.array(
    z.object({
      file: z.string(),
      key: z.string(),
      action: z
        .enum(["create", "update", "publish", "promote", "unchanged"])
        .describe("What is done: publish for an existing draft, promote for a version of an earlier environment."),
      changes: z.array(change).describe("Compared with the newest version."),
      version: z.int().nullable().describe("Number of the published version. Null for a dry run of a new version."),
      isDone: z.boolean(),
      error: z
        .object({ code: z.string(), message: z.string(), problems: z.array(problem) })
        .optional()
        .describe("Why the server has refused it. The other files are deployed nevertheless."),
    }),
  ),
});
const run = z.object({
  id: z.string().nullable().describe("Null for a workflow whose initial state has no steps."),
  instanceId: z.string(),
  definitionKey: z.string(),
  status: z.string().describe("Status of the run, or of the instance if there is no run."),
  waitingFor: z
    .array(z.object({ step: z.string(), title: z.string(), type: z.string().nullable() }))
    .describe("Steps that wait for a time, a person, an event or another run."),
  outputs: json,
  error: stepError,
});
const runs = z.object({
  runs: z.array(
    z.object({
      id: z.string(),
      definitionKey: z.string(),
      status: z.string(),
      createdAt: time,
      finishedAt: time.nullable(),
      durationMs: z.int().nullable(),
    }),
  ),
  totalCount: z.int(),
});
const logLine = z
  .object({ line: z.int(), step: z.string(), attempt: z.int(), stream: z.enum(["STDOUT", "STDERR", "SYSTEM"]), text: z.string(), at: time })
  .describe("`weft logs --json` writes one such object per line.");
const profile = z.object({
  key: z.string(),
  name: z.string(),
  description: z.string(),
  isBuiltIn: z.boolean(),
  rules: z.object({
    stepTypes: z.array(z.string()).nullable(),
    commands: z.array(z.string()).nullable(),
    domains: z.array(z.string()).nullable(),
    secrets: z.array(z.string()).nullable(),
    limits: z.record(z.string(), json),
    concurrency: z.int().nullable(),
  }),
});
const config = z.object({
  isValid: z.boolean(),
  files: z.array(z.object({ origin: z.string(), path: z.string(), exists: z.boolean() })),
  settings: z.array(
    z.object({
      name: z.string(),
      value: z.string().nullable().describe("Secrets are shown as ***."),
      origin: z.enum(["flag", "environment", "project", "user", "system", "file", "secretFile", "vault", "default"]),
      file: z.string().nullable(),
    }),
  ),
  problems: z.array(problem),
});
const template = z.object({ content: z.string() });
const checks = z.array(
  z.object({
    name: z.string(),
    status: z.enum(["ok", "warning", "failure", "skipped"]),
    message: z.string(),
    advice: z.string().nullable(),
  }),
);
const doctor = z.object({ isHealthy: z.boolean(), checks });
const check = z.object({ isSecure: z.boolean(), checks });
const error = z
  .object({
    error: z.object({ code: z.string(), message: z.string(), exitCode: z.int().min(1), problems: z.array(problem) }),
  })
  .describe("What every command writes instead of its result if it fails.");

const push = z.object({
  application: z.object({ id: z.string().describe("Requests send it in the header Weft-Application."), key: z.string() }),
  environment: z.string(),
  manifest: z.object({ id: z.string(), number: z.int() }),
  documents: z.int(),
});

const auditVerification = z.object({
  file: z.string(),
  isValid: z.boolean(),
  verifiedEntries: z.int().describe("Entries that were checked, up to the first problem."),
  isCheckpointCompared: z.boolean().describe("Whether the chain agrees with the given checkpoints."),
  agreesUpTo: z
    .int()
    .nullable()
    .describe("Last place of the chain that agrees with a checkpoint that was kept elsewhere. Also if there is a problem after it."),
  firstProblem: z
    .object({
      kind: z.string().describe("Stable code, such as ENTRY_CHANGED."),
      sequence: z.int().nullable().describe("Place in the chain."),
      row: z.int().nullable().describe("Number of the entry in the file, from 1."),
      message: z.string(),
    })
    .nullable(),
  export: z
    .object({
      id: z.string(),
      organization: z.string().describe("ID of the organization (`ten_…`)."),
      exportedAt: time,
      afterSequence: z.int().describe("Place in the chain before the first entry."),
      upToSequence: z.int().describe("Place in the chain of the last entry."),
      isWhole: z.boolean().describe("Whether every entry between the two places is in the file."),
      entries: z.int(),
    })
    .nullable()
    .describe("What was signed. Null if the proof is not valid."),
});

/** Schemas by the name of the command; `error` for all. */
export const outputs = {
  login: identity,
  logout,
  whoami: identity,
  validate: validation,
  translate: translation,
  simulate: simulation,
  deploy: deployment,
  run,
  runs,
  logs: logLine,
  cancel: run,
  "operations-push": push,
  "audit-verify": auditVerification,
  "profile-show": profile,
  "config-template": template,
  "config-validate": config,
  "config-show": config,
  doctor,
  check,
  error,
} as const;

export type OutputName = keyof typeof outputs;

export type IdentityOutput = z.infer<typeof identity>;
export type LogoutOutput = z.infer<typeof logout>;
export type ValidationOutput = z.infer<typeof validation>;
export type TranslationOutput = z.infer<typeof translation>;
export type SimulationOutput = z.infer<typeof simulation>;
export type ChangeOutput = z.infer<typeof change>;
export type DeploymentOutput = z.infer<typeof deployment>;
export type RunOutput = z.infer<typeof run>;
export type RunsOutput = z.infer<typeof runs>;
export type LogLineOutput = z.infer<typeof logLine>;
export type AuditVerificationOutput = z.infer<typeof auditVerification>;
export type PushOutput = z.infer<typeof push>;
export type ProfileOutput = z.infer<typeof profile>;
export type ConfigOutput = z.infer<typeof config>;
export type TemplateOutput = z.infer<typeof template>;
export type DoctorOutput = z.infer<typeof doctor>;
export type CheckOutput = z.infer<typeof check>;
export type DoctorCheck = DoctorOutput["checks"][number];

/** Returns the published JSON schema (draft 2020-12) of a command's output. */
export function outputSchema(name: OutputName): object {
  return { title: `Output of weft ${name.replace("-", " ")}`, ...z.toJSONSchema(outputs[name]) };
}

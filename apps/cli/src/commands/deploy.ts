import { CliError, exitCodes, problemOutput, usageError } from "../cli-error.js";
import { changeLines } from "../definitions/changes.js";
import { placed } from "../definitions/compile-file.js";
import { applyPlan, type DeployOptions as Applying, type Plan, type PlannedFile } from "../definitions/deployment.js";
import { planFiles } from "../definitions/plan-files.js";
import { paint, printable, type Io, type Result } from "../io.js";
import type { DeploymentOutput } from "../output/outputs.js";
import { openServer, type Server } from "../server.js";
import { targetOf, type SettingsSource } from "../settings/settings.js";

export interface DeployOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly acceptWarnings?: boolean;
  readonly message?: string;
}

/** Publishes definitions that differ from the newest version on the server, after showing how. Unchanged ones are left alone. */
export async function deploy(
  io: Io,
  settings: SettingsSource,
  paths: readonly string[],
  options: DeployOptions,
): Promise<Result<DeploymentOutput>> {
  const target = targetOf(settings);
  const plans = await planFiles(io, openServer(io, target), { paths, environment: target.environment });
  const pending = plans.filter(({ planned }) => planned.action !== "unchanged");
  const isDryRun = options.dryRun === true;
  const output = (files: readonly PlannedFile[]): DeploymentOutput => ({ environment: target.environment, isDryRun, files: [...files] });
  const planned = plans.map((plan) => plan.planned);
  if (isDryRun || pending.length === 0)
    return {
      data: output(planned.map((one) => ({ ...one, isDone: !isDryRun }))),
      text: [...planned.flatMap((one) => linesOf(io, one)), ...(isDryRun ? ["Dry run: nothing was changed."] : [])].join("\n"),
    };
  for (const line of planned.flatMap((one) => linesOf(io, one))) io.say(line);
  await confirm(io, options, `Deploy ${pending.length} of ${plans.length} to ${target.environment} at ${target.url}?`);
  const applying = { environment: target.environment, acceptWarnings: options.acceptWarnings === true, message: options.message };
  const done = await applyAll(io, openServer(io, target), { plans, applying });
  return {
    data: output(done),
    text: done.flatMap((one) => resultLines(io, one)).join("\n"),
    exitCode: done.every(({ isDone }) => isDone) ? exitCodes.ok : exitCodes.failed,
  };
}

async function confirm(io: Io, { yes }: DeployOptions, question: string): Promise<void> {
  if (yes === true) return;
  if (!io.isInteractive) throw usageError("Pass --yes to deploy without a question, or --dry-run to see the changes only.");
  const answer = await io.ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError("Nothing was deployed.", exitCodes.failed, "DECLINED");
}

/**
 * Goes on after a definition that the server refuses. Others may need it, and are refused as well. If the server cannot be reached, the rest is not
 * tried: what was done before stays, and the next deployment continues.
 */
async function applyAll(
  io: Io,
  server: Server,
  { plans, applying }: { readonly plans: readonly Plan[]; readonly applying: Applying },
): Promise<PlannedFile[]> {
  const done: PlannedFile[] = [];
  for (const plan of plans) {
    try {
      done.push(await applyPlan(server, plan, applying));
    } catch (error) {
      if (error instanceof CliError && error.exitCode === exitCodes.failed) {
        done.push({ ...plan.planned, error: refusalOf(plan.planned.file, error) });
        continue;
      }
      for (const line of done.flatMap((one) => resultLines(io, one))) io.say(line);
      throw error;
    }
  }
  return done;
}

function refusalOf(file: string, { code, message, problems }: CliError): NonNullable<PlannedFile["error"]> {
  const hint = code === "DEFINITION_INVALID" ? " If these are only warnings, --accept-warnings publishes nevertheless." : "";
  return {
    code,
    message: `${message}${hint}`,
    problems: problems.map((one) => problemOutput(placed(file, one))),
  };
}

const verbs = {
  create: "new version",
  update: "changes the draft",
  publish: "publishes the draft",
  promote: "promotes",
  unchanged: "unchanged",
};

const linesOf = (io: Io, one: PlannedFile): string[] => [
  `${printable(one.file)}: ${paint(io, "bold", one.key)}, ${verbs[one.action]}${one.version === null ? "" : ` (version ${one.version})`}`,
  ...changeLines(io, one.changes),
];

function resultLines(io: Io, { file, key, action, version, error }: PlannedFile): string[] {
  if (error)
    return [
      `${file}: ${paint(io, "red", "refused")} ${key}: ${printable(error.message)} [${error.code}]`,
      ...error.problems.map(({ path, message }) => `${printable(path)}: ${printable(message)}`),
    ];
  return [
    action === "unchanged"
      ? `${file}: ${key} is unchanged (version ${version})`
      : `${file}: ${paint(io, "green", "deployed")} ${key}, version ${version}`,
  ];
}

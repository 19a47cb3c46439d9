import { CliError, exitCodes } from "../cli-error.js";
import { table, type Io, type Result } from "../io.js";
import type { ProfileOutput } from "../output/outputs.js";
import { openServer } from "../server.js";
import { targetOf, type SettingsSource } from "../settings/settings.js";

const limits = "memoryMb processorSeconds wallSeconds outputKb workspaceMb files processes network";
const operation = `query Profiles { securityProfiles { key name description isBuiltIn rules { stepTypes commands domains secrets concurrency limits { ${limits} } } } }`;

/** Shows what a security profile allows. */
export async function showProfile(io: Io, settings: SettingsSource, key: string): Promise<Result<ProfileOutput>> {
  const { securityProfiles: all } = await openServer(io, targetOf(settings)).run<{ securityProfiles: ProfileOutput[] }>(operation);
  const found = all.find((one) => one.key === key);
  if (!found)
    throw new CliError(
      `There is no security profile ${JSON.stringify(key)}. Known profiles: ${all.map((one) => one.key).join(", ")}.`,
      exitCodes.failed,
      "NOT_FOUND",
    );
  const { name, description, rules } = found;
  const list = (items: readonly string[] | null, all_: string): string =>
    items === null ? all_ : items.length === 0 ? "none" : items.join(", ");
  const rows = [
    ["step types", list(rules.stepTypes, "all")],
    ["commands", list(rules.commands, "all of the sandbox")],
    ["domains", list(rules.domains, "all that the installation allows")],
    ["secrets", list(rules.secrets, "all of the organization")],
    ["steps at the same time", rules.concurrency === null ? "no limit" : String(rules.concurrency)],
    ...Object.entries(rules.limits).map(([limit, value]) => [limit, value === null ? "no limit" : JSON.stringify(value)]),
  ];
  return { data: found, text: `${key}: ${name}\n${description}\n\n${table(rows)}` };
}

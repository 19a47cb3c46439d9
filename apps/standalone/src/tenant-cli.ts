import { parseArgs } from "node:util";
import { readFile } from "node:fs/promises";
import { listTenants, changeTenantStatus, importUsers, openPlatform, openTenant } from "@weft/identity";
import { BadUserInput, quote, WeftError } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { runMain } from "@weft/platform/logging";
import type { Services } from "@weft/platform/services";
import { closeServices, openServices } from "@weft/api/subgraph";
import { verifySlaClocks } from "@weft/workflows";
import { parseImportedUsers } from "./imported-users.js";
import { bundledDatabase } from "./postgres/bundled-database.js";

const usage = `Usage: pnpm tenant create --slug SLUG --name NAME --admin-email EMAIL [--admin-name NAME] [--plan FREE|PRO|ENTERPRISE]
       pnpm tenant create --platform --name NAME --admin-email EMAIL [--admin-name NAME]
       pnpm tenant deactivate --slug SLUG --reason TEXT
       pnpm tenant reactivate --slug SLUG --reason TEXT
       pnpm tenant archive --slug SLUG --reason TEXT
       pnpm tenant restore --slug SLUG --reason TEXT
       pnpm tenant verify --slug SLUG
       pnpm tenant import-users --slug SLUG --file FILE
       pnpm tenant list

create creates a tenant with the built-in roles and its first administrator, who creates all other users through the API. The
administrator's password is read from WEFT_ADMIN_PASSWORD, or from the first line of standard input.
deactivate suspends a tenant: its users are refused within a second, and its data is kept. reactivate ends the suspension.
archive also suspends the tenant, and deletes it permanently after its configured retention period (retention.archivedTenantDays).
restore brings an archived tenant back until then.
verify counts the tenant's SLA clocks and their ledgers again from its log of events, and prints every stored value that differs.

import-users creates users with the bcrypt hashes of their passwords in another system. FILE has a JSON object per line:
{"email": "ada@example.com", "name": "Ada", "roles": ["viewer"], "passwordHash": "$2b$12$..."}, optionally with a "username".
Users whose email address the tenant already has are not changed.

create --platform creates the platform tenant, with the slug platform, for the people who run the installation. There is only one.
Its administrator creates the operators.`;

const plans = ["FREE", "PRO", "ENTERPRISE"] as const;

type Arguments = ReturnType<typeof readArguments>["values"];
/** Returns the exit code. */
type Command = (services: Services) => Promise<number>;

/** `pnpm tenant`: commands for operators of an installation. Reads the same settings as the other processes. */
async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  const command = await commandOf(positionals.join(" "), values);
  if (command === null) {
    console.error(usage);
    return 2;
  }
  const services = await openServices({ ...process.env, ...bundledDatabase() });
  try {
    return await command(services);
  } finally {
    await closeServices(services);
  }
}

/** Returns null if the command does not match the usage. */
async function commandOf(name: string, values: Arguments): Promise<Command | null> {
  switch (name) {
    case "create":
      return createCommand(values);
    case "deactivate":
    case "reactivate":
    case "archive":
    case "restore":
      return statusCommand(values, name);
    case "verify":
      return verifyCommand(values);
    case "import-users":
      return importCommand(values);
    case "list":
      return list;
    default:
      return null;
  }
}

/** The only way to create the first tenant of a production installation. */
async function createCommand(values: Arguments): Promise<Command | null> {
  const { slug, name, platform = false, "admin-email": email } = values;
  const plan = plans.find((each) => each === (values.plan ?? "FREE"));
  if ((slug === undefined) !== platform || name === undefined || email === undefined || plan === undefined) return null;
  const password = process.env["WEFT_ADMIN_PASSWORD"] ?? (await firstLine(process.stdin));
  const admin = { email, name: values["admin-name"] ?? email.slice(0, email.indexOf("@")), password };
  return async (services) => {
    const { tenantId } = await (slug === undefined
      ? openPlatform(services, { name, admin })
      : openTenant(services, { slug, name, plan, admin }));
    console.log(`Created the tenant ${name} (${encodeId("tenant", tenantId)}). ${email} can log in as its administrator.`);
    return 0;
  };
}

function statusCommand({ slug, reason }: Arguments, kind: "deactivate" | "reactivate" | "archive" | "restore"): Command | null {
  if (slug === undefined || reason === undefined) return null;
  return async (services) => {
    const { name, tenantId, status, purgeAt } = await changeTenantStatus(services, { slug, reason, kind });
    const end = purgeAt === null ? "" : ` It will be permanently deleted at ${purgeAt} unless it is restored before then.`;
    console.log(`The tenant ${name} (${encodeId("tenant", tenantId)}) is ${status}.${end}`);
    return 0;
  };
}

function verifyCommand({ slug }: Arguments): Command | null {
  if (slug === undefined) return null;
  return async (services) => {
    const tenant = (await listTenants(services)).find((one) => one.slug === slug);
    if (!tenant) throw new BadUserInput([{ path: "slug", message: `No tenant with the slug ${quote(slug)} exists.` }]);
    const { clocks, entries, differences } = await verifySlaClocks(services, tenant.tenantId);
    console.log(`Counted ${clocks} SLA clocks with ${entries} entries again from the log of events.`);
    for (const { id, what, stored, recounted } of differences)
      console.error(`${id}: ${what} is ${JSON.stringify(stored)}; the events result in ${JSON.stringify(recounted)}.`);
    return differences.length > 0 ? 1 : 0;
  };
}

async function importCommand({ slug, file }: Arguments): Promise<Command | null> {
  if (slug === undefined || file === undefined) return null;
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new BadUserInput([{ path: "file", message: `${quote(file)} cannot be read: ${String((error as NodeJS.ErrnoException).code)}.` }]);
  });
  const users = parseImportedUsers(text);
  return async (services) => {
    const { created, existing } = await importUsers(services, { slug, users });
    console.log(`Created ${created} users. ${existing} users already existed and were not changed.`);
    return 0;
  };
}

const list: Command = async (services) => {
  for (const { slug, tenantId, name, status, plan, userCount } of await listTenants(services))
    console.log([slug, encodeId("tenant", tenantId), status, plan, `${userCount} users`, name].join("\t"));
  return 0;
};

function readArguments() {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = { platform: flag, slug: text, name: text, "admin-email": text, "admin-name": text, plan: text, file: text, reason: text };
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { values: {}, positionals: [] };
  }
}

async function firstLine(input: NodeJS.ReadStream): Promise<string> {
  if (input.isTTY) console.error("Enter the administrator's password (the input is visible):");
  let text = "";
  for await (const chunk of input.setEncoding("utf8")) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? "";
}

await runMain(async () => {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    const problems = (error.extensions["problems"] ?? []) as { path: string; message: string }[];
    const lines = problems.map(({ path, message }) => `${path.replace(/^input\./, "")}: ${message}`);
    console.error(lines.length > 0 ? lines.join("\n") : error.message);
    process.exitCode = 1;
  }
  // Standard input may still be open and would keep the process running.
  process.stdin.destroy();
});

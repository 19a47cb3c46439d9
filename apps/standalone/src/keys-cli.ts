import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { quote } from "@weft/shared/errors";
import { addMasterKey, loadConfig, rotateAccessKey, type Rotation, sealKeys, useNextMasterKey, writeKeysFile } from "@weft/platform/config";
import { runMain } from "@weft/platform/logging";
import type { Services } from "@weft/platform/services";
import { closeServices, openServices } from "@weft/api/subgraph";
import { listTenants } from "@weft/identity";
import {
  type KeyedTenant,
  type Output,
  reencryptSecrets,
  removeUnneededMasterKeys,
  rewrapKeys,
  rotateDataKeys,
} from "./keys/key-rotation.js";
import { bundledDatabase } from "./postgres/bundled-database.js";

const usage = `Usage: pnpm keys FILE
       pnpm keys seal
       pnpm keys add-master-key
       pnpm keys use-master-key
       pnpm keys rewrap
       pnpm keys remove-master-keys
       pnpm keys rotate-data-keys [--slug SLUG]
       pnpm keys reencrypt [--slug SLUG]
       pnpm keys rotate-access-key [--leaked]

FILE creates the keys of a production installation, once. An existing file is never changed. The other commands change the installation of the
settings (WEFT_KEYS_FILE or WEFT_VAULT_URL, DATABASE_URL). Weft can run meanwhile, and each command can be repeated.

seal encrypts the keys file with the key of WEFT_VAULT_TRANSIT_KEY, or again with the newest version of that key.

The master key encrypts the keys of tenants and persons. Rotate it with these commands, in this order:
add-master-key adds the next master key. If processes have copies of the keys file, replace the copies after this command and the next one.
use-master-key makes it the current one.
rewrap encrypts the keys of all tenants and persons with it.
remove-master-keys removes earlier master keys, unless a stored key still needs one.

rotate-data-keys creates the next key of each tenant, or of one, which encrypts the tenant's secrets from then on.
reencrypt encrypts existing secrets with it. A run that finds nothing to do, an hour or more after the rotation, destroys the earlier keys.

rotate-access-key prepares the next key that signs access tokens. The same command, six minutes later or more, signs with it.
With --leaked, a new key replaces the current one at once, and users renew their tokens.`;

/** `pnpm keys`: creates and rotates the keys of an installation. Returns the exit code. */
async function main(): Promise<number> {
  const { positionals, slug, isLeaked } = readArguments();
  const [command, ...more] = positionals;
  if (command === undefined || more.length > 0 || (isLeaked && command !== "rotate-access-key")) return refuse();
  switch (command) {
    case "add-master-key":
    case "use-master-key":
      return slug === undefined ? changeMasterKey(command) : refuse();
    case "seal":
      return slug === undefined ? seal() : refuse();
    case "rewrap":
    case "remove-master-keys":
      if (slug !== undefined) return refuse();
      return withTenants(undefined, command === "rewrap" ? rewrapKeys : removeUnneededMasterKeys);
    case "rotate-data-keys":
      return withTenants(slug, rotateDataKeys);
    case "reencrypt":
      return withTenants(slug, reencryptSecrets);
    case "rotate-access-key":
      return slug === undefined ? changeAccessKey(isLeaked) : refuse();
    default:
      if (slug !== undefined) return refuse();
      return isFileName(command) ? create(resolve(command)) : refuseCommand(command);
  }
}

function refuse(): number {
  console.error(usage);
  return 2;
}

/** A mistyped command must not become a file with keys. */
const isFileName = (text: string): boolean => /[./\\]/.test(text);

function refuseCommand(text: string): number {
  console.error(`${quote(text)} is not a command. To create a keys file with this name, write ./${text}.\n\n${usage}`);
  return 2;
}

function create(path: string): number {
  if (existsSync(path)) {
    console.error(`${path} already exists and was not changed.`);
    return 1;
  }
  writeKeysFile(path, "production");
  console.log(
    `Created ${path}, readable only by you. Keep a copy separate from the database. Without this file, personal values in the audit trail and in events, and the secrets of tenants, are lost.`,
  );
  return 0;
}

async function seal(): Promise<number> {
  const done = await sealKeys(loadConfig(process.env, {}, { vaultSecrets: "unread" }));
  console.log(
    done === "encrypted"
      ? "Encrypted the keys file. Delete all copies in plain text, except for the one in your safe place."
      : "Encrypted the keys file again with the newest version of the server's key.",
  );
  return 0;
}

async function changeMasterKey(command: "add-master-key" | "use-master-key"): Promise<number> {
  const config = loadConfig(process.env, {}, { vaultSecrets: "unread" });
  if (command === "add-master-key") await addMasterKey(config);
  else await useNextMasterKey(config);
  console.log(
    command === "add-master-key"
      ? "Added the next master key. If machines have copies of the keys file, replace them. Then run `pnpm keys use-master-key`."
      : "New keys are encrypted with the next master key from now on. If machines have copies of the keys file, replace them. Then run `pnpm keys rewrap`.",
  );
  return 0;
}

async function changeAccessKey(isLeaked: boolean): Promise<number> {
  console.log(sentence(await rotateAccessKey(loadConfig(process.env, {}, { vaultSecrets: "unread" }), { isLeaked })));
  return 0;
}

function sentence(rotation: Rotation): string {
  switch (rotation.step) {
    case "prepared":
      return `Prepared the key ${rotation.kid}. If machines have copies of the keys file, replace them. Repeat the command after ${rotation.activeFrom.toISOString()} to sign with it.`;
    case "activated":
      return `Access tokens are signed with the key ${rotation.kid} from now on. Tokens of the previous key remain valid until they expire. If machines have copies of the keys file, replace them.`;
    case "replaced":
      return `Access tokens are signed with the key ${rotation.kid} from now on, and those of all other keys are refused: clients renew theirs. If machines have copies of the keys file, replace them.`;
    default:
      return rotation satisfies never;
  }
}

/** Runs a command for all tenants, or for the one with the slug. */
async function withTenants(
  slug: string | undefined,
  command: (services: Services, tenants: readonly KeyedTenant[], output: Output) => Promise<number>,
): Promise<number> {
  const services = await openServices({ ...process.env, ...bundledDatabase() });
  try {
    const tenants = await listTenants(services);
    const chosen = slug === undefined ? tenants : tenants.filter((tenant) => tenant.slug === slug);
    if (slug !== undefined && chosen.length === 0) {
      console.error(`No tenant with the slug ${quote(slug)} exists.`);
      return 1;
    }
    return await command(services, chosen, console);
  } finally {
    await closeServices(services);
  }
}

function readArguments(): { positionals: string[]; slug: string | undefined; isLeaked: boolean } {
  try {
    const { positionals, values } = parseArgs({
      options: { slug: { type: "string" }, leaked: { type: "boolean", default: false } },
      allowPositionals: true,
    });
    return { positionals, slug: values.slug, isLeaked: values.leaked };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { positionals: [], slug: undefined, isLeaked: false };
  }
}

await runMain(async () => {
  process.exitCode = await main();
});

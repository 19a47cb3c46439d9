import { resolve } from "node:path";
import { existsSync } from "node:fs";
import { ConfigError, rotateAccessKey, writeKeysFile } from "@weft/shared";
import type { Rotation } from "@weft/shared";

/**
 * `pnpm keys FILE`: creates the keys of a production installation, once. An existing file is never changed.
 * `pnpm keys rotate FILE`: does the next step in rotating the key of access tokens. With `--leaked`, a new key replaces the current one at once.
 */
const args = process.argv.slice(2);
if (args[0] === "rotate") rotate(args.slice(1));
else create(args);

function create([file]: readonly string[]): void {
  if (file === undefined) fail(2, "Usage: pnpm keys FILE, or pnpm keys rotate FILE [--leaked]");
  const path = resolve(file);
  if (existsSync(path)) fail(1, `${path} already exists and was not changed.`);
  writeKeysFile(path, "production");
  console.log(
    `Created ${path}, readable only by you. Keep a copy separate from the database. Without this file, personal values in the audit trail and in events are lost.`,
  );
}

function rotate(given: readonly string[]): void {
  const [file, ...more] = given.filter((arg) => arg !== "--leaked");
  if (file === undefined || more.length > 0) fail(2, "Usage: pnpm keys rotate FILE [--leaked]");
  try {
    console.log(sentence(rotateAccessKey(resolve(file), { isLeaked: given.includes("--leaked") })));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    fail(1, error.message);
  }
}

function sentence(rotation: Rotation): string {
  switch (rotation.step) {
    case "prepared":
      return `Prepared the key ${rotation.kid}. Processes accept it within seconds. Run the command again at ${rotation.activeFrom.toISOString()} or later to sign with it.`;
    case "waiting":
      return `Nothing was changed. The key ${rotation.kid} is prepared. Run the command again at ${rotation.activeFrom.toISOString()} or later to sign with it.`;
    case "activated":
      return `Access tokens are signed with the key ${rotation.kid} within seconds. Tokens of the former key remain valid until they expire. Keep a copy of the file.`;
    case "replaced":
      return `Access tokens are signed with the key ${rotation.kid} within seconds, and those of former keys are refused: clients renew theirs. Keep a copy of the file.`;
    default:
      return rotation satisfies never;
  }
}

function fail(code: number, message: string): never {
  console.error(message);
  process.exit(code);
}

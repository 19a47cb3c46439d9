import { resolve } from "node:path";
import { existsSync } from "node:fs";
import { writeKeysFile } from "@weft/shared";

/** `pnpm keys FILE`: creates the keys of a production installation, once. An existing file is never changed. */
const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error("Usage: pnpm keys FILE");
  process.exit(2);
}
const path = resolve(file);
if (existsSync(path)) {
  console.error(`${path} already exists and was not changed.`);
  process.exit(1);
}
writeKeysFile(path, "production");
console.log(
  `Created ${path}, readable only by you. Keep a copy separate from the database. Without this file, personal values in the audit trail and in events are lost.`,
);

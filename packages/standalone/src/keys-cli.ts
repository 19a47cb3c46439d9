import { resolve } from "node:path";
import { existsSync } from "node:fs";
import { writeKeysFile } from "@weft/shared";

/** `pnpm keys FILE`: makes the keys of a production installation, once. An existing file is never touched. */
const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error("Say where: pnpm keys FILE");
  process.exit(2);
}
const path = resolve(file);
if (existsSync(path)) {
  console.error(`${path} exists already; it is left as it is.`);
  process.exit(1);
}
writeKeysFile(path, "production");
console.log(
  `Made ${path}, readable by you alone. Keep a copy apart from the database: without it, personal values in audit and events are lost.`,
);

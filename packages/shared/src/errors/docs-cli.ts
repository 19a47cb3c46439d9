import { readFileSync, writeFileSync } from "node:fs";
import { errorsPage } from "./errors-page.js";

/** `pnpm docs:errors`: writes docs/errors.md. With `--check` it writes nothing and fails when the page is stale. */
const path = new URL("../../../../docs/errors.md", import.meta.url);
const page = errorsPage();

function committed(): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

if (process.argv.includes("--check")) {
  if (committed() !== page) {
    console.error("docs/errors.md is stale: run `pnpm docs:errors` and commit it.");
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, page);
}

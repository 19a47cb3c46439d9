import { readFileSync } from "node:fs";
import { generatedPages as pagesOfShared } from "@weft/shared";
import { allSubgraphs } from "../subgraphs.js";
import { answeredOperations } from "./answered.js";
import { withDemoLogins } from "./demo-logins-table.js";
import { permissionsPage } from "./permissions-page.js";
import { personasPage } from "./personas-page.js";

/** What is generated from the code, by its path in the repository. A test and `pnpm check` find what is stale. */
export const generatedPages: Readonly<Record<string, () => string>> = {
  ...pagesOfShared,
  "docs/permissions.md": () => permissionsPage(allSubgraphs()) + answeredOperations(),
  "docs/personas.md": personasPage,
  "README.md": () => withDemoLogins(readFileSync(new URL("../../../../README.md", import.meta.url), "utf8")),
};

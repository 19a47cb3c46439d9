import { envExample } from "./env-example.js";
import { errorsPage } from "./errors-page.js";

/** What is generated from the code, by its path in the repository. A test and `pnpm check` find what is stale. */
export const generatedPages: Readonly<Record<string, () => string>> = {
  "docs/errors.md": errorsPage,
  ".env.example": envExample,
};

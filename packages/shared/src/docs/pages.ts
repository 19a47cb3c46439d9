import { configurationPage } from "./configuration-page.js";
import { envExample } from "./env-example.js";
import { errorsPage } from "./errors-page.js";

/** What is generated from the code of this package alone, by its path in the repository. */
export const generatedPages: Readonly<Record<string, () => string>> = {
  "docs/configuration.md": configurationPage,
  "docs/errors.md": errorsPage,
  ".env.example": envExample,
};

import { asyncApiDocument } from "./asyncapi.js";
import { configurationPage } from "./configuration-page.js";
import { envExample } from "./env-example.js";
import { errorsPage } from "./errors-page.js";
import { eventsPage } from "./events-page.js";
import { flagsPage } from "./flags-page.js";
import { settingsPage } from "./settings-page.js";

/** Returns the pages that are generated from settings, errors and events, by their path in the repository. */
export const generatedPages = (): Readonly<Record<string, string>> => ({
  "docs/reference/configuration.md": configurationPage(),
  "docs/reference/errors.md": errorsPage(),
  "docs/reference/events/asyncapi.json": asyncApiDocument(),
  "docs/reference/events/types.md": eventsPage(),
  "docs/reference/flags.md": flagsPage(),
  "docs/reference/settings.md": settingsPage(),
  ".env.example": envExample(),
});

import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

export default defineConfig({
  sourceLocale: "en",
  locales: ["en", "de"],
  catalogs: [{ path: "<rootDir>/src/locales/{locale}", include: ["<rootDir>/src"], exclude: ["**/gql/**"] }],
  // Without line numbers, so that the catalogs change only when messages do.
  format: formatter({ lineNumbers: false }),
  fallbackLocales: { default: "en" },
});

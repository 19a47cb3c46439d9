import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/** The entry of `@weft/client`, by its sources. */
export const clientEntry = fileURLToPath(new URL("../../../packages/client/src/index.ts", import.meta.url));

/**
 * Bundles code for a browser, without what it does not use. graphql is left out.
 *
 * @param options.pure names of functions and classes whose calls can be left out if nothing uses their results
 */
export async function bundleForBrowser(
  code: string,
  { minify, pure = [] }: { readonly minify: boolean; readonly pure?: readonly string[] },
): Promise<string> {
  const entry = "\0entry";
  const build = await rolldown({
    input: entry,
    platform: "browser",
    external: ["graphql"],
    logLevel: "silent",
    treeshake: { manualPureFunctions: pure },
    resolve: { extensionAlias: { ".js": [".ts", ".js"] } },
    plugins: [{ name: "entry", resolveId: (id) => (id === entry ? id : null), load: (id) => (id === entry ? code : null) }],
  });
  return (await build.generate({ minify, format: "esm" })).output[0].code;
}

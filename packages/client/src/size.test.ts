import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { rolldown } from "rolldown";
import { expect, test } from "vitest";

const src = fileURLToPath(new URL(".", import.meta.url));

/** Returns what an application that uses these names adds to its page: minified, without what it does not use, and compressed by Brotli. In bytes. */
async function sizeOf(names: string): Promise<number> {
  const entry = "\0entry";
  const build = await rolldown({
    input: entry,
    platform: "browser",
    external: ["graphql"],
    logLevel: "silent",
    resolve: { extensionAlias: { ".js": [".ts", ".js"] } },
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? `export ${names} from ${JSON.stringify(`${src}index.ts`)};` : null),
      },
    ],
  });
  const { output } = await build.generate({ minify: true, format: "esm" });
  return brotliCompressSync(output[0].code).length;
}

test("the client is at most 12 KiB with graphql-ws, and an application that needs no more gets no more", async () => {
  const [client, all] = [await sizeOf("{ createWeftClient }"), await sizeOf("*")];
  expect(all).toBeLessThan(12 * 1024);
  expect(client).toBeLessThan(all - 1_000);
});

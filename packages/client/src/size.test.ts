import { brotliCompressSync } from "node:zlib";
import { bundleForBrowser, clientEntry } from "@weft/testkit/clients/bundle-client";
import { expect, test } from "vitest";

/** Returns what an application that uses these names adds to its page: minified, without what it does not use, and compressed by Brotli. In bytes. */
async function sizeOf(names: string): Promise<number> {
  const code = await bundleForBrowser(`export ${names} from ${JSON.stringify(clientEntry)};`, { minify: true });
  return brotliCompressSync(code).length;
}

test("the client is at most 16 KiB with graphql-ws and eventsource-parser, and an application that needs no more gets no more", async () => {
  const [client, all] = [await sizeOf("{ createWeftClient }"), await sizeOf("*")];
  expect(all).toBeLessThan(16 * 1024);
  expect(client).toBeLessThan(all - 1_000);
});

import { createWeftClient, downloadFile, memoryStore, uploadFile } from "@weft/client";
import { sharedWeft, type SharedWeft, type TestUser } from "../index.js";
import { parse, validate } from "graphql";
import { beforeAll, expect, test } from "vitest";
import { composedApi } from "../isolation/api-schema.js";

let weft: SharedWeft;
let user: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  const tenant = await weft.tenant();
  user = await tenant.user("operations");
  await tenant.admin.run(
    "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
    {
      input: { patch: { security: { storedOperations: "REQUIRED" } }, message: "A test" },
    },
  );
});

test("where only stored operations are accepted, the client logs in, sends files, loads screens and logs out", async () => {
  expect(await user.refusal("{ me { id } }")).toBe("OPERATION_NOT_STORED");
  const client = createWeftClient({ url: weft.url, store: memoryStore() });
  await client.session.logIn({ login: user.login, password: user.password });
  const { id } = await uploadFile(client, new File(["A text."], "text.txt", { type: "text/plain" })).done;
  expect(await (await downloadFile(client, id)).blob.text()).toBe("A text.");
  const myTasks = (await packageOperations()).find((text) => text.includes("query MyTasks")) ?? "";
  expect(await client.query(myTasks)).toMatchObject({ tasks: { edges: [] } });
  await expect(client.query("{ me { id } }")).rejects.toMatchObject({ code: "OPERATION_NOT_STORED" });
  await client.session.logOut();
});

/** What the gateway accepts of the packages. `pnpm operations` writes it. */
async function packageOperations(): Promise<readonly string[]> {
  const path = new URL("../../../gateway/src/stored-operations/package-operations.ts", import.meta.url).href;
  return ((await import(path)) as { packageOperations: readonly string[] }).packageOperations;
}

test("the operations of the packages that the gateway knows are valid", async () => {
  const texts = await packageOperations();
  expect(texts.length).toBeGreaterThan(40);
  expect(texts.flatMap((text) => validate(composedApi(), parse(text)).map(({ message }) => message))).toEqual([]);
});

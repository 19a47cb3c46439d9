import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type ModelSubstitute, startModelSubstitute, startModelSubstituteOf } from "./model-substitute.js";
import { archiveTool, substituteModels } from "./substitute-replies.js";

const substitute = await startModelSubstitute();
afterAll(() => substitute.close());

const ask = (body: unknown, path = "/chat/completions"): Promise<Response> =>
  fetch(`${substitute.url}${path}`, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });
const task = (context: object) => ({ role: "user", content: `Do it.\n\nContext, as JSON:\n${JSON.stringify(context)}` });
const messageOf = async (response: Response) =>
  ((await response.json()) as { choices: { message: { content: string; tool_calls?: { function: { name: string } }[] } }[] }).choices[0]
    ?.message;

test("the substitute sorts an enquiry by its words", async () => {
  for (const [text, answer] of [
    ["The elevator is stuck", { category: "repair", urgent: true }],
    ["My invoice is wrong", { category: "billing", urgent: false }],
    ["Hello", { category: "other", urgent: false }],
  ] as const) {
    const message = await messageOf(await ask({ model: substituteModels.triage, messages: [task({ text })] }));
    expect(JSON.parse(message?.content ?? "")).toEqual(answer);
  }
});

test("the substitute asks the archive first, and then reports what it has said, or that nobody may ask it", async () => {
  const asked = [task({ customer: "Harbor Bakery", text: "My invoice is wrong" })];
  const first = await messageOf(await ask({ model: substituteModels.research, messages: asked }));
  expect(first?.tool_calls?.map((call) => call.function.name)).toEqual([archiveTool]);
  for (const [content, answer] of [
    ["From the archive: Yes.", "From the archive: Yes."],
    ["refused: No.", "The archive was not asked (refused: No.)."],
  ]) {
    const messages = [...asked, { role: "assistant", content: null }, { role: "tool", content }];
    expect((await messageOf(await ask({ model: substituteModels.research, messages })))?.content).toBe(answer);
  }
});

test("the substitute streams an answer with the number of tokens", async () => {
  const body = { model: substituteModels.writer, stream: true, messages: [task({ customer: "Harbor Bakery", category: "billing" })] };
  const lines = (await (await ask(body)).text()).split("\n\n").filter((line) => line !== "");
  expect(lines.at(-1)).toBe("data: [DONE]");
  expect(JSON.parse(lines.at(-2)?.slice("data: ".length) ?? "")).toMatchObject({ usage: { prompt_tokens: 19 } });
  expect(lines.length).toBeGreaterThan(4);
});

test.each([
  ["another model", { model: "gpt-5", messages: [] }, 404],
  ["messages that are none", { model: substituteModels.triage, messages: "Hi" }, 404],
  ["no JSON", "{", 400],
  ["no object", "[]", 400],
  ["more than a megabyte", " ".repeat(1_048_577), 400],
])("the substitute refuses %s", async (_what, body, status) => {
  expect((await ask(body)).status).toBe(status);
});

test("the substitute answers chat completions only", async () => {
  expect((await ask({}, "/embeddings")).status).toBe(404);
  expect((await fetch(`${substitute.url}/chat/completions`)).status).toBe(404);
});

test("the next start of a data directory has the same port, unless it is taken", async () => {
  const folder = await mkdtemp(join(tmpdir(), "weft-substitute-"));
  const started: ModelSubstitute[] = [];
  const start = async (): Promise<ModelSubstitute> => {
    const one = await startModelSubstituteOf(join(folder, "data"));
    started.push(one);
    return one;
  };
  try {
    const first = await start();
    const second = await start();
    expect(second.host).not.toBe(first.host);
    await second.close();
    started.pop();
    expect((await start()).host).toBe(second.host);
  } finally {
    await Promise.all(started.map((one) => one.close()));
    await rm(folder, { recursive: true });
  }
});

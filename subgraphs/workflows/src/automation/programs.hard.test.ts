import { startTestWeft, type TestUser, type TestWeft } from "@weft/testkit";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
/** A tenant whose automations can run programs, and its administrator. */
let tenant: Awaited<ReturnType<TestWeft["tenant"]>>;
let admin: TestUser;
/** A server that the operators allow. */
let website: HttpServer;
let site: string;
beforeAll(async () => {
  website = await serveHttp((_request, response) => response.end("welcome"));
  site = website.host;
  weft = await startTestWeft({ settings: { WEFT_SANDBOX: "bubblewrap", WEFT_OUTBOUND_ALLOWED: site } });
  tenant = await weft.tenant();
  ({ admin } = tenant);
  const text = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";
  await admin.run(text, { input: { patch: { automation: { securityProfile: "elevated" } }, message: "A test" } });
});
afterAll(async () => {
  await website.close();
  await weft.stop();
});

interface Instance {
  readonly state: string;
  readonly data: { readonly outputs?: Readonly<Record<string, unknown>> };
  readonly runs: readonly {
    readonly status: string;
    readonly steps: readonly { readonly status: string; readonly error: object | null }[];
  }[];
}

const begin = async (who: TestUser, key: string, data: object): Promise<string> => {
  const text = `mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id } } }`;
  return (await who.run<{ startWorkflow: { instance: { id: string } } }>(text, { key, data })).startWorkflow.instance.id;
};

const seen = async (who: TestUser, id: string): Promise<Instance> => {
  const text = `query ($id: ID!) { workflowInstance(id: $id) { state data runs { status steps { status error { code message } } } } }`;
  return (await who.run<{ workflowInstance: Instance }>(text, { id })).workflowInstance;
};

let defined = 0;

/** Starts a new automation with these steps. */
async function started(definition: string, data: object = {}): Promise<string> {
  const key = `tried-${++defined}`;
  await tenant.definition(`weft: 1\nkind: automation\nkey: ${key}\nname: Tried\n${definition}`);
  return await begin(admin, key, data);
}

async function ran(definition: string, data: object = {}): Promise<Instance> {
  const id = await started(definition, data);
  await weft.weft.worker.idle();
  return await seen(admin, id);
}

/** Values that become code wherever one of the layers between a definition and a program takes them for text of its own. */
const injections: readonly string[] = [
  "$(id)",
  "`id`",
  "; id",
  "&& id",
  "| id",
  "a\nid\n",
  "a\r\nid",
  "'; id; '",
  '"; id; "',
  "\\",
  "--version",
  "-n",
  "%s%n%x",
  "$".concat("{HOME}"),
  "$VALUE",
  "*",
  "~",
  "{{ inputs.value }}",
  "{{ secrets.token }}",
  "<(id)",
  "> /workspace/x",
  "\u202e\u0007\u001b[31m",
];

test("values reach programs as they are, and never as code", async () => {
  const names = injections.map((_, index) => `v${index}`);
  const each = (line: (name: string) => string): string => names.map(line).join(", ");
  const instance = await ran(
    `inputs: { ${each((name) => `${name}: { type: string }`)} }
steps:
  - id: listed
    type: script
    with: { command: [printf, '%s\\0', ${each((name) => `"{{ inputs.${name} }}", "x{{ inputs.${name} }}y"`)}] }
  - id: shelled
    type: shell
    with:
      run: |
${names.map((name) => `        printf '%s\\0' "$${name}" "$(cat ${name}.txt; echo .)"`).join("\n")}
        cat
      env: { ${each((name) => `${name}: "{{ inputs.${name} }}"`)} }
      files: { ${each((name) => `${name}.txt: "{{ inputs.${name} }}"`)} }
      stdin: "{{ inputs.v0 }}{{ inputs.v1 }}"
outputs: { listed: "{{ steps.listed.outputs.stdout }}", shelled: "{{ steps.shelled.outputs.stdout }}" }
`,
    Object.fromEntries(injections.map((value, index) => [`v${index}`, value])),
  );
  // The database cannot store NUL.
  const written = (texts: readonly string[]): string => texts.map((text) => `${text}\uFFFD`).join("");
  expect(instance.data.outputs).toEqual({
    listed: written(injections.flatMap((value) => [value, `x${value}y`])),
    shelled: `${written(injections.flatMap((value) => [value, `${value}.`]))}${injections[0]}${injections[1]}`,
  });
});

test("the output of a program that is JSON is a value for the steps after it", async () => {
  const instance = await ran(`steps:
  - { id: find, type: script, with: { command: [echo, '{"count": 3, "list": ["a", "b\\u0000"]}'] } }
  - { id: code, type: shell, with: { run: "exit 4", expect: [0, 4] } }
  - { id: use, type: set, with: { values: { sum: "{{ steps.find.outputs.json.count + steps.code.outputs.exit_code }}" } }, when: "steps.code.exit_code == 4" }
outputs: { sum: "{{ steps.use.outputs.sum }}", list: "{{ steps.find.outputs.json.list }}" }
`);
  expect(instance.data.outputs).toEqual({ sum: 7, list: ["a", "b\uFFFD"] });
});

const failures: readonly (readonly [code: string, step: string, message: RegExp])[] = [
  ["EXIT_CODE", '{ type: shell, with: { run: "echo reason >&2; exit 3" } }', /exit code 3: reason$/],
  ["EXIT_CODE", '{ type: shell, with: { run: "false; exit 0" } }', /exit code 1/],
  ["EXIT_CODE", '{ type: shell, with: { run: "echo $MISSING" } }', /MISSING/],
  ["OUTPUT_LIMIT", "{ type: script, with: { command: [yes] } }", /4096 KB/],
  ["TIMEOUT", "{ type: script, timeout: 1s, with: { command: [sleep, '30'] } }", /too long|before there was room/],
  ["KILLED", '{ type: shell, with: { run: "kill -9 $$" } }', /killed/],
  ["COMMAND_NOT_FOUND", "{ type: script, with: { command: [no-such-program] } }", /no-such-program/],
  ["COMMAND_NOT_FOUND", "{ type: script, with: { command: [/etc/passwd] } }", /passwd/],
  ["COMMAND_NOT_FOUND", "{ type: script, with: { command: [/usr/bin/../../bin/bash/../../tmp/x] } }", /no program/],
  ["COMMAND_NOT_FOUND", "{ type: script, with: { command: [./run.sh], files: { run.sh: id } } }", /no program/],
  ["INPUT_INVALID", "{ type: script, with: { command: [id], env: { LD_PRELOAD: /workspace/x.so } } }", /LD_PRELOAD/],
  ["INPUT_INVALID", "{ type: script, with: { command: [id], files: { ../x: a } } }", /relative path/],
];

let failing: Promise<readonly string[]> | undefined;

/** Starts all of them, and waits for them together. */
async function startFailures(): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const [, step] of failures) ids.push(await started(`steps:\n  - ${step.replace("{", "{ id: tried,")}\n`));
  await weft.weft.worker.idle();
  return ids;
}

test.for(failures)("a program that cannot succeed fails with %s: %s", { timeout: 60_000 }, async (failure) => {
  const [code, , message] = failure;
  const ids = await (failing ??= startFailures());
  const instance = await seen(admin, ids[failures.indexOf(failure)] ?? "");
  expect(instance.runs[0]?.steps[0]).toMatchObject({
    status: "FAILED",
    error: { code, message: expect.stringMatching(message) as string },
  });
});

test("a command of the short form runs without a shell, and a value is one of its arguments", async () => {
  await tenant.definition(`name: said-${++defined}
version: 1.0
inputs: { value: { type: string, default: nothing } }
steps:
  - { id: say, type: shell, command: "printf '<%s>' 'it is {{ inputs.value }}' {{ inputs.value }}" }
`);
  for (const value of injections) {
    const id = await begin(admin, `said-${defined}`, { value });
    await weft.weft.worker.idle();
    const text = `query ($id: ID!) { workflowInstance(id: $id) { runs { steps { outputs } } } }`;
    const { workflowInstance } = await admin.run<{ workflowInstance: { runs: { steps: { outputs: { stdout: string } }[] }[] } }>(text, {
      id,
    });
    expect(workflowInstance.runs[0]?.steps[0]?.outputs.stdout).toBe(`<it is ${value}><${value}>`);
  }
});

test("programs that the profile of the definition does not list are refused, and a shell does not find them", async () => {
  const instance = await ran(`profile: { commands: [cat, uname] }
steps:
  - { id: listed, type: script, with: { command: [uname] } }
  - { id: tried, type: shell, with: { run: "cat /etc/hostname || true; command -v cat; command -v id || echo none" } }
outputs: { found: "{{ steps.tried.outputs.stdout }}" }
`);
  expect(instance.data.outputs).toEqual({ found: expect.stringMatching(/^\/usr\/bin\/cat\nnone\n$/) as string });
});

test("the limits are those of the profile", async () => {
  const instance = await ran(`profile: { limits: { output_kb: 8 } }\nsteps: [{ id: tried, type: script, with: { command: [yes] } }]\n`);
  expect(instance.runs[0]?.steps[0]).toMatchObject({ error: { code: "OUTPUT_LIMIT", message: "The program wrote more than 8 KB." } });
});

test("leaving the state ends the program", async () => {
  await tenant.definition(`weft: 1
key: left
name: Left
initial: working
states:
  working:
    run: { steps: [{ id: rest, type: script, timeout: 5m, with: { command: [sleep, "240"] } }], then: finished }
    transitions: { finished: { to: done, auto: run }, abort: { to: done } }
  done: { final: completed }
`);
  const id = await begin(admin, "left", {});
  await expect.poll(async () => (await seen(admin, id)).runs[0]?.steps[0]?.status, { timeout: 20_000 }).toBe("RUNNING");
  await admin.run('mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "abort" }) { instance { id } } }', { id });
  const startedAt = performance.now();
  await weft.weft.worker.idle();
  expect(performance.now() - startedAt).toBeLessThan(30_000);
  expect((await seen(admin, id)).runs).toMatchObject([{ status: "CANCELLED", steps: [{ status: "CANCELLED" }] }]);
});

const NETWORK = "profile: { domains: [127.0.0.1], limits: { network: true } }";

test("a program that asks for a network reaches what the profile lists, and its calls and refusals are recorded", async () => {
  const key = `tried-${++defined}`;
  await tenant.definition(`weft: 1
kind: automation
key: ${key}
name: Tried
${NETWORK}
steps:
  - id: plain
    type: shell
    with: { run: "curl -sS --noproxy '' http://${site}/ 2>&1 || echo none" }
  - id: online
    type: shell
    with:
      network: true
      run: |
        curl -sS --noproxy '' http://${site}/
        curl -sS http://evil.example/
  - id: fetched
    type: script
    with: { network: true, command: [curl, -sS, --noproxy, "", --proxytunnel, "http://${site}/"] }
outputs: { plain: "{{ steps.plain.outputs.stdout }}", online: "{{ steps.online.outputs.stdout }}", fetched: "{{ steps.fetched.outputs.stdout }}" }
`);
  const id = await begin(admin, key, {});
  await weft.weft.worker.idle();
  expect((await seen(admin, id)).data.outputs).toEqual({
    plain: expect.stringMatching(/none\n$/) as string,
    online: "welcomeRefused by the rule domains: The security profile of the run does not list this host.\n",
    fetched: "welcome",
  });
  const text = `query ($id: ID!) { workflowInstance(id: $id) { runs {
    usage { calls sentBytes receivedBytes } steps { step usage { calls receivedBytes } } logs(first: 50) { edges { node { step stream text } } }
  } } }`;
  interface Used {
    readonly usage: object;
    readonly steps: readonly { readonly usage: { readonly receivedBytes: number } }[];
    readonly logs: { readonly edges: readonly { readonly node: { readonly stream: string; readonly text: string } }[] };
  }
  const { workflowInstance } = await admin.run<{ workflowInstance: { runs: readonly Used[] } }>(text, { id });
  const [run] = workflowInstance.runs;
  // Through a tunnel, the head of the answer counts as well.
  const tunneled = run?.steps[2]?.usage.receivedBytes ?? 0;
  expect(tunneled).toBeGreaterThan(7);
  expect(run?.usage).toEqual({ calls: 2, sentBytes: expect.any(Number) as number, receivedBytes: 7 + tunneled });
  expect(run?.usage).not.toMatchObject({ sentBytes: 0 });
  expect(run?.steps).toEqual([
    { step: "plain", usage: { calls: 0, receivedBytes: 0 } },
    { step: "online", usage: { calls: 1, receivedBytes: 7 } },
    { step: "fetched", usage: { calls: 1, receivedBytes: tunneled } },
  ]);
  const lines = run?.logs.edges.flatMap(({ node }) => (node.stream === "SYSTEM" ? [node] : [])) ?? [];
  expect(lines).toContainEqual({
    step: "online",
    stream: "SYSTEM",
    text: 'The network refused "evil.example" by the rule domains: The security profile of the run does not list this host.',
  });
  const used = expect.stringMatching(/^The program made 1 calls, sent \d+ bytes, and received 7\.$/) as string;
  expect(lines).toContainEqual({ step: "online", stream: "SYSTEM", text: used });
});

/** Profiles under which a step that asks for a network is refused, and the rule that refuses it. */
const offline: readonly (readonly [what: string, profile: string, rule: string])[] = [
  ["lists no hosts", "profile: { limits: { network: true } }", "domains"],
  ["forbids a network", "profile: { domains: [127.0.0.1], limits: { network: false } }", "network"],
];

test.for(offline)("a profile that %s refuses a program with a network before anything starts", async ([, profile, rule]) => {
  const step = "{ id: tried, type: script, with: { command: [id], network: true } }";
  const key = `tried-${++defined}`;
  await tenant.definition(`weft: 1\nkind: automation\nkey: ${key}\nname: Tried\n${profile}\nsteps: [${step}]\n`);
  const text = `mutation ($key: String!) { startWorkflow(input: { definitionKey: $key }) { instance { id } } }`;
  const { errors } = await admin.send(text, { key });
  expect(errors?.[0]?.extensions).toMatchObject({ code: "PROFILE_VIOLATION", rule, step: "tried" });
});

test("a run that a step starts has no network that the run of the step cannot have", async () => {
  const child = `tried-${++defined}`;
  const step = `{ id: tried, type: shell, with: { network: true, run: "curl -sS --noproxy '' http://${site}/" } }`;
  await tenant.definition(`weft: 1\nkind: automation\nkey: ${child}\nname: Child\n${NETWORK}\nsteps: [${step}]\n`);
  for (const [profile, status] of [
    [NETWORK, "SUCCEEDED"],
    ["profile: { domains: [other.example] }", "FAILED"],
    ["profile: { limits: { network: false } }", "FAILED"],
  ] as const) {
    const instance = await ran(`${profile}\nsteps: [{ id: start, type: workflow, with: { key: ${child} } }]\n`);
    expect(instance.runs).toMatchObject([{ status }]);
  }
});

import { fireTransition, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { beforeAll, expect, test } from "vitest";

const definition = `weft: 1
key: repair
name: Repair
data: { type: object, properties: { summary: { type: string } } }
initial: draft
slas: { resolution: { title: Repaired, target: PT8H, warn: [], start: { states: [open] }, pause: { states: [waiting] }, stop: { states: [done] } } }
escalations: { new-work: { title: New work, on: { state: open }, levels: [{ notify: { roles: [operations] } }] } }
states:
  draft: { transitions: { submit: { to: open }, drop: { to: dropped } } }
  open: { transitions: { wait: { title: Order the part, to: waiting } } }
  waiting: { title: Waits for the part, transitions: { answer: { to: working } } }
  working: { transitions: { solve: { to: done } } }
  done: { final: completed }
  dropped: { final: cancelled }
`;

let weft: SharedWeft;
let acme: TestTenant;
let requester: TestUser;
let olga: TestUser;
let kone: { readonly id: string; readonly user: TestUser };
let otis: { readonly id: string; readonly user: TestUser };

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant("Acme");
  await acme.definition(definition);
  await acme.admin.run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", {
    input: {
      key: "repair",
      name: "Repair",
      description: "",
      definitionKey: "repair",
      numberPrefix: "RE",
      submitTransition: "submit",
      cancelTransition: "drop",
      fields: ["summary"],
    },
  });
  requester = await acme.user("requester");
  olga = await acme.user("operations");
  kone = await acme.vendor("Kone");
  otis = await acme.vendor("Otis");
});

interface Entry {
  readonly kind: string;
  readonly event: string;
  readonly at: string;
  readonly audience: string;
  readonly text: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly transitionTitle: string | null;
  readonly fromTitle: string | null;
  readonly toTitle: string | null;
  readonly title: string | null;
  readonly actor: { readonly id: string } | null;
  readonly assignee: { readonly id: string } | null;
  readonly comment: { readonly id: string; readonly text: string } | null;
  readonly attachment: { readonly file: { readonly name: string } } | null;
}
interface Timeline {
  readonly totalCount: number;
  readonly pageInfo: { readonly endCursor: string | null; readonly startCursor: string | null; readonly hasNextPage: boolean };
  readonly edges: readonly { readonly node: Entry }[];
}

const fields = `totalCount pageInfo { startCursor endCursor hasNextPage } edges { node { kind event at audience text transition from to transitionTitle fromTitle toTitle title isAutomatic
  actor { id } assignee { __typename ... on User { id } ... on Vendor { id } ... on Team { id } } comment { id text } attachment { file { name } } } }`;
const read = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $kinds: [RequestTimelineKind!]) {
  request(id: $id) { timeline(first: $first, after: $after, last: $last, before: $before, kinds: $kinds) { ${fields} } } }`;
const comment = "mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }";
const say = "mutation ($input: CommentOnWorkflowInput!) { commentOnWorkflow(input: $input) { instance { id } } }";
const assign = "mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }";

async function timelineOf(user: TestUser, id: string, args: Record<string, unknown> = { first: 100 }): Promise<Timeline> {
  return (await user.run<{ request: { timeline: Timeline } }>(read, { id, ...args })).request.timeline;
}
const entriesOf = async (user: TestUser, id: string, kinds?: string[]): Promise<readonly Entry[]> =>
  (await timelineOf(user, id, { first: 100, kinds })).edges.map(({ node }) => node);
const eventsOf = async (user: TestUser, id: string, kinds?: string[]): Promise<string[]> =>
  (await entriesOf(user, id, kinds)).map(({ event, text }) => (text === null ? event : `${event} ${text}`));

async function submitted(): Promise<{ id: string; instanceId: string }> {
  const { createRequest } = await requester.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }",
    { input: { typeKey: "repair", data: { summary: "It drips" } } },
  );
  const { id, workflow } = createRequest.request;
  await requester.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id });
  const hasEscalated = async () => (await eventsOf(olga, id)).includes("ESCALATION");
  await until(hasEscalated, { what: "the request has escalated" });
  return { id, instanceId: workflow.id };
}

async function attach(user: TestUser, objectId: string, name: string, visibility: string): Promise<void> {
  const bytes = Buffer.from("Some text.");
  const { createUpload } = await user.run<{ createUpload: { file: { id: string }; url: string } }>(
    "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } url } }",
    { input: { name, size: bytes.byteLength, type: "text/plain" } },
  );
  const answer = await fetch(new URL(createUpload.url, weft.url), { method: "PUT", body: Uint8Array.from(bytes) });
  expect(answer.status).toBe(200);
  await user.run("mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id } } }", {
    input: { fileId: createUpload.file.id, objectId, visibility },
  });
}

test(
  "shows in order what happened to a request: its workflow, assignments, comments, files, clocks, and escalations",
  { tags: "slow" },
  async () => {
    const { id, instanceId } = await submitted();
    await olga.run(assign, { input: { id, assignee: { userId: olga.id } } });
    await olga.run(comment, { input: { id, audience: "INTERNAL", text: "A known fault" } });
    await attach(requester, id, "drops.txt", "SHARED");
    await olga.run(fireTransition, { input: { instanceId, transition: "wait", comment: "For a part" } });
    await olga.run(fireTransition, { input: { instanceId, transition: "answer" } });
    await olga.run(fireTransition, { input: { instanceId, transition: "solve" } });
    // Clocks count whole seconds, so their entries follow the others of their second.
    const steps = ["TRANSITION", "ASSIGNMENT", "CHANGE", "COMMENT", "FILE"];
    expect((await eventsOf(olga, id, steps)).filter((event) => event !== "TIMER").toReversed()).toEqual([
      "START",
      "TRANSITION",
      "ASSIGNMENT",
      "REQUEST_COMMENT A known fault",
      "ATTACHMENT",
      "TRANSITION For a part",
      "TRANSITION",
      "TRANSITION",
    ]);
    expect((await eventsOf(olga, id, ["SLA"])).toReversed()).toEqual(["SLA_START", "SLA_PAUSE", "SLA_RESUME", "SLA_MET"]);
    expect(await eventsOf(olga, id, ["ESCALATION"])).toEqual(["ESCALATION"]);
    const entries = await entriesOf(olga, id);
    const entry = (event: string) => entries.find((one) => one.event === event);
    expect(entry("ASSIGNMENT")).toMatchObject({
      kind: "ASSIGNMENT",
      assignee: { id: olga.id },
      actor: { id: olga.id },
      audience: "PUBLIC",
    });
    expect(entry("REQUEST_COMMENT")).toMatchObject({ audience: "INTERNAL", comment: { text: "A known fault" }, attachment: null });
    expect(entry("ATTACHMENT")).toMatchObject({ kind: "FILE", attachment: { file: { name: "drops.txt" } }, actor: { id: requester.id } });
    expect(entry("START")).toMatchObject({ kind: "TRANSITION", from: null, to: "draft", actor: { id: requester.id } });
    expect(entries.find(({ to }) => to === "waiting")).toMatchObject({
      transitionTitle: "Order the part",
      fromTitle: "Open",
      toTitle: "Waits for the part",
    });
    expect(entry("START")).toMatchObject({ transitionTitle: null, fromTitle: null, toTitle: "Draft" });
    expect(entry("ATTACHMENT")).toMatchObject({ transitionTitle: null, fromTitle: null, toTitle: null });
    expect([entry("SLA_MET")?.title, entry("ESCALATION")?.title]).toEqual(["Repaired", "New work"]);
    const seconds = entries.map(({ at }) => at.slice(0, 19));
    expect(seconds).toEqual(seconds.toSorted().toReversed());
  },
);

test("hides what is internal from the requester and the vendor: entries, counts, and pages", { tags: "slow" }, async () => {
  const { id, instanceId } = await submitted();
  await olga.run(assign, { input: { id, assignee: { vendorId: kone.id } } });
  await until(async () => (await eventsOf(olga, id)).includes("ASSIGNMENT"), { what: "the request is assigned" });
  const before = [await timelineOf(requester, id), await timelineOf(kone.user, id)];
  const pages = [await timelineOf(requester, id, { first: 2 }), await timelineOf(kone.user, id, { first: 2 })];
  await olga.run(comment, { input: { id, audience: "INTERNAL", text: "Too slow" } });
  await olga.run(say, { input: { instanceId, audience: "INTERNAL", comment: "Too expensive" } });
  await attach(olga, id, "offers.txt", "INTERNAL");
  expect([await timelineOf(requester, id), await timelineOf(kone.user, id)]).toEqual(before);
  expect([await timelineOf(requester, id, { first: 2 }), await timelineOf(kone.user, id, { first: 2 })]).toEqual(pages);
  // Without those of the clock, which come after what happened in the same second.
  expect(await eventsOf(olga, id, ["COMMENT", "FILE"])).toEqual(["ATTACHMENT", "COMMENT Too expensive", "REQUEST_COMMENT Too slow"]);
  expect(await eventsOf(requester, id, ["COMMENT", "FILE"])).toEqual([]);
  expect(await eventsOf(kone.user, id, ["COMMENT", "FILE"])).toEqual([]);
});

test("does not tell a vendor about other assignees, or what was agreed with another vendor", { tags: "slow" }, async () => {
  const { id } = await submitted();
  await olga.run(assign, { input: { id, assignee: { vendorId: kone.id } } });
  await kone.user.run(comment, { input: { id, audience: "PUBLIC", text: "We ask 900" } });
  await olga.run(assign, { input: { id, assignee: { vendorId: otis.id } } });
  expect(await eventsOf(otis.user, id, ["COMMENT"])).toEqual([]);
  expect(await eventsOf(requester, id, ["COMMENT"])).toEqual(["REQUEST_COMMENT We ask 900"]);
  const assignees = (await entriesOf(otis.user, id, ["ASSIGNMENT"])).map(({ assignee }) => assignee?.id ?? null);
  expect(assignees).toEqual([otis.id, null]);
  expect(await kone.user.refusal(read, { id })).toBe("NOT_FOUND");
});

test("has pages in both directions that together are the whole, also of one kind", { tags: "slow" }, async () => {
  const { id } = await submitted();
  for (const text of ["One", "Two", "Three"]) await olga.run(comment, { input: { id, audience: "PUBLIC", text } });
  for (const kinds of [undefined, ["COMMENT", "SLA"]]) {
    const whole = (await timelineOf(olga, id, { first: 100, kinds })).edges.map(({ node }) => node);
    const forward: Entry[] = [];
    for (let after: string | null = null, more = true; more;) {
      const page = await timelineOf(olga, id, { first: 2, after, kinds });
      expect(page.totalCount).toBe(whole.length);
      forward.push(...page.edges.map(({ node }) => node));
      [after, more] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
    }
    expect(forward).toEqual(whole);
    const last = await timelineOf(olga, id, { last: 2, kinds });
    expect(last.edges.map(({ node }) => node)).toEqual(whole.slice(-2));
    const earlier = await timelineOf(olga, id, { last: 1, before: last.pageInfo.startCursor, kinds });
    expect(earlier.edges.map(({ node }) => node)).toEqual(whole.slice(-3, -2));
  }
  expect(new Set((await entriesOf(olga, id, ["COMMENT", "SLA"])).map(({ kind }) => kind))).toEqual(new Set(["COMMENT", "SLA"]));
  expect(await eventsOf(olga, id, [])).toEqual([]);
});

test("forgets deleted comments", { tags: "slow" }, async () => {
  const { id } = await submitted();
  const { commentOnRequest } = await olga.run<{ commentOnRequest: { comment: { id: string } } }>(comment, {
    input: { id, audience: "PUBLIC", text: "Gone" },
  });
  await olga.run("mutation ($id: ID!) { deleteRequestComment(input: { id: $id }) { request { id } } }", {
    id: commentOnRequest.comment.id,
  });
  expect(await eventsOf(olga, id, ["COMMENT"])).toEqual([]);
});

test("of a list of requests is read in one statement", { tags: "slow" }, async () => {
  const list = (first: number) =>
    `{ requests(first: ${first}) { edges { node { id timeline(first: 3) { edges { node { kind at text } } } } } } }`;
  await submitted();
  await submitted();
  const count = async (first: number): Promise<number> => {
    const statements = await weft.statements(() => olga.run(list(first)));
    return statements.filter((statement) => statement.includes("listTimelines")).length;
  };
  expect([await count(1), await count(5)]).toEqual([1, 1]);
});

test("of a list of requests tells the titles of its steps with one statement more at most", { tags: "slow" }, async () => {
  const list = (titles: string) =>
    `{ requests(first: 5) { edges { node { id timeline(first: 3) { edges { node { kind ${titles} } } } } } } }`;
  await submitted();
  await submitted();
  const count = (titles: string): Promise<number> => weft.statementCount(() => olga.run(list(titles)));
  expect((await count("transitionTitle fromTitle toTitle")) - (await count(""))).toBeLessThanOrEqual(1);
});

test("is not shown to another tenant", { tags: "slow" }, async () => {
  const { id } = await submitted();
  const { admin } = await weft.tenant("Globex");
  expect(await admin.refusal(read, { id })).toBe("NOT_FOUND");
});

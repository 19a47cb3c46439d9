import { decodeId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { ApiClient, enrolTotp, sharedWeft, type TestUser, type SharedWeft, userWithKey } from "@weft/testkit";
import { hierarchyDefinition, memberDefinition } from "@weft/testkit/tenants/hierarchy-definition";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pastLinks } from "./past-links.js";

const start = `mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id tasks { id } } } }`;
const create = `mutation ($input: CreateTaskLinkInput!) { createTaskLink(input: $input) { expiresAt } }`;
const complete = `mutation ($input: CompleteTaskByLinkInput!) { completeTaskByLink(input: $input) { title transition } }`;
const show = `query ($token: String!) { taskByLink(token: $token) { status takenBy organization title instructions subject dueAt expiresAt facts { label value } form { title schema } transitions { name title allowed reasons requiresComment form { schema } } } }`;
const read = `query ($id: ID!) { task(id: $id) { status completedBy { id } } }`;

const definition = (key: string, allow: string) => `weft: 1
key: ${key}
name: ${key}
data: { type: object, properties: {} }
initial: review
states:
  review:
    task: { title: "Check\\nthe roof", candidates: { roles: [approver] } }
    transitions:
      approve: { to: done, allow: ${allow} }
      reject: { to: done, comment: required, allow: { roles: [approver] } }
  done: { final: completed }
`;

let weft: SharedWeft;
let anyone: ApiClient;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await sharedWeft();
  anyone = new ApiClient(weft.url);
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
});

/** Marks the email address as verified, as if the user had confirmed it. Only one email per minute is sent to an address. */
async function verified(user: TestUser): Promise<TestUser> {
  await owner`update identity.users set email_verified_at = now() where id = ${decodeId("user", user.id)}`;
  return user;
}

async function aTenant(allow = "{ roles: [approver] }") {
  const tenant = await weft.tenant();
  const manager = await tenant.user("workflow_manager");
  await tenant.definition(definition("roof", allow));
  const aTask = async () => {
    const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { tasks: { id: string }[] } } }>(start, {
      input: { definitionKey: "roof", data: {} },
    });
    return startWorkflow.instance.tasks[0]?.id ?? "";
  };
  const lastToken = async (user: TestUser) => (await tenant.mails(user.login)).at(-1)?.token ?? "";
  return { tenant, manager, olga: await verified(await tenant.user("approver")), aTask, lastToken };
}

const byLink = async (input: object) => {
  const { errors } = await anyone.send(complete, { input });
  return errors === undefined ? "done" : String(errors[0]?.extensions?.["code"]);
};

test("a user who receives a link by email completes the task with it, once, without a login and under their own name", async () => {
  const { tenant, manager, olga, aTask, lastToken } = await aTenant();
  const id = await aTask();
  await manager.run(create, { input: { id, userId: olga.id, hours: 1 } });
  const [mail] = await tenant.mails(olga.login);
  const token = await lastToken(olga);
  expect(mail?.text).toContain(`/task#token=${token}`);
  expect(mail?.text).toContain("> Check the roof");
  expect(mail?.text).toContain("approve, reject");
  // A rejected call does not use up the link.
  expect(await byLink({ token, transition: "reject" })).toBe("BAD_USER_INPUT");
  expect(await byLink({ token, transition: "nonsense" })).toBe("TRANSITION_REJECTED");
  const codes = await Promise.all([1, 2, 3].map(() => byLink({ token, transition: "approve" })));
  expect(codes.toSorted()).toEqual(["UNAUTHENTICATED", "UNAUTHENTICATED", "done"]);
  expect(await olga.run(read, { id })).toEqual({ task: { status: "COMPLETED", completedBy: { id: olga.id } } });
  const trail = await tenant.admin.run<{
    task: { auditTrail: { edges: { node: { action: string; actor: object; after: { linkId?: string } } }[] } };
  }>("query ($id: ID!) { task(id: $id) { auditTrail(first: 9) { edges { node { action actor { id } before after } } } } }", { id });
  expect(JSON.stringify(trail)).not.toContain(token);
  const [used, made] = ["task.completeByLink", "task.createLink"].map((action) =>
    trail.task.auditTrail.edges.filter(({ node }) => node.action === action).map(({ node }) => node),
  );
  // Records who requested the link and who used it.
  expect(made).toMatchObject([{ actor: { id: manager.id }, after: { linkId: expect.any(String) as string } }]);
  expect(used).toMatchObject([{ actor: { id: olga.id }, after: { transition: "approve", linkId: made?.[0]?.after.linkId } }]);
});

const withForm = `weft: 1
key: offer
name: Offer
data: { type: object, properties: { summary: { type: string, title: What }, price: { type: number }, secret: { type: object } } }
initial: review
states:
  review:
    task:
      title: Check the offer
      candidates: { roles: [approver] }
    transitions:
      approve: { to: done, title: Go ahead, form: { fields: { limit: { type: number, label: Limit, required: true, max: 100 } } } }
      reject: { to: done, comment: required, allow: { roles: [approver] } }
      audit: { to: done, allow: { roles: [admin] } }
  done: { final: completed }
`;

test("a link to the task of a child shows what its parent is about, on the page and in the mail", { tags: "slow" }, async () => {
  const { tenant, manager, olga, lastToken } = await aTenant();
  const { buildingId } = await tenant.maintenance();
  await tenant.definition(memberDefinition.replace("candidates: { owner: true }", "candidates: { roles: [operations] }"));
  await tenant.definition(hierarchyDefinition);
  const { startWorkflow } = await tenant.admin.run<{
    startWorkflow: { instance: { children: { edges: { node: { tasks: { id: string }[] } }[] } } };
  }>(
    "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { children(first: 1) { edges { node { tasks { id } } } } } } }",
    { input: { definitionKey: "family", data: { members: ["Plan"] }, subjectId: buildingId } },
  );
  const id = startWorkflow.instance.children.edges[0]?.node.tasks[0]?.id;
  await manager.run(create, { input: { id, userId: olga.id } });
  expect(await anyone.run(show, { token: await lastToken(olga) })).toMatchObject({
    taskByLink: { title: "Do Plan", subject: "HQ Headquarters" },
  });
  expect((await tenant.mails(olga.login)).at(-1)?.text).toContain("Do Plan · HQ, Headquarters");
});

test("a link shows its task: title, data, form, and transitions with their reasons; and completes a task with a form", async () => {
  const { tenant, manager, olga, lastToken } = await aTenant();
  await tenant.definition(withForm);
  const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { tasks: { id: string }[] } } }>(start, {
    input: { definitionKey: "offer", data: { summary: "New lamps", price: 20, secret: { a: 1 } } },
  });
  const id = startWorkflow.instance.tasks[0]?.id;
  await manager.run(create, { input: { id, userId: olga.id } });
  const token = await lastToken(olga);
  expect(await anyone.run(show, { token })).toMatchObject({
    taskByLink: {
      status: "OPEN",
      title: "Check the offer",
      subject: null,
      facts: [
        { label: "What", value: "New lamps" },
        { label: expect.stringMatching(/price/i) as string, value: 20 },
      ],
      form: null,
      transitions: [
        { name: "approve", title: "Go ahead", allowed: true, requiresComment: false, form: { schema: { required: ["limit"] } } },
        { name: "reject", allowed: true, requiresComment: true, form: null },
        { name: "audit", allowed: false, reasons: [expect.any(String) as string] },
      ],
    },
  });
  const input = { token, transition: "approve", input: { limit: 1000 } };
  const { errors } = await anyone.send(complete, { input });
  expect(errors?.[0]?.extensions?.["problems"]).toMatchObject([{ path: "input.input.limit" }]);
  expect(await byLink({ ...input, input: { limit: 10 } })).toBe("done");
  expect(await anyone.run(show, { token })).toMatchObject({ taskByLink: { status: "DONE", title: null, facts: [], transitions: [] } });
});

test("a link says that its task is done, taken by another user, or that the link has expired or was replaced; otherwise it shows nothing", async () => {
  const { tenant, manager, olga, aTask, lastToken } = await aTenant();
  const ben = await verified(await tenant.user("approver"));
  const id = await aTask();
  await manager.run(create, { input: { id, userId: olga.id } });
  const token = await lastToken(olga);
  const status = async (of = token) =>
    (await anyone.run<{ taskByLink: { status: string; takenBy: string | null } | null }>(show, { token: of })).taskByLink;
  expect(await status()).toMatchObject({ status: "OPEN", takenBy: null });
  await ben.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id });
  expect(await status()).toMatchObject({ status: "TAKEN", takenBy: expect.any(String) as string, title: null });
  await ben.run("mutation ($id: ID!) { releaseTask(input: { id: $id }) { task { id } } }", { id });
  await owner`update workflows.task_links set expires_at = now() - interval '1 second' where user_id = ${decodeId("user", olga.id)}`;
  expect(await status()).toMatchObject({ status: "EXPIRED", title: null });
  await owner`update workflows.task_links set expires_at = now() + interval '1 hour', revoked_at = now() where user_id = ${decodeId("user", olga.id)}`;
  expect(await status()).toMatchObject({ status: "REPLACED", title: null });
  await owner`update workflows.task_links set revoked_at = null where user_id = ${decodeId("user", olga.id)}`;
  await ben.run('mutation ($id: ID!) { completeTask(input: { id: $id, transition: "approve" }) { task { id } } }', { id });
  expect(await status()).toMatchObject({ status: "DONE", title: null });
  expect([await status("wtl_"), await status(`${token.slice(0, -2)}AA`)]).toEqual([null, null]);
  await tenant.admin.run("mutation ($input: VersionedIdInput!) { deactivateUser(input: $input) { user { id } } }", {
    input: { id: olga.id },
  });
  expect(await status()).toBeNull();
});

test("a link tells who has taken its task only to recipients who see that user", { tags: "slow" }, async () => {
  const { tenant, manager, aTask, lastToken } = await aTenant();
  const ben = await tenant.user("approver", { name: "Ben" });
  const id = await aTask();
  await tenant.role("narrow", ["task.read", "task.claim", "task.complete"]);
  const takenBy: (string | null | undefined)[] = [];
  for (const recipient of [await tenant.user("approver"), await tenant.user("narrow", { roles: [] })]) {
    await manager.run(create, { input: { id, userId: (await verified(recipient)).id } });
    await ben.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id });
    const { taskByLink } = await anyone.run<{ taskByLink: { status: string; takenBy: string | null } | null }>(show, {
      token: await lastToken(recipient),
    });
    expect(taskByLink?.status).toBe("TAKEN");
    takenBy.push(taskByLink?.takenBy);
    await ben.run("mutation ($id: ID!) { releaseTask(input: { id: $id }) { task { id } } }", { id });
  }
  expect(takenBy).toEqual(["Ben", null]);
});

test("the email says which request the task is about, to recipients who can read the request", async () => {
  const { tenant, manager, olga } = await aTenant();
  await tenant.definition(
    definition("boiler", "{ roles: [approver] }")
      .replace("properties: {}", "properties: { summary: { type: string } }")
      .replace(
        "initial: review\nstates:",
        "initial: draft\nstates:\n  draft: { transitions: { submit: { to: review }, cancel: { to: done } } }",
      ),
  );
  const run = <T>(query: string, input: object) => tenant.admin.run<T>(query, { input });
  await run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", {
    key: "boiler",
    name: "Boiler",
    definitionKey: "boiler",
    numberPrefix: "BO",
    fields: ["summary"],
  });
  const { createRequest } = await run<{ createRequest: { request: { id: string; number: string } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id number } } }",
    { typeKey: "boiler", data: { summary: "The boiler\nis cold" } },
  );
  const { submitRequest } = await run<{ submitRequest: { request: { workflow: { tasks: { id: string }[] } } } }>(
    "mutation ($input: KeyedVersionedIdInput!) { submitRequest(input: $input) { request { workflow { tasks { id } } } } }",
    { id: createRequest.request.id },
  );
  const id = submitRequest.request.workflow.tasks[0]?.id;
  await tenant.role("narrow", ["task.read", "task.claim", "task.complete"]);
  const nils = await verified(await tenant.user("narrow"));
  for (const { id: userId } of [olga, nils]) await manager.run(create, { input: { id, userId } });
  const textTo = async ({ login }: TestUser) => (await tenant.mails(login)).at(-1)?.text;
  expect(await textTo(olga)).toContain(`> Check the roof · ${createRequest.request.number}, The boiler is cold\n`);
  expect(await textTo(nils)).not.toMatch(/boiler is cold|BO-/);
});

test("an API key sends no link to its own user, whose rights it does not have, but to others", async () => {
  const { manager, olga, aTask } = await aTenant();
  const id = await aTask();
  const program = await userWithKey(manager, ["task.read", "task.claim", "task.assign"]);
  expect(await program.refusal(create, { input: { id } })).toBe("FORBIDDEN");
  expect(await program.run(create, { input: { id, userId: olga.id } })).toHaveProperty("createTaskLink.expiresAt");
});

test("links are deleted a month after they expire, used or not", async () => {
  const { tenant, olga, aTask } = await aTenant();
  await olga.run(create, { input: { id: await aTask() } });
  await owner`insert into workflows.task_links (tenant_id, id, task_id, user_id, email_hash, created_by, created_at, expires_at, used_at)
    select l.tenant_id, gen_random_uuid(), l.task_id, l.user_id, days::text, l.created_by, l.created_at, now() - make_interval(days => days), now()
      from workflows.task_links l, unnest(array[29, 31, 32]) days where l.tenant_id = ${tenant.id}`;
  const forget = (limit: number) =>
    asTenant(weft.weft.services.databases.worker, { tenantId: tenant.id }, "write", (tx) => pastLinks.deleteSome(tx, limit, tenant.id));
  expect([await forget(1), await forget(9), await forget(9)]).toEqual([1, 1, 0]);
  const left = await owner`select used_at is null as waits from workflows.task_links where tenant_id = ${tenant.id} order by 1`;
  expect(left.map(({ waits }) => waits as boolean)).toEqual([false, true]);
});

test("a link is invalid if it is forged, or if its user lost the permission, the email or the account", async () => {
  const { tenant, manager, olga, aTask, lastToken } = await aTenant();
  const id = await aTask();
  await olga.run(create, { input: { id } });
  const token = await lastToken(olga);
  for (const forged of ["", "wtl_", `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`, token.replace("wtl_", "win_")])
    expect(await byLink({ token: forged, transition: "approve" })).toBe("UNAUTHENTICATED");
  const update = (input: object) =>
    tenant.admin.run("mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
      input: { id: olga.id, ...input },
    });
  const { roles } = await tenant.admin.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
    "{ roles(first: 50) { edges { node { id key } } } }",
  );
  const role = (key: string) => ({ roleIds: roles.edges.filter(({ node }) => node.key === key).map(({ node }) => node.id) });
  await update(role("viewer"));
  expect(await byLink({ token, transition: "approve" })).toBe("NOT_FOUND");
  await update(role("approver"));
  await update({ email: `other-${olga.login}` });
  expect(await byLink({ token, transition: "approve" })).toBe("UNAUTHENTICATED");
  const ben = await verified(await tenant.user("approver"));
  await manager.run(create, { input: { id, userId: ben.id } });
  const his = await lastToken(ben);
  await tenant.admin.run("mutation ($input: VersionedIdInput!) { deactivateUser(input: $input) { user { id } } }", {
    input: { id: ben.id },
  });
  expect(await byLink({ token: his, transition: "approve" })).toBe("UNAUTHENTICATED");
  expect(await manager.run(read, { id })).toMatchObject({ task: { status: "OPEN" } });
});

test("a new link invalidates the earlier link of that user only; an expired link is invalid", async () => {
  const { tenant, manager, olga, aTask, lastToken } = await aTenant();
  const ben = await verified(await tenant.user("approver"));
  const id = await aTask();
  await manager.run(create, { input: { id, userId: ben.id } });
  const his = await lastToken(ben);
  await olga.run(create, { input: { id } });
  const before = await lastToken(olga);
  // Only one email per minute is sent to an address.
  await owner`update app.mails set created_at = created_at - interval '2 minutes' where tenant_id = ${tenant.id}`;
  await olga.run(create, { input: { id } });
  const after = await lastToken(olga);
  expect(after).not.toBe(before);
  expect(await byLink({ token: before, transition: "approve" })).toBe("UNAUTHENTICATED");
  await owner`update workflows.task_links set expires_at = now() - interval '1 second' where user_id = ${decodeId("user", olga.id)}`;
  expect(await byLink({ token: after, transition: "approve" })).toBe("UNAUTHENTICATED");
  expect(await byLink({ token: his, transition: "approve" })).toBe("done");
});

test("a link that was sent before the work reached a four-eyes decision cannot be used for that decision", async () => {
  const { tenant, manager, olga, lastToken } = await aTenant();
  await tenant.definition(`weft: 1
key: later
name: Later
data: { type: object, properties: {} }
initial: open
states:
  open:
    onEntry: [{ openTask: { name: look, title: Look, lifetime: instance, candidates: { roles: [approver] } } }]
    transitions: { ask: { to: decision } }
  decision: { transitions: { approve: { to: done, allow: { roles: [approver], notSameAs: owner } } } }
  done: { final: completed }
`);
  const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { id: string; tasks: { id: string }[] } } }>(start, {
    input: { definitionKey: "later", data: {} },
  });
  const { id: instanceId, tasks } = startWorkflow.instance;
  await olga.run(create, { input: { id: tasks[0]?.id ?? "" } });
  const token = await lastToken(olga);
  await manager.run('mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "ask" }) { instance { id } } }', {
    id: instanceId,
  });
  expect(await byLink({ token, transition: "approve" })).toBe("TRANSITION_REJECTED");
});

test("a user who changes another user's email does not receive that user's links: links requested by others are sent once the email is verified", async () => {
  const { tenant, olga, aTask } = await aTenant();
  const id = await aTask();
  await tenant.admin.run("mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
    input: { id: olga.id, email: `mine-${olga.login}` },
  });
  expect(await tenant.admin.refusal(create, { input: { id, userId: olga.id } })).toBe("BAD_USER_INPUT");
  expect(await tenant.mails(`mine-${olga.login}`)).toEqual([]);
  await verified(olga);
  await tenant.admin.run(create, { input: { id, userId: olga.id } });
  expect(await tenant.mails(`mine-${olga.login}`)).toHaveLength(1);
});

test("links are created for oneself, or by users who can assign all tasks; not for four-eyes decisions, nor for a vendor's users", async () => {
  const { tenant, manager, olga, aTask } = await aTenant(
    "{ roles: [approver], any: [{ roles: [approver] }, { owner: true }], notSameAs: owner }",
  );
  const id = await aTask();
  const code = async (who: TestUser, input: object) => who.refusal(create, { input: { id, ...input } });
  expect(await code(olga, { userId: manager.id })).toBe("FORBIDDEN");
  expect(await code(olga, {})).toBe("TRANSITION_REJECTED");
  expect(await code(olga, { hours: 0 })).toBe("BAD_USER_INPUT");
  const plain = await aTenant();
  const open = await plain.aTask();
  const strangers = [olga.id, (await plain.tenant.vendor()).user.id];
  for (const userId of strangers) expect(await plain.manager.refusal(create, { input: { id: open, userId } })).toBe("BAD_USER_INPUT");
  expect(await tenant.admin.refusal(create, { input: { id: open } })).toBe("NOT_FOUND");
});

test("a user with a second factor gets no link, and earlier links end, because a link would bypass it", async () => {
  const { manager, olga, aTask, lastToken } = await aTenant();
  const id = await aTask();
  await olga.run(create, { input: { id } });
  const token = await lastToken(olga);
  await enrolTotp(olga);
  expect(await byLink({ token, transition: "approve" })).toBe("UNAUTHENTICATED");
  expect((await olga.refused(create, { input: { id } })).message).toContain("second factor");
  expect(await manager.refusal(create, { input: { id, userId: olga.id } })).toBe("BAD_USER_INPUT");
});

test("a user whose role requires a second factor gets no link, and earlier links end", async () => {
  const { tenant, manager, olga, aTask, lastToken } = await aTenant();
  const id = await aTask();
  await olga.run(create, { input: { id } });
  const token = await lastToken(olga);
  const { roles } = await tenant.admin.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
    "{ roles(first: 50) { edges { node { id key } } } }",
  );
  await tenant.admin.run("mutation ($id: ID!) { updateRole(input: { id: $id, requiresSecondFactor: true }) { role { id } } }", {
    id: roles.edges.find(({ node }) => node.key === "approver")?.node.id,
  });
  expect(await byLink({ token, transition: "approve" })).toBe("UNAUTHENTICATED");
  expect((await manager.refused(create, { input: { id, userId: olga.id } })).message).toContain("second factor");
});

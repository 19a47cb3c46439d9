import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { parse } from "graphql";
import type { ObjectTypeDefinitionNode } from "graphql";
import { ArgsType, Field, ID, ObjectType, Query, Resolver } from "type-graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NotFound } from "@weft/shared/errors";
import { encodeId, newId } from "@weft/shared/ids";
import { aCall, aViewer } from "@weft/shared/testing";
import type { Viewer } from "@weft/shared/viewer";
import { asTenant } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { servicesWithoutDatabase } from "@weft/platform/testing";
import { Allow } from "../rules/allow.js";
import { anyone, can, inherit } from "../rules/rules.js";
import { defineSubgraph } from "../subgraph/define-subgraph.js";
import { eventCursors } from "./event-cursors.js";
import { cursorOf, liveField } from "./live-field.js";

@Allow(inherit)
@ObjectType("RequestChanged")
class RequestChanged {
  @Field(() => String)
  cursor!: string;

  @Field(() => String)
  change!: string;
}

@ArgsType()
class RequestChangedArgs {
  @Field(() => ID, { nullable: true })
  id?: string | null;
}

@Resolver()
class NothingResolver {
  @Query(() => Boolean)
  @Allow(anyone)
  nothing(): boolean {
    return true;
  }
}

const foreign = encodeId("request", newId());
const live = defineSubgraph({
  name: "live",
  resolvers: [
    NothingResolver,
    liveField<RequestChangedArgs, RequestChanged>({
      name: "requestChanged",
      type: () => RequestChanged,
      args: RequestChangedArgs,
      rule: can("request.read"),
      description: "A request was created or changed.",
      resolve: (ctx, { id }, event) => {
        if (id === foreign) throw new NotFound("Request", id);
        return Promise.resolve(event && { cursor: cursorOf(ctx, event), change: event.type });
      },
    }),
  ],
});

let bare: BareDatabase;
let meta: WriteMeta;
const services = servicesWithoutDatabase();
const request = newId();
beforeAll(async () => {
  bare = await openBareDatabase();
  Object.assign(services, { databases: bare.databases });
  meta = await bare.tenant();
  const vendor = newId();
  await asTenant(bare.databases.app, { tenantId: meta.tenantId }, "write", (tx) =>
    appendEvents(tx, meta, [
      { type: "request.updated", subjectId: request, subjectVersion: 2, payload: { changed: ["data"] }, related: {} },
      { type: "vendor.updated", subjectId: vendor, subjectVersion: 2, payload: { changed: ["name"] } },
    ]),
  );
  // Does the work of the relay.
  const rows = await bare.owner`select id, type from events.log where tenant_id = ${meta.tenantId} order by type`;
  for (const [at, row] of rows.entries())
    await bare.owner`insert into events.positions ${bare.owner({ tenant_id: meta.tenantId, position: at + 1, event_id: row["id"] as string })}`;
});
afterAll(() => bare.close());

const cursors = eventCursors(services.keys);
function ask(args: string, permissions: Viewer["permissions"] = { "request.read": ["TENANT"] }) {
  const viewer = aViewer({ tenantId: meta.tenantId, permissions });
  return live.execute({ services, call: aCall(viewer), query: `{ requestChanged${args} { cursor change } }` });
}

test("the subscription and its mirror have one type; the mirror takes `at`, and the subscription takes `after`", () => {
  const fieldOf = (root: string) => {
    const type = parse(live.sdl).definitions.find(
      (node): node is ObjectTypeDefinitionNode => node.kind === "ObjectTypeDefinition" && node.name.value === root,
    );
    return type?.fields
      ?.find(({ name }) => name.value === "requestChanged")
      ?.arguments?.map(({ name }) => name.value)
      .toSorted();
  };
  expect(fieldOf("Query")).toEqual(["at", "id"]);
  expect(fieldOf("Subscription")).toEqual(["after", "id"]);
  expect(live.sdl).toMatch(/requestChanged\([^)]*\): RequestChanged!/);
  const rules = live.rules.filter(({ field }) => field === "requestChanged").map(({ type, rule }) => [type, rule.label]);
  expect(rules).toEqual([
    ["Query", "can(request.read)"],
    ["Subscription", "can(request.read)"],
  ]);
});

test("without a cursor only access and arguments are checked", async () => {
  expect(await ask("")).toEqual({ data: { requestChanged: null } });
  expect((await ask(`(id: "${foreign}")`)).errors?.[0]?.extensions?.["code"]).toBe("NOT_FOUND");
  expect((await ask("", {})).errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
});

test("the cursor of an event returns its payload if the event belongs to the field and matches the arguments", async () => {
  const at = cursors.encode(meta.tenantId, 1);
  const payload = { data: { requestChanged: { cursor: at, change: "request.updated" } } };
  expect(await ask(`(at: "${at}")`)).toEqual(payload);
  expect(await ask(`(at: "${at}", id: "${encodeId("request", request)}")`)).toEqual(payload);
  expect(await ask(`(at: "${at}", id: "${encodeId("request", newId())}")`)).toEqual({ data: { requestChanged: null } });
  for (const position of [2, 3])
    expect(await ask(`(at: "${cursors.encode(meta.tenantId, position)}")`)).toEqual({ data: { requestChanged: null } });
});

test("an invalid cursor, or a cursor of another tenant, causes BAD_USER_INPUT on `at`", async () => {
  for (const at of ["nonsense", cursors.encode(newId(), 1)]) {
    const { errors } = await ask(`(at: "${at}")`);
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "at" }] });
  }
});

test("only the gateway can call the mirror of a subscription that shows events", () => {
  expect(live.sdl).toMatch(/^ {2}requestChanged\([^]*?\): RequestChanged @inaccessible @tag\(name: "internal"\)$/m);
  expect(live.sdl).toMatch(/^ {2}requestChanged\([^]*?\): RequestChanged!$/m);
});
